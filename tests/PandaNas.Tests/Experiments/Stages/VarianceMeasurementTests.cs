using PandaNas.Data.Batches;
using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
using static PandaNas.Tests.Training.TinyTraining;
using static TorchSharp.torch;

namespace PandaNas.Tests.Experiments.Stages;

public sealed class VarianceMeasurementTests
{
    private const int Samples = 40;

    // Under SPOS all four pairs are the uniform one; PA&DA begins like that and then differs in both.
    [Theory]
    [InlineData("spos", 1)]
    [InlineData("fairnas", 1)]
    [InlineData("pa", 2)]
    [InlineData("da", 2)]
    [InlineData("panda", 4)]
    public void PairsThatSampleAlike_AreMeasuredOnce(string method, int different)
    {
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        TrainingMethod found = Catalog.Default.FindMethod(method);
        IPathSampler paths = found.Paths(Setting);
        IDataSampler data = found.Data(Setting);
        if (paths.NeedsGradientNorms) paths.Observe(new PathNorms(NasBench201Space.Instance.At(2_000), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]));
        paths.EndEpoch(0.5);
        if (data.NeedsImportance) data.Observe([0, 1, 2], [1, 2, 3]);
        data.EndEpoch(0.5);
        var measurement = new VarianceMeasurement(
            network, new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(1, true)), paths, data, 4, CPU);
        var progress = new Reports();

        var pairs = measurement.Measure(
            VarianceOptions.AllDistributions, Samples, 1, "test", "stage",
            new RunContext(progress, TimeProvider.System, TestContext.Current.CancellationToken));

        Assert.Equal(["uniform", "pa", "da", "panda"], pairs.Select(pair => pair.Name));
        Assert.Equal(different, pairs.Select(pair => pair.Raw.Total.Variance).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, different * Samples).Select(done => done / (double)(different * Samples)), progress.Fractions);
    }

    private sealed class Reports : IProgress<RunProgress>
    {
        public List<double> Fractions { get; } = [];

        public void Report(RunProgress value) => Fractions.Add(value.Fraction);
    }
}
