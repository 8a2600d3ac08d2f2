using System.Collections.Immutable;
using System.Text;
using PandaNas.Cli.Verbs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Statistics;

namespace PandaNas.Cli.Tests.Verbs;

[Collection(PandaCollection.Name)]
public sealed class QuickstartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AnInterruptedQuickstartContinuesAndKeepsItsSeed()
    {
        string folder = _folder["quick"];
        Assert.Equal(
            ExitCode.Interrupted, RunUntilTraining(out string first, "quickstart", "--out", folder, "--seed", "3", "--threads", "1"));
        Assert.Contains($"panda quickstart --out {folder} --resume --seed 3", first, StringComparison.Ordinal);

        // Without --resume, or with another seed, nothing is touched.
        Assert.Equal(ExitCode.WrongUsage, RunUntilTraining(out _, "quickstart", "--out", folder, "--seed", "3", "--threads", "1"));
        Assert.Equal(
            ExitCode.WrongUsage,
            RunUntilTraining(out string seed, "quickstart", "--out", folder, "--seed", "4", "--threads", "1", "--resume"));
        Assert.Contains("started with 3", seed, StringComparison.Ordinal);

        string before = Newest(folder);
        Assert.Equal(
            ExitCode.Interrupted, RunUntilTraining(out _, "quickstart", "--out", folder, "--seed", "3", "--threads", "1", "--resume"));
        Assert.True(string.CompareOrdinal(Newest(folder), before) > 0, "the continued quickstart did not go on from its checkpoint");
    }

    [Theory]
    [InlineData(0.9, "The search won at equal cost.")]
    [InlineData(0.86, "The interval holds 0: the search did not win at equal cost, beyond the noise.")]
    [InlineData(0.8, "The search lost at equal cost: random ones are better.")]
    public void ItSaysWhetherTheSearchWonAtEqualCost(double winner, string verdict) =>
        Assert.EndsWith(verdict, QuickstartVerb.Verdict(Result(winner, 0.84, 0.85, 0.86, 0.85, 0.85)), StringComparison.Ordinal);

    /// <summary>A result with test accuracies of what the search found and of random ones.</summary>
    internal static QuickstartResult Result(double winner, params double[] random)
    {
        var setup = new RunSetup(9000, 1000, 2000, 0, 0, "validation", 14, 10, 1, "cpu", "float32", 1);
        var supernet = new SupernetResult("s", "panda", 1, 2, 0.5, ImmutableSortedDictionary<string, double>.Empty, "validation")
        {
            Setup = setup,
        };
        var search = new SearchResult(
            [new ScoredArchitecture("a", 0.5, 1, 2)], new SearchCertainty(new Interval(0.4, 0.6), 3, 1, 2), [], 1, "evolution",
            "no limit", null, 0, 3, "validation", 4, "s");
        return new QuickstartResult(
            supernet, search, Retrained(winner), [.. random.Select(Retrained)], OneAgainstSample.Of(winner, random), 5, "q");

        RetrainingResult Retrained(double accuracy) => new("a", accuracy, 1, 2, 1, 2, 3, 4, "w", "w/weights.safetensors")
        {
            Setup = setup,
        };
    }

    private static string Newest(string folder) =>
        Directory.EnumerateDirectories(Path.Combine(folder, "supernet", "checkpoints"))
            .Select(path => Path.GetFileName(path)!)
            .Max(StringComparer.Ordinal)!;

    // Stops when the first step of training has been reported.
    private static int RunUntilTraining(out string error, params string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        using var writer = new StoppingWriter(stop);
        int code = Panda.Run(arguments, TextWriter.Null, writer, stop.Token);
        error = writer.ToString();
        return code;
    }

    private sealed class StoppingWriter(CancellationTokenSource stop) : StringWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.StartsWith("train supernet", StringComparison.Ordinal) == true) stop.Cancel();
        }
    }
}
