using PandaNas.Data.Batches;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Tests.Golden;
using PandaNas.Tests.Spaces;
using PandaNas.Training;
using TorchSharp;
using static PandaNas.Tests.Training.TinyTraining;
using static TorchSharp.torch;

namespace PandaNas.Tests.Training;

public sealed class GradientVarianceTests
{
    private const long Seed = 4;
    private const int BatchSize = 3;

    private static readonly PathDistribution Skewed = Distribution([0.6, 0.3, 0.1], [0.2, 0.8]);
    private static readonly double[] SkewedExamples = new SkewedDataSampler(Examples).Probabilities.ToArray();
    private static readonly double[] UniformExamples = [.. Enumerable.Repeat(1.0 / Examples, Examples)];

    // All gradients kept, and the definition applied to them.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Variance_IsThatOfTheGradientsTakenTogether(bool uniformData)
    {
        const int Samples = 50;
        double[] examples = uniformData ? UniformExamples : SkewedExamples;
        using ImageSet images = RandomImages();
        using var network = new AdditiveNetwork(192, 3, 3, 2);
        GradientVariances found = Estimator(network, images).Estimate(
            Skewed, examples, Samples, Seed, "test", TestContext.Current.CancellationToken);

        List<double[][]> raw = [], corrected = [];
        double weights = 0, squares = 0;
        RandomStream paths = RandomStream.Derive(Seed, "test-paths");
        RandomStream data = RandomStream.Derive(Seed, "test-data");
        RandomStream augmentation = RandomStream.Derive(Seed, "test-augmentation");
        BatchMaker batches = Batches(images);
        for (int sample = 0; sample < Samples; sample++)
        {
            Architecture path = Skewed.Draw(paths);
            int[] drawn = [.. Enumerable.Range(0, BatchSize).Select(_ => new AliasTable(examples).Draw(data))];
            using Batch batch = batches.Make(drawn, augmentation, CPU);
            double weight = 1.0 / 6 / (Skewed.Probability(0, path[0]) * Skewed.Probability(1, path[1]));
            weights += weight;
            squares += weight * weight;
            raw.Add(Gradient(network, path, batch, [.. drawn.Select(_ => 1f)], 1));
            corrected.Add(
                Gradient(network, path, batch, [.. drawn.Select(example => (float)(1 / (Examples * examples[example])))], weight));
        }
        AssertIsVarianceOf(raw, network, found.Raw);
        AssertIsVarianceOf(corrected, network, found.Corrected!);
        Assert.Equal(weights * weights / squares, found.PathEffectiveSamples!.Value, 1e-9);
        Assert.Equal(["shared", "op0", "op1", "op2"], found.Raw.Groups.Select(group => group.Name));
        Assert.Equal(found.Raw.Total.Variance, found.Raw.Groups.Sum(group => group.Estimate.Variance), 1e-9);
        Assert.Equal(found.Raw.Total.Variance, found.Raw.MeanSquaredNorm - found.Raw.SquaredMeanNorm, 1e-9);
    }

    // The mean of many importance-weighted gradients is the gradient over all paths and all data, within its standard error.
    [Fact]
    public void CorrectedGradients_AreUnbiasedAndRawOnesAreNot()
    {
        const int Samples = 3000;
        using ImageSet images = RandomImages();
        using var network = new AdditiveNetwork(192, 3, 3, 2);
        double[][] full = FullGradient(network, images);
        var groups = new ParameterGroups(network);
        Tensor[] weights = [.. network.Weights.Select(weight => weight.Tensor)];
        using BlockedMoments raw = new(weights, groups), corrected = new(weights, groups);
        Estimator(network, images, Augmentation.None).Accumulate(
            Skewed, SkewedExamples, Samples, Seed, "test", raw, corrected, TestContext.Current.CancellationToken);

        // In squared standard errors of the whole vector; 1 is expected of an unbiased mean.
        double SquaredErrors(BlockedMoments moments) => moments.Total.Sums
            .Select((sum, i) =>
                GoldenTensors.Values(sum).Zip(full[i], (total, expected) => Math.Pow(total / Samples - expected, 2)).Sum()).Sum()
            / (moments.Total.Variances.Sum() / Samples);
        Assert.InRange(SquaredErrors(corrected), 0.2, 2.5);
        double off = SquaredErrors(raw);
        Assert.True(off > 20, $"the uncorrected mean is only {off} squared standard errors off");
    }

    [Fact]
    public void Interval_CoversTheVarianceAboutAsOftenAsItSays()
    {
        const int Samples = 60, Runs = 60;
        using ImageSet images = RandomImages();
        using var network = new AdditiveNetwork(192, 3, 3, 2);
        GradientVarianceEstimator estimator = Estimator(network, images);
        VarianceEstimate Estimate(int run) => estimator.Estimate(
            Skewed, SkewedExamples, Samples, run, "test", TestContext.Current.CancellationToken).Raw.Total;
        VarianceEstimate[] estimates = [.. Enumerable.Range(0, Runs).Select(Estimate)];
        double truth = estimates.Average(estimate => estimate.Variance);
        Assert.All(estimates, estimate => Assert.InRange(estimate.Variance, estimate.Ci95.Lower, estimate.Ci95.Upper));
        int covered = estimates.Count(estimate => estimate.Ci95.Lower <= truth && truth <= estimate.Ci95.Upper);
        // 57 are expected; below 50 has a chance of one in a thousand.
        Assert.InRange(covered, 50, Runs);
        Assert.True(
            estimates.Average(estimate => estimate.Ci95.Upper - estimate.Ci95.Lower) < truth,
            "an interval of use is narrower than what it is about");
    }

    [Fact]
    public void SameSeed_GivesTheSameNumbersAndPairsShareDraws()
    {
        using ImageSet images = RandomImages();
        using var network = new AdditiveNetwork(192, 3, 3, 2);
        PathDistribution uniform = PathDistribution.Uniform(network.Space);
        GradientVarianceEstimator estimator = Estimator(network, images);
        GradientVariances Measure(long seed, string purpose) => estimator.Estimate(
            uniform, UniformExamples, 40, seed, purpose, TestContext.Current.CancellationToken);
        double one = Measure(1, "test").Raw.Total.Variance;
        Assert.Equal(one, Measure(1, "test").Raw.Total.Variance);
        Assert.NotEqual(one, Measure(2, "test").Raw.Total.Variance);
        Assert.NotEqual(one, Measure(1, "other").Raw.Total.Variance);
        // Uniform sampling needs no correction.
        Assert.Equal(one, Measure(1, "test").Corrected!.Total.Variance, 1e-9);
        Assert.Equal(40, Measure(1, "test").PathEffectiveSamples!.Value, 1e-9);
    }

    [Fact]
    public void WhatIsNeverDrawn_LeavesTheCorrectionUndefined()
    {
        using ImageSet images = RandomImages();
        using var network = new AdditiveNetwork(192, 3, 3, 2);
        GradientVarianceEstimator estimator = Estimator(network, images);
        double[] part = [.. UniformExamples.Select((_, example) => example < 10 ? 0.1 : 0)];
        GradientVariances found = estimator.Estimate(Skewed, part, 40, Seed, "test", TestContext.Current.CancellationToken);
        Assert.True(found.Corrected is null && found.PathEffectiveSamples is null && found.Raw.Total.Variance > 0);
        PathDistribution partial = Distribution([1, 0, 1], [1, 1]);
        Assert.Null(
            estimator.Estimate(partial, UniformExamples, 40, Seed, "test", TestContext.Current.CancellationToken).Corrected);
    }

    // Counted on this thread, so that tests beside this one do not matter.
    [Fact]
    public void Memory_DoesNotDependOnTheSamples()
    {
        using ImageSet images = RandomImages();
        using var network = new AdditiveNetwork(192, 3, 3, 2);
        GradientVarianceEstimator estimator = Estimator(network, images);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        long Most(int samples)
        {
            long most = 0;
            estimator.Estimate(
                Skewed, SkewedExamples, samples, Seed, "test", TestContext.Current.CancellationToken,
                () => most = Math.Max(most, DisposeScopeManager.Statistics.ThreadTotalLiveCount - before));
            return most;
        }
        Assert.InRange(Most(40), 1, 60);
        Assert.Equal(Most(40), Most(800));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Measuring_LeavesTheNetworkAsItIs()
    {
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        byte[][] before = [.. network.State().Select(entry => Bytes(entry.Tensor))];
        PathDistribution uniform = PathDistribution.Uniform(network.Space);
        Estimator(network, images).Estimate(uniform, SkewedExamples, 40, Seed, "test", TestContext.Current.CancellationToken);
        Assert.Equal(before, network.State().Select(entry => Bytes(entry.Tensor)));
        Assert.All(network.Weights, weight => Assert.Null(weight.Tensor.grad));
    }

    // Over the paths of the network below.
    private static PathDistribution Distribution(params double[][] probabilities) =>
        PathDistribution.ByChoice(ToySpace.OfKinds(3, [0, 1, 2], [0, 1]), choice => probabilities[choice]);

    private static GradientVarianceEstimator Estimator(Network network, ImageSet images, Augmentation? augmentation = null) =>
        new(network, Batches(images, augmentation), BatchSize, CPU);

    private static BatchMaker Batches(ImageSet images, Augmentation? augmentation = null) =>
        new(images, ChannelStatistics.Of(images), augmentation ?? new Augmentation(CropPadding: 1, Flip: true));

    private static double[][] FullGradient(AdditiveNetwork network, ImageSet images)
    {
        using Batch all = Batches(images, Augmentation.None).Make(
            [.. Enumerable.Range(0, Examples)], RandomStream.Derive(0, "augmentation"), CPU);
        double[][] sum = [.. network.Weights.Select(weight => new double[weight.Tensor.NumberOfElements])];
        for (int one = 0; one < 3; one++)
            for (int other = 0; other < 2; other++)
            {
                double[][] gradient = Gradient(network, new Architecture([one, other]), all, [.. Enumerable.Repeat(1f, Examples)], 1.0 / 6);
                for (int i = 0; i < sum.Length; i++) sum[i] = [.. sum[i].Zip(gradient[i], (a, b) => a + b)];
            }
        return sum;
    }

    private static double[][] Gradient(Network network, Architecture path, Batch batch, float[] lossWeights, double factor)
    {
        using var scope = NewDisposeScope();
        Tensor losses = nn.functional.cross_entropy(
            network.Forward(batch.Images, path, training: true), batch.Labels, reduction: nn.Reduction.None);
        losses.mul(tensor(lossWeights)).mean().backward();
        return [.. network.Weights.Select(weight => Take(weight.Tensor, factor))];
    }

    private static double[] Take(Tensor weight, double factor)
    {
        if (weight.grad is not { } gradient) return new double[weight.NumberOfElements];
        weight.grad = null;
        return [.. GoldenTensors.Values(gradient).Select(value => factor * value)];
    }

    private static void AssertIsVarianceOf(List<double[][]> gradients, Network network, GradientVariance found)
    {
        var groups = new ParameterGroups(network);
        for (int group = 0; group < groups.Names.Length; group++)
        {
            double[][] vectors =
            [
                .. gradients
                    .Select(gradient => gradient.Where((_, weight) => groups.OfWeights[weight] == group).SelectMany(part => part).ToArray())
            ];
            double meanSquare = vectors.Average(vector => vector.Sum(value => value * value));
            double squaredMean = Enumerable.Range(0, vectors[0].Length).Sum(i => Math.Pow(vectors.Average(vector => vector[i]), 2));
            Assert.Equal(meanSquare - squaredMean, found.Groups[group].Estimate.Variance, 1e-6 * meanSquare);
        }
    }
}
