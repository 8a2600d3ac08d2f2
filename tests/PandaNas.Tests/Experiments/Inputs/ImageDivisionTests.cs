using PandaNas.Data.Batches;
using PandaNas.Data.Formats;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Sampling;
using PandaNas.Tests.Data;

namespace PandaNas.Tests.Experiments.Inputs;

/// <summary>How a run's options meet few, many and unequal images.</summary>
public sealed class ImageDivisionTests
{
    [Theory]
    [InlineData(50_000, 45_000, 5_000, 256)]
    [InlineData(1_700, 1_360, 340, 68)]
    [InlineData(85, 68, 17, 3)]
    [InlineData(17, 14, 3, 2)]
    public void PresetsCaps_LeaveCifarAsItIs_AndFitFewImages(int images, int train, int ranking, int batch)
    {
        SupernetOptions options = new() { Preset = "nasbench201-cpu" };
        using ImageData data = Data(Enumerable.Range(0, images).Select(i => i % 2));
        ImageDivision division = ImageDivision.ForSupernet(options, data);
        Assert.Equal((train, ranking, "validation"), (division.Train.Count, division.Ranking.Count, division.RankingPart));
        using ExperimentData planned = ExperimentData.Planned(
            options, data, data.Train.MeasureStatistics(TestContext.Current.CancellationToken));
        Assert.Equal(batch, planned.Adjust(options).BatchSize);
        Assert.Equal(options, planned.AsAsked(planned.Adjust(options)));
        string[] said = [.. planned.Notes];
        string heldOut = $"ValidationImages is {ranking} instead of 5000: "
            + $"at most 20% of the {images} training images are held out (ValidationShare)";
        Assert.Equal(images < 25_000, said.Contains(heldOut));
        string batches = $"BatchSize is {batch} instead of 256, for 20 steps an epoch of {train} images (LeastSteps)";
        Assert.Equal(batch < 256, said.Contains(batches));
    }

    [Fact]
    public void MostTrainImages_IsALimit()
    {
        SupernetOptions options = new() { Preset = "darts-cpu" };
        using ImageData many = Data(Enumerable.Range(0, 20_000).Select(i => i % 2));
        using ImageData few = Data(Enumerable.Range(0, 100).Select(i => i % 2));
        Assert.Equal(
            (10_000, 2_000),
            (ImageDivision.ForSupernet(options, many).Train.Count, ImageDivision.ForSupernet(options, many).Ranking.Count));
        Assert.Equal(
            (80, 20), (ImageDivision.ForSupernet(options, few).Train.Count, ImageDivision.ForSupernet(options, few).Ranking.Count));
        Assert.Equal(18_000, ImageDivision.ForSupernet(options.With("train-images", "0"), many).Train.Count);
    }

    [Fact]
    public void ExplicitNumbers_AreKept_OrRefused()
    {
        SupernetOptions options = new() { Preset = "nasbench201-cpu" };
        options = options.With("batch-size", "32").With("validation-images", "40");
        Assert.Equal((0, 1.0), (options.LeastSteps, options.ValidationShare));
        using ImageData data = Data(Enumerable.Range(0, 100).Select(i => i % 2));
        using ExperimentData planned = ExperimentData.Planned(
            options, data, data.Train.MeasureStatistics(TestContext.Current.CancellationToken));
        Assert.Equal((60, 40, 32), (planned.Train.Count, planned.Ranking.Count, planned.Adjust(options).BatchSize));
        Assert.Throws<BadOptionException>(() => ImageDivision.ForSupernet(options.With("validation-images", "100"), data));
    }

    [Fact]
    public void OptionsWithCaps_AreReadBackFromTheirFile()
    {
        SupernetOptions options = new() { Preset = "darts-cpu" };
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["options.yaml"], OptionFile.Write(options));
        var back = (SupernetOptions)OptionFile.Read(typeof(SupernetOptions), folder["options.yaml"]);
        Assert.Equal((20, 0.2, 10_000), (back.LeastSteps, back.ValidationShare, back.MostTrainImages));
        Assert.Null(options.FirstDifference(back));
    }

    [Fact]
    public void OwnValidationImages_Rank_AndAreNotUsedOtherwise()
    {
        using ImageData data =
            Data(Enumerable.Range(0, 60).Select(i => i % 2)) with { Validation = Set([.. Enumerable.Range(0, 10).Select(i => i % 2)]) };
        SupernetOptions options = new();
        ImageDivision split = ImageDivision.ForSupernet(options, data);
        ImageDivision released = ImageDivision.ForSupernet(options with { Protocol = Protocol.Released }, data);
        Assert.Equal((60, 10, "validation"), (split.Train.Count, split.Ranking.Count, split.RankingPart));
        Assert.Contains("10 validation images of its own", Assert.Single(split.Notes));
        Assert.Equal((60, 8, "test"), (released.Train.Count, released.Ranking.Count, released.RankingPart));
        Assert.Contains("not used", Assert.Single(released.Notes));
        ImageDivision retraining = ImageDivision.ForRetraining(new RetrainOptions(), data);
        Assert.Equal((60, 8), (retraining.Train.Count, retraining.Ranking.Count));
        Assert.Contains("not used", Assert.Single(retraining.Notes));
    }

    [Fact]
    public void UnequalClasses_AreSaid_AndBalanced()
    {
        using ImageData data = Data([.. Enumerable.Repeat(0, 1000), 1, 1, 1]);
        SupernetOptions options = new() { ValidationImages = 100 };
        ChannelStatistics statistics = data.Train.MeasureStatistics(TestContext.Current.CancellationToken);
        using ExperimentData planned = ExperimentData.Planned(options, data, statistics);
        Assert.Contains(planned.Notes, note =>
            note.Contains("'c0' has 901 training images, 'c1' 2", StringComparison.Ordinal)
            && note.Contains("Balance", StringComparison.Ordinal));
        Assert.Null(planned.LossWeights(options));
        options = options with { Balance = true };
        using ExperimentData balanced = ExperimentData.Planned(options, data, statistics);
        Assert.DoesNotContain(balanced.Notes, note => note.Contains("Balance", StringComparison.Ordinal));
        float[] weights = balanced.LossWeights(options)!;
        double[] ofClass = new double[2];
        for (int i = 0; i < weights.Length; i++) ofClass[balanced.Train.Labels[i]] += weights[i];
        Assert.Equal(451.5, ofClass[0], 0.01);
        Assert.Equal(451.5, ofClass[1], 0.01);
    }

    [Fact]
    public void ClassesWithoutImages_AreNamed()
    {
        using ImageData data = Data([.. Enumerable.Repeat(0, 20), .. Enumerable.Repeat(1, 20), 2]);
        using ExperimentData planned = ExperimentData.Planned(
            new SupernetOptions(), data, data.Train.MeasureStatistics(TestContext.Current.CancellationToken));
        Assert.Contains("no images to rank with: c2 (1 of 3 classes)", planned.Notes);
        Assert.Contains("no images to test with: c2 (1 of 3 classes)", planned.Notes);
    }

    [Fact]
    public void SingleClass_IsRefused()
    {
        using ImageData data = Data(Enumerable.Repeat(0, 20)) with { SingleClass = "only one" };
        ChannelStatistics statistics = data.Train.MeasureStatistics(TestContext.Current.CancellationToken);
        var refused = Assert.Throws<BadDataException>(() => ExperimentData.Planned(new SupernetOptions(), data, statistics));
        Assert.Equal("only one", refused.Message);
    }

    [Fact]
    public void MovedFolder_TellsOfTheFlag()
    {
        SupernetOptions options = new SupernetOptions().With("data", "images:gone/photos").Settle();
        Assert.Equal($"images:{Path.GetFullPath("gone/photos")}", options.Data);
        string message = Assert.Throws<BadDataException>(() => ExperimentData.ForSupernet(options, RunContext.Quiet)).Message;
        Assert.Contains(Path.GetFullPath("gone/photos"), message);
        Assert.Contains("say with Data images:PATH", message);
    }

    private static ImageData Data(IEnumerable<int> labels)
    {
        int[] all = [.. labels];
        return new ImageData("images", Set(all), Set([0, 1, 0, 1, 0, 1, 0, 1], all.Max() + 1));
    }

    private static ImageSet Set(int[] labels, int classes = 0)
    {
        if (classes == 0) classes = labels.Max() + 1;
        RandomStream random = RandomStream.Derive(0, "pixels");
        return ImageSet.FromArray(
            [.. labels.Select(_ => (byte)random.NextInt(256))], labels, 1, 1, 1,
            [.. Enumerable.Range(0, Math.Max(2, classes)).Select(label => $"c{label}")]);
    }
}
