using CsCheck;
using PandaNas.Sampling;

namespace PandaNas.Tests.Sampling;

public sealed class DataSamplerTests
{
    private static readonly Gen<float> Importance = Gen.OneOf(
        Gen.Float[0, 1.4f], Gen.Const(0f), Gen.Const(float.NaN), Gen.Const(float.PositiveInfinity), Gen.Const(float.MaxValue),
        Gen.Const(float.Epsilon));

    [Fact]
    public void FirstEpoch_TakesEveryExampleOnceInRandomOrder()
    {
        IDataSampler[] samplers = [new ImportanceDataSampler(50, progress => progress), new UniformDataSampler(50)];
        foreach (IDataSampler sampler in samplers)
        {
            var random = RandomStream.Derive(1, "data");
            int[] first = sampler.EpochOrder(random), second = sampler.EpochOrder(random);
            Assert.Equal(Enumerable.Range(0, 50), first.Order());
            Assert.Equal(Enumerable.Range(0, 50), second.Order());
            Assert.NotEqual(first, second);
        }
    }

    [Fact]
    public void LaterEpochs_FollowTheDistribution()
    {
        const int Count = 10;
        var sampler = new ImportanceDataSampler(Count, _ => 0.7);
        int[] all = [.. Enumerable.Range(0, Count)];
        sampler.Observe(all, [.. all.Select(i => (float)i)]);
        sampler.EndEpoch(0.5);
        double[] expected = [.. all.Select(i => 0.7 * i / 45 + 0.3 / Count)];
        for (int i = 0; i < Count; i++) Assert.Equal(expected[i], sampler.Probabilities[i], 1e-12);

        var random = RandomStream.Derive(2, "data");
        var counts = new int[Count];
        for (int epoch = 0; epoch < 5_000; epoch++)
        {
            int[] order = sampler.EpochOrder(random);
            Assert.Equal(Count, order.Length);
            foreach (int example in order) counts[example]++;
        }
        ChiSquare.AssertFits(counts, expected);
    }

    [Fact]
    public void ExamplesOfProbabilityZero_AreNeverDrawn()
    {
        var sampler = new ImportanceDataSampler(6, _ => 1);
        sampler.Observe([1, 4], [1f, 3f]);
        sampler.EndEpoch(1);
        var random = RandomStream.Derive(3, "data");
        var counts = new int[6];
        for (int epoch = 0; epoch < 5_000; epoch++)
            foreach (int example in sampler.EpochOrder(random)) counts[example]++;
        ChiSquare.AssertFits(counts, [0, 1, 0, 0, 3, 0]);
    }

    [Fact]
    public void RunningImportance_StartsAtTheFirstAndIsHalvedTowardsLaterOnes()
    {
        var sampler = new ImportanceDataSampler(4, progress => progress / 2);
        sampler.Observe([0, 2], [1f, 0.5f]);
        sampler.Observe([0, 0, 3], [0.5f, 0.25f, 1f]);
        // g: ((1 + 0.5)/2 + 0.25)/2 = 0.5, unseen 0, 0.5, 1.
        Assert.Equal([0.5, 0, 0.5, 1], sampler.Save().Values["running_importances"]);
        sampler.EndEpoch(0.8);
        double[] expected = [0.15 + 0.4 * 0.25, 0.15, 0.15 + 0.4 * 0.25, 0.15 + 0.4 * 0.5];
        for (int i = 0; i < 4; i++) Assert.Equal(expected[i], sampler.Probabilities[i], 1e-12);
        Assert.Equal([0, 0, 0, 0], sampler.Save().Values["running_importances"]);
        sampler.EndEpoch(1);
        for (int i = 0; i < 4; i++) Assert.Equal(0.25, sampler.Probabilities[i], 1e-12);
    }

    [Fact]
    public void Probabilities_AreADistributionAfterEveryEpoch() =>
        Gen.Select(Importance.Array[7].Array[0, 6], Gen.Double[0, 1], Gen.Long).Sample((epochs, confidence, seed) =>
        {
            var sampler = new ImportanceDataSampler(7, _ => confidence);
            var random = RandomStream.Derive(seed, "data");
            foreach (float[] importances in epochs)
            {
                int[] order = sampler.EpochOrder(random);
                Assert.Equal(7, order.Length);
                Assert.All(order, example => Assert.InRange(example, 0, 6));
                sampler.Observe(order, importances);
                sampler.EndEpoch(0.5);
                double[] probabilities = sampler.Probabilities.ToArray();
                Assert.Equal(1, probabilities.Sum(), 1e-9);
                Assert.All(probabilities, probability => Assert.True(probability >= 0));
            }
        });

    [Fact]
    public void RestoredSampler_GoesOnIdentically()
    {
        foreach (bool first in new[] { true, false })
        {
            var sampler = new ImportanceDataSampler(5, progress => progress);
            if (!first)
            {
                sampler.Observe([0, 1, 2], [1f, 2f, 3f]);
                sampler.EndEpoch(0.5);
            }
            sampler.Observe([3, 4], [0.5f, 1f]);
            var restored = new ImportanceDataSampler(5, progress => progress);
            restored.Restore(sampler.Save());
            RandomStream one = RandomStream.Derive(1, "d"), other = RandomStream.Derive(1, "d");
            Assert.Equal(sampler.EpochOrder(one), restored.EpochOrder(other));
            sampler.EndEpoch(0.7);
            restored.EndEpoch(0.7);
            Assert.Equal(sampler.EpochOrder(one), restored.EpochOrder(other));
            Assert.Equal(sampler.Probabilities.ToArray(), restored.Probabilities.ToArray());
        }
    }

    [Fact]
    public void BadStates_AreRefused()
    {
        var sampler = new ImportanceDataSampler(5, progress => progress);
        SamplerState smaller = new ImportanceDataSampler(4, progress => progress).Save();
        Assert.Throws<BadDataException>(() => sampler.Restore(smaller));
        Assert.Throws<BadDataException>(() => sampler.Restore(SamplerState.Empty));
        SamplerState With(double[] probabilities, double[] running) =>
            SamplerState.Of(("probabilities", probabilities), ("running_importances", running), ("first_epoch", [0]));
        double[] fine = [0.2, 0.2, 0.2, 0.2, 0.2];
        Assert.Throws<BadDataException>(() => sampler.Restore(With([0, 0, 0, 0, 0], fine)));
        Assert.Throws<BadDataException>(() => sampler.Restore(With([0.2, 0.2, 0.2, 0.6, -0.2], fine)));
        Assert.Throws<BadDataException>(() => sampler.Restore(With(fine, [0, 0, 0, 0, -1])));
        Assert.Equal(fine, sampler.Probabilities.ToArray());
        IDataSampler uniform = new UniformDataSampler(5);
        uniform.Restore(uniform.Save());
    }
}
