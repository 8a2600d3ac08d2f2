using PandaNas.Data.Formats;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Options;
using PandaNas.Tests.Data;
using PandaNas.Tests.Documentation;

namespace PandaNas.Tests;

/// <summary>A program compares a method of its own, which only its catalog knows, with one of the library.</summary>
public sealed class ComparisonTests : IDisposable
{
    private static readonly Catalog Own = Catalog.Default
        .With(TurnsPathSampler.Method)
        .With(new ImageFormat("noise", HasPath: false, (_, _, _, _) => CatalogTests.NoiseImages()));

    private static readonly SupernetOptions Training = new()
    {
        Catalog = Own,
        Channels = 2,
        Cells = 1,
        Epochs = 2,
        BatchSize = 4,
        ValidationImages = 4,
        Threads = 1,
        Precision = PrecisionChoice.Float32,
    };

    private static readonly ComparisonOptions Options = new()
    {
        Methods = ["spos", "turns"],
        Seeds = [0, 1],
        Ranking = new() { Architectures = 4 },
    };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AnInterruptedComparison_OfAMethodOfOnesOwn_GoesOnToTheSameResult()
    {
        Images images = Images.Open("noise", Own);
        ComparisonResult whole = Comparison.Run(images, Options, Training, _folder["whole"], cancel: Token);
        Assert.Equal((4, 4), (whole.RunsDone, whole.RunsPlanned));
        Assert.Equal(["spos", "turns"], whole.Rows.Where(row => !row.IsControl).Select(row => row.Name));
        Assert.Equal(2, whole.Rows[1].Measures["validation_accuracy"].Difference!.Seeds);
        Assert.Contains("turns", whole.Table, StringComparison.Ordinal);

        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(
            () => Comparison.Run(images, Options, Training, _folder["cut"], new Stopping(stop), stop.Token));
        Assert.False(File.Exists(_folder["cut", "turns-seed1", "weights.safetensors"]));
        // Without the catalog the method is unknown, and the run is named.
        var unknown = Assert.ThrowsAny<PandaNasException>(() => Comparison.Resume(_folder["cut"], cancel: Token));
        Assert.Contains("noise", unknown.Message, StringComparison.Ordinal);
        ComparisonResult resumed = Comparison.Resume(_folder["cut"], Own, cancel: Token);
        Assert.Equal(Without(whole), Without(resumed));
        foreach (string run in (string[])["spos-seed0", "turns-seed0", "spos-seed1", "turns-seed1"])
            Assert.Equal(
                File.ReadAllBytes(_folder["whole", run, "weights.safetensors"]),
                File.ReadAllBytes(_folder["cut", run, "weights.safetensors"]));
        // Done, it is only read.
        Assert.Equal(resumed.Table, Comparison.Resume(_folder["cut"], Own, cancel: Token).Table);
    }

    [Fact]
    public void WrongOptions_AreRefusedBeforeAnyWork_ByTheirProperty()
    {
        Refuses("Methods is missing", Options with { Methods = [] });
        Refuses("Did you mean 'turns'", Options with { Methods = ["spos", "turn"] });
        Refuses("'spos' is named twice", Options with { Methods = ["spos", "spos"] });
        Refuses("Screen is set", Options with { Ranking = new() { Screen = "2:50%" } });

        void Refuses(string said, ComparisonOptions options)
        {
            var error = Assert.Throws<BadOptionException>(
                () => Comparison.Run(Images.Open("noise", Own), options, Training, _folder["new"], cancel: Token));
            Assert.Contains(said, error.Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_folder["new"]));
        }
    }

    // Times differ.
    private static string[] Without(ComparisonResult result) =>
    [
        .. from row in result.Rows
           from measure in row.Measures
           where measure.Key != "training_seconds"
           select $"{row.Name} {row.Passes} {row.Stability} {measure}",
    ];

    // In the second run of the own method.
    private sealed class Stopping(CancellationTokenSource stop) : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value.Detail.StartsWith("turns seed 1", StringComparison.Ordinal)) stop.Cancel();
        }
    }
}
