using PandaNas.Data.Batches;
using PandaNas.Experiments.Options;
using PandaNas.Optimization;
using PandaNas.Ranking;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.ProxylessNas;
using PandaNas.Tests.Golden;
using PandaNas.Tests.Spaces;
using PandaNas.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Tests.Training;

/// <summary>What retraining in the large spaces uses, and every space can: each against its definition.</summary>
public sealed class TrainingRegularisationTests
{
    private static readonly Architecture Path = ProxylessNasSpace.Instance.At(123_456_789_012);
    private static readonly NetworkOptions Small = new(3, 8, 3, 0, 0) { Widths = [4, 4, 4, 4, 4, 4, 4, 4, 6], Stem = Stem.Small };

    [Fact]
    public void LabelSmoothing_IsTheCrossEntropyAgainstSmoothedLabels()
    {
        using var scope = NewDisposeScope();
        Tensor logits = tensor(new float[,] { { 1, 2, -1 }, { 0.5f, 0, 3 } }), labels = tensor(new long[] { 1, 0 });
        const double Smoothing = 0.3;
        double[] p = GoldenTensors.Values(functional.log_softmax(logits, 1));
        double OfRow(int label, int row) =>
            -Enumerable.Range(0, 3).Sum(c => p[3 * row + c] * (Smoothing / 3 + (c == label ? 1 - Smoothing : 0)));
        double[] expected = [OfRow(1, 0), OfRow(0, 1)];
        var loss = new TrainingLoss(Smoothing);
        Assert.Equal(expected.Average(), loss.Of(new TrainingOutput(logits, null), labels, null).item<float>(), 1e-5);
        Assert.Equal((2 * expected[0] + expected[1]) / 2, loss.Of(new TrainingOutput(logits, null), labels, [2, 1]).item<float>(), 1e-5);
    }

    [Fact]
    public void AuxiliaryLoss_IsAddedWithItsWeight()
    {
        using var scope = NewDisposeScope();
        var random = new Generator(1);
        Tensor logits = randn([4, 3], generator: random), auxiliary = randn([4, 3], generator: random);
        Tensor labels = tensor(new long[] { 1, 0, 2, 2 });
        double expected = functional.cross_entropy(logits, labels).item<float>()
            + 0.4 * functional.cross_entropy(auxiliary, labels).item<float>();
        Assert.Equal(expected, new TrainingLoss(0, 0.4).Of(new TrainingOutput(logits, auxiliary), labels, null).item<float>(), 1e-5);
    }

    [Fact]
    public void DropPath_DropsWholeExamplesAndKeepsTheMean()
    {
        using var scope = NewDisposeScope();
        using var computation = new TensorComputation(
            training: true, float.PositiveInfinity, new DropPath(0.25, RandomStream.Derive(1, "test")));
        Tensor dropped = Assert.Single(computation.Droppable([new Term<Tensor>(ones(4_000, 2, 3, 1))])).Value;
        double[] examples = GoldenTensors.Values(dropped.mean([1, 2, 3]));
        Assert.All(examples, value => Assert.True(value == 0 || Math.Abs(value - 4 / 3.0) < 1e-6));
        Assert.InRange(examples.Count(value => value == 0), 880, 1_120);
        using var plain = new TensorComputation(training: true, float.PositiveInfinity, DropPath.None);
        Term<Tensor>[] branch = [new(ones(2, 2, 2, 2))];
        Assert.Same(branch, plain.Droppable(branch));
    }

    [Fact]
    public void DropPath_LeavesOnlyResidualBranchesOut()
    {
        using var scope = NewDisposeScope();
        using var network = new ProxylessNasFamily().Standalone(Small, Path, CPU, RandomStream.Derive(0, "weights"));
        Tensor images = randn([6, 3, 8, 8], generator: new Generator(1));
        Tensor exact = network.ForwardTraining(images, Path, DropPath.None).Logits;
        Tensor random = network.ForwardTraining(images, Path, new DropPath(0.5, RandomStream.Derive(1, "drop"))).Logits;
        Assert.True(exact.isfinite().all().item<bool>() && random.isfinite().all().item<bool>());
        Assert.False(exact.allclose(random));
    }

    [Fact]
    public void WarmUp_RisesAndThenFollowsTheCosine()
    {
        Assert.Equal([0.25, 0.5, 0.75, 1], Enumerable.Range(0, 4).Select(epoch => Schedules.CosineAfterWarmUp(epoch, 3, 10)));
        for (int epoch = 0; epoch < 10; epoch++) Assert.Equal(Schedules.Cosine(epoch / 10.0), Schedules.CosineAfterWarmUp(epoch, 0, 10));
        Assert.Equal(Schedules.Cosine(6 / 7.0), Schedules.CosineAfterWarmUp(9, 3, 10));
    }

    [Fact]
    public void ExemptWeights_DoNotDecay()
    {
        using var scope = NewDisposeScope();
        Tensor matrix = ones(2, 2), vector = ones(3);
        using var optimizer = new MomentumSgd([matrix, vector], new SgdOptions(0, 0.5, ExemptNorms: true));
        optimizer.Step([zeros(2, 2), zeros(3)], 0.1);
        Assert.All(GoldenTensors.Values(matrix), value => Assert.Equal(0.95, value, 1e-6));
        Assert.All(GoldenTensors.Values(vector), value => Assert.Equal(1, value));
    }

    [Fact]
    public void Average_FollowsItsDefinitionAndIsGivenToTheNetwork()
    {
        using var network = new OneWeight(new WeightStore(CPU, RandomStream.Derive(0, "weights")));
        using var average = new WeightAverage(network);
        double expected = 1;
        for (int step = 0; step < 200; step++)
        {
            using (no_grad()) network.Weights[0].Tensor.fill_(Number.Of(step));
            average.Update(WeightAverage.ExponentialShare(0.9, step));
            double decay = Math.Min(0.9, (1.0 + step) / (10 + step));
            expected = decay * expected + (1 - decay) * step;
        }
        average.Use();
        Assert.Equal(expected, GoldenTensors.Values(network.Weights[0].Tensor)[0], 1e-3);
    }

    [Fact]
    public void Mean_IsOfTheStepsFromTheFirstOn()
    {
        using var network = new OneWeight(new WeightStore(CPU, RandomStream.Derive(0, "weights")));
        using var average = new WeightAverage(network);
        for (int step = 0; step < 20; step++)
        {
            using (no_grad()) network.Weights[0].Tensor.fill_(Number.Of(step * step));
            average.Update(WeightAverage.EqualShare(15, step));
        }
        average.Use();
        Assert.Equal((225 + 256 + 289 + 324 + 361) / 5.0, GoldenTensors.Values(network.Weights[0].Tensor)[0], 1e-3);
    }

    [Fact]
    public void TrainingWithEverythingOn_ResumesWithTheSameBits()
    {
        using ImageSet images = RandomImages();
        using Network whole = NewNetwork(0), interrupted = NewNetwork(0), fresh = NewNetwork(1);
        using Trainer uninterrupted = NewTrainer(whole, images);
        using Trainer first = NewTrainer(interrupted, images);
        using Trainer second = NewTrainer(fresh, images);
        while (!uninterrupted.IsFinished) uninterrupted.RunEpoch(TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        int steps = 0;
        while (!stop.IsCancellationRequested) first.RunEpoch(stop.Token, () => { if (++steps == 5) stop.Cancel(); });
        TrainerState captured = first.Capture();
        second.Restore(captured, "test");
        while (!second.IsFinished) second.RunEpoch(TestContext.Current.CancellationToken);
        uninterrupted.UseAverage();
        second.UseAverage();
        using var scope = NewDisposeScope();
        foreach (((string name, Tensor one), (_, Tensor other)) in whole.State().Zip(fresh.State()))
            Assert.True(one.equal(other).all().item<bool>(), name);
    }

    // The variance of running statistics is unbiased; one batch of the calibration gives exactly that of the batch.
    [Fact]
    public void Calibration_MakesStatisticsThatDependOnTheArchitectureAlone()
    {
        using var scope = NewDisposeScope();
        using var network = new ProxylessNasFamily().Supernet(
            Small with { SupernetNormalization = Normalization.RunningStatistics }, CPU, RandomStream.Derive(0, "weights"));
        var random = new Generator(1);
        Tensor[] batches = [randn([8, 3, 8, 8], generator: random), randn([8, 3, 8, 8], generator: random)];
        var calibration = new StatisticsCalibration(network, 2, () => new Copies(batches));
        calibration.Run(Path);
        Tensor[] first = [.. network.Statistics.Select(statistic => statistic.Tensor.clone())];
        calibration.Run(ProxylessNasSpace.Instance.At(7));
        network.Forward(randn([8, 3, 8, 8], generator: random), Path, training: true);
        calibration.Run(Path);
        foreach ((Tensor before, (string name, Tensor now)) in first.Zip(network.Statistics))
            Assert.True(before.equal(now).all().item<bool>(), name);

        Tensor same = batches[0];
        new StatisticsCalibration(network, 3, () => new Copies(same, same, same)).Run(Path);
        using Tensor evaluated = network.Forward(same, Path, training: false), trained = network.Forward(same, Path, training: true);
        (string _, Tensor mean) = network.Statistics.First(statistic => statistic.Name == "stem.bn.running_mean");
        Assert.True(mean.isfinite().all().item<bool>() && evaluated.shape.SequenceEqual(trained.shape));
        Assert.NotEqual(0, mean.abs().sum().item<float>());
    }

    private sealed class Copies(params Tensor[] images) : IBatchFeed
    {
        private int _next;

        public Batch Next() => new(images[_next++].clone(), zeros(8, dtype: ScalarType.Int64));

        public void Dispose()
        {
        }
    }

    private static Network NewNetwork(long seed) =>
        new ProxylessNasFamily().Standalone(Small, Path, CPU, RandomStream.Derive(seed, "weights"));

    private static ImageSet RandomImages()
    {
        var pixels = new byte[20 * 3 * 8 * 8];
        new Random(1).NextBytes(pixels);
        return ImageSet.FromArray(pixels, [.. Enumerable.Range(0, 20).Select(i => i % 3)], 3, 8, 8, ["a", "b", "c"]);
    }

    private static Trainer NewTrainer(Network network, ImageSet images)
    {
        var options = new RetrainOptions
        {
            Epochs = 3,
            BatchSize = 6,
            LearningRate = 0.05,
            ClipNorm = 5,
            LabelSmoothing = 0.1,
            ExemptNorms = true,
            WarmUpEpochs = 1,
            AverageDecay = 0.9,
            DropPath = 0.3,
        };
        var batches = new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(CropPadding: 1));
        return new Trainer(
            network, batches, new FixedPathSampler(ProxylessNasSpace.Instance, Path), new UniformDataSampler(20), options, 5, CPU,
            TimeProvider.System);
    }

    private sealed class OneWeight : Network
    {
        public OneWeight(WeightStore store) : base(new ToySpace(1), store) => store.Constant("weight", [2], 1);

        public override Tensor Forward(Tensor images, Architecture path, bool training) => images;
    }
}
