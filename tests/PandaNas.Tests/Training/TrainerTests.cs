using PandaNas.Data.Batches;
using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
using PandaNas.Training;
using TorchSharp;
using static PandaNas.Tests.Training.TinyTraining;
using static TorchSharp.torch;

namespace PandaNas.Tests.Training;

public sealed class TrainerTests
{
    private const int Seed = 5;
    private static readonly SupernetOptions Options = new() { Epochs = 3, BatchSize = 6 };

    public static TheoryData<string> Methods => [.. Catalog.Default.MethodNames];

    // A stop in the first, at the end of the first, in the second and in the last epoch of four steps each.
    [Theory]
    [MemberData(nameof(Methods))]
    public void RestoredTrainer_EndsWithTheSameBits(string method)
    {
        using ImageSet images = RandomImages();
        using Network whole = NewNetwork(0);
        using Trainer uninterrupted = NewTrainer(whole, images, method);
        RunToEnd(uninterrupted);
        foreach (int stopAfter in (int[])[1, 4, 6, 9])
        {
            using Network interrupted = NewNetwork(0), fresh = NewNetwork(1);
            using Trainer first = NewTrainer(interrupted, images, method);
            RunSteps(first, stopAfter);
            TrainerState captured = Copy(first.Capture());
            RunSteps(first, 1);
            using Trainer second = NewTrainer(fresh, images, method, seed: 77);
            second.Restore(captured, "test");
            AssertSame(captured, second.Capture());
            RunToEnd(second);

            AssertSame(uninterrupted.Capture(), second.Capture());
            foreach (Tensor tensor in captured.Tensors.Values) tensor.Dispose();
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    public void MeanOfTheLastEpochs_IsThatOfAnUninterruptedTraining(int epochs)
    {
        using ImageSet images = RandomImages();
        using Network whole = NewNetwork(0), interrupted = NewNetwork(0), fresh = NewNetwork(1), last = NewNetwork(0);
        SupernetOptions options = Options with { AverageEpochs = epochs };
        using Trainer uninterrupted = NewTrainer(whole, images, "spos", options), first = NewTrainer(interrupted, images, "spos", options);
        using Trainer second = NewTrainer(fresh, images, "spos", options), without = NewTrainer(last, images, "spos", Options);
        RunToEnd(uninterrupted);
        RunSteps(first, 6);
        second.Restore(first.Capture(), "test");
        RunToEnd(second);
        RunToEnd(without);
        foreach (Weight weight in last.Weights)
            Assert.Equal(Bytes(weight.Tensor), Bytes(whole.Weights.Single(one => one.Name == weight.Name).Tensor));
        uninterrupted.UseAverage();
        second.UseAverage();
        foreach ((Weight one, Weight other) in whole.Weights.Zip(fresh.Weights)) Assert.Equal(Bytes(one.Tensor), Bytes(other.Tensor));
        Assert.Contains(whole.Weights.Zip(last.Weights), pair => !Bytes(pair.First.Tensor).SequenceEqual(Bytes(pair.Second.Tensor)));
    }

    [Fact]
    public void Training_MovesSamplersAwayFromUniform()
    {
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        TrainingMethod panda = Catalog.Default.FindMethod("panda");
        IPathSampler paths = panda.Paths(Setting);
        IDataSampler data = panda.Data(Setting);
        using Trainer trainer = NewTrainer(network, images, paths, data, Options);
        trainer.RunEpoch(TestContext.Current.CancellationToken);
        Assert.Equal(1, trainer.PathProbabilities.Sum(), 1e-9);
        Assert.Contains(trainer.PathProbabilities, probability => Math.Abs(probability - 0.2) > 1e-3);
        Assert.Contains(data.Probabilities.ToArray(), probability => Math.Abs(probability - 1.0 / Examples) > 1e-4);
    }

    [Fact]
    public void Step_LeavesCandidatesOutsideItsPathAlone()
    {
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        using Trainer first = NewTrainer(network, images, Fixed(3, 3, 3, 3, 3, 3), new UniformDataSampler(Examples), Options);
        RunSteps(first, 3);
        TrainerState before = Copy(first.Capture());
        using Trainer second = NewTrainer(network, images, Fixed(2, 3, 1, 2, 0, 4), new UniformDataSampler(Examples), Options);
        second.Restore(before, "test");
        RunSteps(second, 1);
        TrainerState after = second.Capture();

        var path = new Architecture([2, 3, 1, 2, 0, 4]);
        int resting = 0;
        foreach (Weight weight in network.Weights)
        {
            string momentum = "momentum." + weight.Name;
            if (Network.Uses(path, weight))
            {
                // The edge 0->1 reaches the output through no other: all used weights that matter move.
                if (weight.IsShared) Assert.NotEqual(Bytes(before.Tensors[weight.Name]), Bytes(after.Tensors[weight.Name]));
                continue;
            }
            Assert.Equal(Bytes(before.Tensors[weight.Name]), Bytes(after.Tensors[weight.Name]));
            Assert.Equal(Bytes(before.Tensors[momentum]), Bytes(after.Tensors[momentum]));
            if (Bytes(before.Tensors[momentum]).Any(value => value != 0)) resting++;
        }
        Assert.True(resting >= 5, "the momentum of the first path's weights is not zero and rests");
        foreach (Tensor tensor in before.Tensors.Values) tensor.Dispose();
    }

    // Counted on this thread, so that tests beside this one do not matter.
    [Fact]
    public void LiveTensors_StayTheSameOverAThousandSteps()
    {
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        using Trainer trainer = NewTrainer(network, images, "panda", Options with { Epochs = 200, BatchSize = 4 });
        RunSteps(trainer, 5);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        RunSteps(trainer, 995);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        // The measure would have seen a leak.
        Tensor leaked = network.Weights[0].Tensor.detach();
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        leaked.Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    // Every step multiplies the weights by about -99.
    [Fact]
    public void Divergence_IsAFailedRun()
    {
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        using Trainer trainer = NewTrainer(
            network, images, "spos", Options with { Epochs = 20, LearningRate = 100, WeightDecay = 1, ClipNorm = 0 });
        Assert.Contains("diverged", Assert.Throws<DivergedException>(() => RunToEnd(trainer)).Message);
    }

    [Fact]
    public void LastBatchOfASingleExample_IsLeftOut()
    {
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        var data = new RecordingDataSampler(new UniformDataSampler(19));
        using Trainer trainer = NewTrainer(network, images, Fixed(3, 1, 3, 1, 1, 3), data, Options);
        int steps = 0;
        Assert.NotNull(trainer.RunEpoch(TestContext.Current.CancellationToken, () => steps++));
        Assert.Equal(3, steps);
        Assert.Equal(data.Order[..18], data.Observed);
    }

    [Fact]
    public void EveryOtherLastBatch_IsTrained()
    {
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        var data = new RecordingDataSampler(new UniformDataSampler(Examples));
        using Trainer trainer = NewTrainer(network, images, Fixed(3, 1, 3, 1, 1, 3), data, Options);
        trainer.RunEpoch(TestContext.Current.CancellationToken);
        Assert.Equal(data.Order, data.Observed);
    }

    // The first step of three trainings that differ in clipping only: it scales what is measured after it, and nothing before it.
    [Fact]
    public void PathNorms_AreMeasuredOnTheSideOfClippingThatIsAskedFor()
    {
        const double Limit = 0.05;
        double?[] free = FirstNorms(0, PathNormPoint.AfterClipping, out double total);
        Assert.True(total > 2 * Limit);
        double?[] before = FirstNorms(Limit, PathNormPoint.BeforeClipping, out _);
        double?[] after = FirstNorms(Limit, PathNormPoint.AfterClipping, out _);
        Assert.Equal(free, before);
        for (int choice = 0; choice < free.Length; choice++)
            Assert.Equal(free[choice]!.Value * Limit / (total + 1e-6), after[choice]!.Value, 1e-6 * Limit);
        // The fourth is none.
        Assert.Equal([true, true, true, false, true, true], free.Select(norm => norm > 0));
    }

    public static TheoryData<string, bool, bool> Corrections => new()
    {
        { "option", true, true },
        { "option", false, false },
        { "panda", false, false },
        { "panda", true, true },
        { "panda-corrected", false, true },
    };

    [Theory]
    [MemberData(nameof(Corrections))]
    public void ImportanceCorrection_MakesTheGradientUnbiased(string sampling, bool option, bool unbiased)
    {
        const int Runs = 300;
        using ImageSet images = RandomImages();
        double[] expected = LinearGradient(images, new UniformDataSampler(Examples), false, 0);
        var sums = new double[expected.Length];
        var squares = new double[expected.Length];
        for (int run = 0; run < Runs; run++)
        {
            double[] gradient = LinearGradient(images, Skewed(sampling), option, run);
            for (int i = 0; i < gradient.Length; i++)
            {
                sums[i] += gradient[i];
                squares[i] += gradient[i] * gradient[i];
            }
        }
        double furthest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double mean = sums[i] / Runs, error = Math.Sqrt((squares[i] / Runs - mean * mean) / Runs);
            furthest = Math.Max(furthest, Math.Abs(mean - expected[i]) / error);
        }
        // In standard errors, the largest of 576 weights.
        if (unbiased) Assert.InRange(furthest, 0, 5);
        else Assert.True(furthest > 10, $"the uncorrected mean is {furthest} standard errors off");
    }

    [Fact]
    public void Restore_RefusesTheStateOfAnotherNetworkOrMethodOrData()
    {
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        using Trainer trainer = NewTrainer(network, images, "spos");
        RunSteps(trainer, 2);
        TrainerState state = Copy(trainer.Capture());

        using Network wider = new NasBench201Family().Supernet(Small with { Channels = 5 }, CPU, RandomStream.Derive(0, "weights"));
        using Trainer ofAnother = NewTrainer(wider, images, "spos");
        Assert.Throws<BadDataException>(() => ofAnother.Restore(state, "test"));
        using Network deeper = new NasBench201Family().Supernet(Small with { Cells = 2 }, CPU, RandomStream.Derive(0, "weights"));
        using Trainer ofDeeper = NewTrainer(deeper, images, "spos");
        Assert.Throws<BadDataException>(() => ofDeeper.Restore(state, "test"));

        using Trainer panda = NewTrainer(network, images, "panda");
        Assert.Throws<BadDataException>(() => panda.Restore(state, "test"));
        using Trainer shorter = NewTrainer(network, images, Fixed(1, 1, 1, 1, 1, 1), new UniformDataSampler(Examples - 1), Options);
        Assert.Throws<BadDataException>(() => shorter.Restore(state, "test"));

        Assert.Throws<BadDataException>(() => trainer.Restore(state with { Epoch = 4 }, "test"));
        Assert.Throws<BadDataException>(() => trainer.Restore(state with { Position = -1 }, "test"));
        Assert.Throws<BadDataException>(() => trainer.Restore(state with { Order = state.Order.SetItem(0, Examples) }, "test"));
        Assert.Throws<BadDataException>(() => trainer.Restore(state with { RandomStreams = state.RandomStreams.Remove("data") }, "test"));
        Assert.Throws<BadDataException>(
            () => trainer.Restore(state with { RandomStreams = state.RandomStreams.SetItem("paths", "zz") }, "test"));
        trainer.Restore(state, "test");
        AssertSame(state, trainer.Capture());
        foreach (Tensor tensor in state.Tensors.Values) tensor.Dispose();
    }

    private static Trainer NewTrainer(Network network, ImageSet images, string method, SupernetOptions? options = null, long seed = Seed)
    {
        TrainingMethod found = Catalog.Default.FindMethod(method);
        // Tests that give training options of their own are of methods with the usual update.
        IUpdateRule? update = options is null ? found.Update(Setting, network) : null;
        return NewTrainer(network, images, found.Paths(Setting), found.Data(Setting), options ?? Options, seed, update);
    }

    private static Trainer NewTrainer(
        Network network, ImageSet images, IPathSampler paths, IDataSampler data, SupernetOptions options, long seed = Seed,
        IUpdateRule? update = null)
    {
        var batches = new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(CropPadding: 1, Flip: true));
        return new Trainer(network, batches, paths, data, options, seed, CPU, TimeProvider.System, update);
    }

    private static void RunToEnd(Trainer trainer)
    {
        while (!trainer.IsFinished) trainer.RunEpoch(TestContext.Current.CancellationToken);
    }

    // The captured tensors are the trainer's own.
    private static TrainerState Copy(TrainerState state) =>
        state with { Tensors = state.Tensors.ToDictionary(pair => pair.Key, pair => Copy(pair.Value)) };

    private static Tensor Copy(Tensor tensor)
    {
        using Tensor values = tensor.detach();
        return values.clone();
    }

    private static void AssertSame(TrainerState expected, TrainerState actual)
    {
        Assert.Equal(
            (expected.Epoch, expected.Position, expected.LossSum, expected.Correct, expected.Measured),
            (actual.Epoch, actual.Position, actual.LossSum, actual.Correct, actual.Measured));
        Assert.Equal(expected.Order.AsEnumerable(), actual.Order);
        Assert.Equal(expected.RandomStreams.AsEnumerable(), actual.RandomStreams);
        AssertSame(expected.Paths, actual.Paths);
        AssertSame(expected.Data, actual.Data);
        Assert.Equal(expected.Tensors.Keys.Order(), actual.Tensors.Keys.Order());
        foreach ((string name, Tensor tensor) in expected.Tensors)
            Assert.True(Bytes(tensor).AsSpan().SequenceEqual(Bytes(actual.Tensors[name])), $"tensor {name} differs");
    }

    private static void AssertSame(SamplerState expected, SamplerState actual)
    {
        Assert.Equal(expected.Values.Keys, actual.Values.Keys);
        foreach ((string name, double[] values) in expected.Values) Assert.Equal(values, actual.Values[name]);
    }

    private static double?[] FirstNorms(double clip, PathNormPoint point, out double total)
    {
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        var paths = new RecordingPathSampler(Fixed(3, 2, 3, 0, 2, 2));
        SupernetOptions options = Options with { ClipNorm = clip, PathNorms = point, Momentum = 0, WeightDecay = 0 };
        using Trainer trainer = NewTrainer(network, images, paths, new UniformDataSampler(Examples), options);
        RunSteps(trainer, 1);
        // Without momentum and decay the first step's velocity is the gradient, clipped.
        total = Math.Sqrt(trainer.Capture().Tensors.Where(pair => pair.Key.StartsWith("momentum.", StringComparison.Ordinal))
            .Sum(pair => Golden.GoldenTensors.Values(pair.Value).Sum(value => value * value)));
        return [.. Assert.Single(paths.Norms).AtChoices];
    }

    // A sampler of skewed data: the tests' own, or a method's in the state of a later epoch.
    private static IDataSampler Skewed(string sampling)
    {
        var skewed = new SkewedDataSampler(Examples);
        if (sampling == "option") return skewed;
        IDataSampler sampler = Catalog.Default.FindMethod(sampling).Data(Setting);
        sampler.Restore(SamplerState.Of(
            ("probabilities", skewed.Probabilities.ToArray()), ("running_importances", new double[Examples]), ("first_epoch", [0])));
        return sampler;
    }

    /// <summary>The gradient of one step over a whole epoch at zero weights, where it is linear in the examples.</summary>
    private static double[] LinearGradient(ImageSet images, IDataSampler data, bool corrected, long seed)
    {
        using var network = new LinearNetwork(3 * 8 * 8, 3);
        var batches = new BatchMaker(images, ChannelStatistics.Of(images), Augmentation.None);
        var options = new SupernetOptions
        {
            Epochs = 1,
            BatchSize = Examples,
            LearningRate = 1,
            Momentum = 0,
            WeightDecay = 0,
            ClipNorm = 0,
            ImportanceCorrection = corrected,
        };
        using var trainer = new Trainer(
            network, batches, new FixedPathSampler(network.Space, network.Space.At(0)), data, options, seed, CPU, TimeProvider.System);
        trainer.RunEpoch(TestContext.Current.CancellationToken);
        return [.. Golden.GoldenTensors.Values(network.Weights[0].Tensor).Select(value => -value)];
    }

    private sealed class RecordingDataSampler(IDataSampler inner) : IDataSampler
    {
        public List<int> Observed { get; } = [];

        public int[] Order { get; private set; } = [];

        public ReadOnlySpan<double> Probabilities => inner.Probabilities;

        public bool NeedsImportance => true;

        public int[] EpochOrder(RandomStream random) => Order = inner.EpochOrder(random);

        public void Observe(ReadOnlySpan<int> examples, ReadOnlySpan<float> importances)
        {
            Assert.Equal(examples.Length, importances.Length);
            Observed.AddRange(examples);
        }

        public void EndEpoch(double progress) => inner.EndEpoch(progress);

        public SamplerState Save() => inner.Save();

        public void Restore(SamplerState state) => inner.Restore(state);
    }
}
