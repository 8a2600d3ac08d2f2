using PandaNas.Data.Batches;
using PandaNas.Data.Formats;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Supernets;
using PandaNas.Tests.Documentation;
using PandaNas.Tests.Supernets.Definitions;

namespace PandaNas.Tests;

/// <summary>A program adds its own to the catalog; what is built in stays as it is.</summary>
public sealed class CatalogTests
{
    private static readonly ImageFormat Noise = new("noise", HasPath: false, (_, _, _, _) => NoiseImages());

    [Fact]
    public void With_AddsToACopy()
    {
        SpaceFamily space = SmallSpaces.WithModule(SmallSpaces.Normed(normalize: true));
        Catalog catalog = Catalog.Default.With(space).With(TurnsPathSampler.Method).With(Noise);
        Assert.Same(space, catalog.FindSpace(space.Space.Name).Family);
        Assert.Same(TurnsPathSampler.Method, catalog.FindMethod("turns"));
        Assert.Equal("noise", DataSource.Parse("noise", catalog.Formats).Format);
        Assert.DoesNotContain("turns", Catalog.Default.MethodNames);
        Assert.DoesNotContain(space.Space.Name, Catalog.Default.SpaceNames);
        Assert.DoesNotContain(Noise, Catalog.Default.Formats);
    }

    [Fact]
    public void ANameThatIsThere_OrNoName_IsRefused()
    {
        Assert.Contains(
            "'spos' already",
            Assert.Throws<ArgumentException>(() => Catalog.Default.With(TurnsPathSampler.Method with { Name = "spos" })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "'idx' already",
            Assert.Throws<ArgumentException>(() => Catalog.Default.With(Noise with { Name = "idx" })).Message, StringComparison.Ordinal);
        SpaceFamily space = SmallSpaces.WithModule(SmallSpaces.Normed(normalize: true));
        Assert.Contains(
            "already",
            Assert.Throws<ArgumentException>(() => Catalog.Default.With(space).With(space)).Message, StringComparison.Ordinal);
        foreach (string name in (string[])["", "a b", "a:b", "../up", "mine.yaml"])
            Assert.Contains(
                "expected letters",
                Assert.Throws<ArgumentException>(() => Catalog.Default.With(Noise with { Name = name })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownName_IsAnsweredWithTheNearest()
    {
        Catalog catalog = Catalog.Default.With(TurnsPathSampler.Method).With(Noise);
        Assert.Contains(
            "Did you mean 'nsga2'",
            Assert.Throws<BadOptionException>(() => catalog.FindSearch("nsga")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "Did you mean 'turns'",
            Assert.Throws<BadOptionException>(() => catalog.FindMethod("turn")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "Did you mean 'darts'",
            Assert.Throws<BadOptionException>(() => catalog.FindSpace("dart")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "did you mean 'noise'",
            Assert.Throws<BadOptionException>(() => DataSource.Parse("noisy", catalog.Formats)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFormatOfOnesOwn_IsRead()
    {
        Catalog catalog = Catalog.Default.With(Noise);
        var options = new SupernetOptions { Catalog = catalog, Data = "noise", ValidationImages = 4, Epochs = 1, BatchSize = 4 };
        using ExperimentData data = ExperimentData.ForSupernet(options, RunContext.Quiet);
        Assert.Equal((12, 4, "noise"), (data.Train.Count, data.Ranking.Count, data.DataSet));
    }

    /// <summary>Sixteen images of noise to train with and to test with, 8×8 grey, of two classes.</summary>
    internal static ImageData NoiseImages()
    {
        byte[] pixels = new byte[16 * 8 * 8];
        new Random(1).NextBytes(pixels);
        int[] labels = [.. Enumerable.Range(0, 16).Select(i => i % 2)];
        return new ImageData("noise", Make(), Make());

        ImageSet Make() => ImageSet.FromArray(pixels, labels, 1, 8, 8, ["a", "b"]);
    }
}
