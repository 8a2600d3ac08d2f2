using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Ranking;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Statistics;
using PandaNas.Supernets.Darts;
using PandaNas.Supernets.NasBench201;
using PandaNas.Supernets.ProxylessNas;
using PandaNas.Tests.Data;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Experiments.Comparisons;

public sealed class RankedRunTests : IDisposable
{
    private const string Predictions = "architecture,accuracy,params,macs\na,0.5,1,2\n\"b(1, 'x')\",0.25,3,4\n";

    private static readonly string[] Architectures = ["a", "b(1, 'x')"];

    private readonly TemporaryFolder _folder = new();

    private string ReportPath => _folder["spos-seed3.json"];

    private string PredictionsPath => _folder["spos-seed3.csv"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_GivesWhatRankWrites()
    {
        RankedRun run = Read(Report(), Predictions);
        Assert.Equal(("spos", 3L, 240L), (run.Method, run.Seed, run.Passes));
        Assert.Equal([0.5, 0.25], run.Predictions);
        Assert.Equal(
            [
                "br_at_10", "kendall_tau", "kendall_tau_accurate", "precision_at_10", "regret_at_10", "regret_top1", "regret_top10",
                "training_seconds", "validation_accuracy", "wr_at_10",
            ],
            run.Measures.Keys);
        Assert.Equal((0.25, 90, 12.5), (run.Measures["kendall_tau_accurate"], run.Measures["wr_at_10"], run.Measures["training_seconds"]));
        Assert.Equal(["kendall_tau", "spearman"], run.Controls["params"].Keys);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"passes": 240, "passes": 241}""")]
    public void Read_WhatIsNoReport_IsNamed(string report) => Refused(report, Predictions, ReportPath);

    // In a file whose seal fits, as another program may write it.
    [Theory]
    [InlineData("passes", null)]
    [InlineData("passes", "null")]
    [InlineData("passes", "1e99")]
    [InlineData("predictions_sha256", "null")]
    [InlineData("architectures", null)]
    [InlineData("method", "null")]
    [InlineData("screening", "[]")]
    [InlineData("kendall_tau", "\"high\"")]
    [InlineData("kendall_tau", null)]
    [InlineData("kendall_tau_ci95", "[1]")]
    [InlineData("kendall_tau_accurate", "null")]
    [InlineData("at_k", "5")]
    [InlineData("at_k", "null")]
    [InlineData("at_k", "[null]")]
    [InlineData("at_k", """[{"k": 10}]""")]
    [InlineData("controls", "null")]
    [InlineData("controls", """{"params": null}""")]
    [InlineData("controls", """{"params": []}""")]
    public void Read_DamagedReport_IsNamed(string key, string? value)
    {
        JsonObject report = JsonNode.Parse(Report())!.AsObject();
        report.Remove(key);
        if (value is not null) report[key] = JsonNode.Parse(value);
        Refused(SealedRecord.Text(report), Predictions, ReportPath);
    }

    [Fact]
    public void Read_WithoutATruth_HasWhatTheTrainingTells()
    {
        JsonObject report = JsonNode.Parse(Report())!.AsObject();
        foreach (string key in (string[])
            [
                "kendall_tau", "kendall_tau_ci95", "spearman", "spearman_ci95", "precision_at_top5", "precision_at_top5_ci95", "at_k",
                "regret_top1", "regret_top10", "kendall_tau_accurate", "kendall_tau_unique", "controls",
            ])
            Assert.True(report.Remove(key), key);
        RankedRun run = Read(SealedRecord.Text(report), Predictions);
        Assert.Equal(["training_seconds", "validation_accuracy"], run.Measures.Keys);
        Assert.Empty(run.Controls);
    }

    // The parts are one object in the file, in the order in which scripts know them.
    [Fact]
    public void TheFile_ComesBackAsItWasWritten()
    {
        string text = Report();
        Assert.Equal(text, SealedRecord.Text(JsonSerializer.Deserialize<RankedRunReport>(text, RunJson.Options)!));
        Assert.StartsWith("{\n  \"architectures\": 2,\n  \"kendall_tau\": 0.5,", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"quality\"", text, StringComparison.Ordinal);
        // A key that only the records have is not taken for a part.
        JsonObject foreign = JsonNode.Parse(text)!.AsObject();
        foreign["quality"] = new JsonObject { ["kendall_tau"] = 1 };
        Assert.Equal(0.5, Read(SealedRecord.Text(foreign), Predictions).Measures["kendall_tau"]);
    }

    [Fact]
    public void Read_ChangedReportOrPredictions_AreRefused()
    {
        Refused(Report().Replace("0.25", "0.26", StringComparison.Ordinal), Predictions, ReportPath);
        Refused(Report(), Predictions.Replace("0.25", "0.26", StringComparison.Ordinal), PredictionsPath);
    }

    [Theory]
    [InlineData("")]
    [InlineData("architecture,accuracy\n")]
    [InlineData("architecture,accuracy\na,0.5\n")]
    [InlineData("architecture,accuracy\na,0.5\n\"b(1, 'x')\"\n")]
    [InlineData("architecture,accuracy\na,0.5\n\"b(1, 'x')\",NaN\n")]
    [InlineData("architecture,accuracy\na,0.5\n\"b(1, 'x')\",high\n")]
    [InlineData("architecture,accuracy\n\"b(1, 'x')\",0.25\na,0.5\n")]
    [InlineData("architecture,accuracy\na,0.5\n\"b(1, 'x'),0.25\n")]
    public void Read_DamagedOrForeignPredictions_AreNamed(string predictions) => Refused(Report(predictions), predictions, PredictionsPath);

    [Fact]
    public void Read_MissingPredictions_AreNamed()
    {
        File.WriteAllText(ReportPath, Report());
        Assert.Contains(PredictionsPath, Assert.Throws<BadDataException>(Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnyText_IsReadOrRefused()
    {
        FuzzedText.Of(Report(), "{}[]\":,0123456789.eE-+ntruefals \n")
            .Sample(report => ReadOrRefused(report, Predictions), iter: 2_000, threads: 1);
        FuzzedText.Of(Predictions, "\",ab()'x 0123456789.eE-NaN\n")
            .Sample(predictions => ReadOrRefused(Report(predictions), predictions), iter: 2_000, threads: 1);
    }

    // The notations of every space survive being a cell: DARTS genotypes have commas.
    [Fact]
    public void Read_TakesTheArchitecturesOfEverySpace() =>
        Assert.All(new SearchSpace[] { NasBench201Space.Instance, DartsSpace.Instance, ProxylessNasSpace.Instance }, space =>
    {
        string architecture = space.Format(UniformArchitectures.DrawDistinct(space, 1, RandomStream.Derive(0, "cell"))[0]);
        string predictions = $"architecture,accuracy\n{Csv.Cell(architecture)},0.125\n";
        File.WriteAllText(ReportPath, Report(predictions));
        File.WriteAllText(PredictionsPath, predictions);
        Assert.Equal([0.125], RankedRun.Read("spos", 3, ReportPath, PredictionsPath, [architecture]).Predictions);
    });

    /// <summary>The file of a ranking of two architectures.</summary>
    /// <param name="predictions">The file of predictions that was written with it.</param>
    internal static string Report(string predictions = Predictions) => SealedRecord.Text(new RankedRunReport
    {
        Ranking = new RankingResult
        {
            Count = 2,
            Quality = new RankingQuality
            {
                KendallTau = 0.5,
                KendallTauCi95 = new Interval(0.4, 0.6),
                Spearman = null,
                SpearmanCi95 = null,
                PrecisionAtTop5 = null,
                PrecisionAtTop5Ci95 = null,
                AtK = [new QualityAtK(10, 2, 90, 0.1, null, 0.5)],
                RegretTop1 = 1.5,
                RegretTop10 = 0.5,
                KendallTauAccurate = new SubsetTau(3, 0.25),
                KendallTauUnique = new SubsetTau(1, null),
                Controls = ImmutableSortedDictionary<string, ControlQuality>.Empty.Add("params", new ControlQuality(0.55, 0.7, null)),
            },
            Unique = false,
            MinTruth = null,
            Evaluated = 2,
            Images = 4,
            RankingPart = "validation",
            Protocol = "split",
            Method = "spos",
            Precision = "float32",
            DataSet = "cifar10",
            TruthColumn = "cifar10",
            Seed = 0,
            Seconds = 1,
            Run = "runs/spos",
        },
        TrainingSeconds = 12.5,
        Passes = 240,
        ValidationAccuracy = 0.4,
        PredictionsSha256 = RankedRun.Hash(predictions),
    });

    private RankedRun Read() => RankedRun.Read("spos", 3, ReportPath, PredictionsPath, Architectures);

    private RankedRun Read(string report, string predictions)
    {
        File.WriteAllText(ReportPath, report);
        File.WriteAllText(PredictionsPath, predictions);
        return Read();
    }

    private void Refused(string report, string predictions, string damaged)
    {
        BadDataException error = Assert.Throws<BadDataException>(() => Read(report, predictions));
        Assert.Contains($"'{damaged}'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"Delete '{ReportPath}'", error.Message, StringComparison.Ordinal);
    }

    private void ReadOrRefused(string report, string predictions)
    {
        try
        {
            Assert.Equal(Architectures.Length, Read(report, predictions).Predictions.Length);
        }
        catch (BadDataException error)
        {
            Assert.Contains($"Delete '{ReportPath}'", error.Message, StringComparison.Ordinal);
        }
    }
}
