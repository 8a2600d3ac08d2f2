using System.Text.Json.Nodes;
using CsCheck;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Runs;
using PandaNas.Sampling;
using PandaNas.Spaces;
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
            ["br_at_10", "kendall_tau", "kendall_tau_accurate", "precision_at_10", "regret_at_10", "regret_top1", "training_seconds", "validation_accuracy", "wr_at_10"],
            run.Measures.Keys);
        Assert.Equal((0.25, 90, 12.5), (run.Measures["kendall_tau_accurate"], run.Measures["wr_at_10"], run.Measures["training_seconds"]));
        Assert.Equal(["kendall_tau", "spearman"], run.Controls["params"].Keys);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"passes": 240, "passes": 241}""")]
    [InlineData("""{"passes": 240, "kendall_tau": "high"}""")]
    [InlineData("""{"passes": 240, "at_k": 5}""")]
    [InlineData("""{"passes": 240, "at_k": [null]}""")]
    [InlineData("""{"passes": 240, "controls": {"params": null}}""")]
    public void Read_DamagedReport_IsNamed(string report)
    {
        Refused(report, Predictions, ReportPath);
        // The same in a record that is sealed, as another program may write it.
        if (report.StartsWith("{\"", StringComparison.Ordinal) && !report.Contains("241", StringComparison.Ordinal))
            Refused(SealedRecord.Text(JsonNode.Parse(report)!.AsObject()), Predictions, ReportPath);
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
        FuzzedText.Of(Report(), "{}[]\":,0123456789.eE-+ntruefals \n").Sample(report => ReadOrRefused(report, Predictions), iter: 2_000, threads: 1);
        FuzzedText.Of(Predictions, "\",ab()'x 0123456789.eE-NaN\n").Sample(predictions => ReadOrRefused(Report(predictions), predictions), iter: 2_000, threads: 1);
    }

    // The notations of every space survive being a cell: DARTS genotypes have commas.
    [Fact]
    public void Read_TakesTheArchitecturesOfEverySpace() => Assert.All(new SearchSpace[] { NasBench201.Instance, Darts.Instance, ProxylessNas.Instance }, space =>
    {
        string architecture = space.Format(UniformArchitectures.DrawDistinct(space, 1, RandomStream.Derive(0, "cell"))[0]);
        string predictions = $"architecture,accuracy\n{PandaNas.Ranking.CsvCell.Of(architecture)},0.125\n";
        File.WriteAllText(ReportPath, Report(predictions));
        File.WriteAllText(PredictionsPath, predictions);
        Assert.Equal([0.125], RankedRun.Read("spos", 3, ReportPath, PredictionsPath, [architecture]).Predictions);
    });

    private static string Report(string predictions = Predictions)
    {
        JsonObject report = JsonNode.Parse("""
            {"kendall_tau": 0.5, "spearman": null, "kendall_tau_accurate": {"architectures": 3, "kendall_tau": 0.25}, "regret_top1": 1.5,
             "at_k": [{"k": 10, "best": 2, "worst": 90, "precision": 0.1, "kendall_tau": null, "regret": 0.5}],
             "controls": {"params": {"kendall_tau": 0.55, "spearman": 0.7, "precision_at_top5": null}}}
            """)!.AsObject();
        RankedRun.AddTraining(report, predictions, 12.5, 240, 0.4);
        return SealedRecord.Text(report);
    }

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
