using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Options;
using PandaNas.Statistics;

namespace PandaNas.Tests.Experiments.Comparisons;

public sealed class ComparisonTableTests
{
    [Fact]
    public void Text_AlignsAndSaysWhatTheNumbersAre()
    {
        string[] lines = ComparisonTable.Text(Result()).TrimEnd('\n').Split('\n');
        Assert.Equal(
            [
                "method          epochs  passes  seconds  n  tau between seeds  Kendall's tau",
                "--------------  ------  ------  -------  -  -----------------  -------------",
                "spos                60  10,560  430 ± 6  2              0.700  0.400 ± 0.050",
                "fairnas             12  10,560           2              0.900  0.688 ± 0.007",
                "control params                                                         0.550",
                "",
                "method           difference to spos (95%)  Spearman  P@Top5%  tau, unique cells",
                "--------------  -------------------------  --------  -------  -----------------",
                "spos",
                "fairnas         +0.288 (-0.010 to +0.586)",
                "control params                     +0.150",
                "",
                "method          regret of top-1",
            ],
            lines[..13]);
        Assert.All(lines, line => Assert.True(line.Length <= PlainText.Width, line));
        Assert.Equal(
            ["600 architectures ranked on 1000 validation images of cifar10, protocol split,", "truth column 'cifar10'."], lines[18..20]);
        Assert.StartsWith("Equal passes", lines[20], StringComparison.Ordinal);
        Assert.Contains("fairnas takes 5 passes a step.", lines);
        Assert.Contains(lines, line => line.Contains("Student's t", StringComparison.Ordinal));
        Assert.Equal("Unfinished: 3 of 4 runs are done.", lines[^1]);
    }

    [Fact]
    public void Markdown_IsATableOfEquallyManyCells()
    {
        string[] table = [.. ComparisonTable.Markdown(Result()).Split('\n').TakeWhile(line => line.Length > 0)];
        Assert.Equal(5, table.Length);
        Assert.All(table, line => Assert.Equal(13, line.Count(c => c == '|')));
        Assert.Matches(@"^\| -+ \|( -+: \|)+$", table[1]);
    }

    [Fact]
    public void Csv_HasEveryMeasureOfEveryRow_InDigitsThatComeBack()
    {
        string[][] lines =
            [.. ComparisonTable.Csv(Result()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(','))];
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Assert.Equal(lines[0].Length, line.Length));
        int lower = Array.IndexOf(lines[0], "kendall_tau_difference_lower");
        Assert.Equal(-0.01, double.Parse(lines[2][lower], CultureInfo.InvariantCulture));
        Assert.Equal(["spos", "false", "60", "1", "10560", "2", "0.7"], lines[1][..7]);
        Assert.Equal(["params", "true", "", "", "", "0", ""], lines[3][..7]);
    }

    [Fact]
    public void OneSeed_IsSaidToHaveNoInterval()
    {
        ComparisonResult one = Result() with { Options = new ComparisonOptions { Methods = ["spos"], Seeds = [3] } };
        foreach (string text in (string[])[ComparisonTable.Text(one), ComparisonTable.Markdown(one)])
            Assert.Contains("One seed: no standard deviation and no interval", text, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutATruth_TheAccuracyOfRandomArchitecturesIsShown()
    {
        string text = ComparisonTable.Text(Result() with { TruthColumn = null });
        Assert.Contains("accuracy of random architectures", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Kendall", text, StringComparison.Ordinal);
    }

    // fairnas is another method from its first step on; panda is not.
    [Fact]
    public void MethodsThatCannotDifferYet_AreNamed()
    {
        ComparisonResult two = Result();
        ComparisonRow spos = two.Rows[0], fairnas = two.Rows[1];
        two = two with
        {
            StartUniform = ["panda"],
            Rows = [spos, spos with { Name = "panda", Epochs = 1 }, fairnas with { Epochs = 1 }],
        };
        Assert.Contains(
            "- Drawn uniformly, as always in a first epoch: panda. Without a second one", ComparisonTable.Markdown(two),
            StringComparison.Ordinal);
        two = two with { Rows = [.. two.Rows.Select(row => row with { Epochs = 2 })] };
        Assert.DoesNotContain("first epoch", ComparisonTable.Markdown(two), StringComparison.Ordinal);
    }

    // The run of the best tau, or of the best accuracy without a truth.
    [Fact]
    public void BestRun_IsOfTheBestMethod()
    {
        Assert.Equal(Path.Combine("runs/comparison", "fairnas-seed0"), Result().BestRun);
        ComparisonResult unknown = Result() with { TruthColumn = null };
        ComparisonRow accurate = unknown.Rows[0] with { Measures = Measures(("validation_accuracy", new(0.5, null, 1, null))) };
        Assert.Equal(Path.Combine("runs/comparison", "spos-seed0"), (unknown with { Rows = [accurate, unknown.Rows[1]] }).BestRun);
    }

    private static ComparisonResult Result() => new(
        new ComparisonOptions { Methods = ["spos", "fairnas"], Seeds = [0, 1], Equal = Equality.Passes },
        "cifar10", "split", "cifar10", 600, 1000, "validation",
        [
            new ComparisonRow(
                "spos", false, 60, 1, 10560, [0, 1],
                Measures(("kendall_tau", new(0.4, 0.05, 2, null)), ("training_seconds", new(430.2, 5.6, 2, null))))
            {
                Stability = new SeedStatistics(0.7, null, 1),
            },
            new ComparisonRow(
                "fairnas", false, 12, 5, 10560, [0, 1],
                Measures(("kendall_tau", new(0.688, 0.007, 2, new PairedDifference(0.288, new Interval(-0.01, 0.586), 2)))))
            {
                Stability = new SeedStatistics(0.9, null, 1),
            },
            new ComparisonRow(
                "params", true, null, null, null, [], Measures(("kendall_tau", new(0.55, null, 1, new PairedDifference(0.15, null, 1))))),
        ],
        3, 4, "runs/comparison");

    private static ImmutableSortedDictionary<string, MeasureSummary> Measures(params (string Name, MeasureSummary Summary)[] measures) =>
        measures.ToImmutableSortedDictionary(measure => measure.Name, measure => measure.Summary, StringComparer.Ordinal);
}
