using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Reporting.Contents;
using PandaNas.Reporting.Markup;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Pages;

/// <summary>What makes a run again: commands, versions, seeds, images, options.</summary>
internal static class Reproduction
{
    /// <summary>The section.</summary>
    public static XElement Draw(RunContents run) => Element("section",
        Element("h3", "How to get this again"),
        Paragraph("The same version, options, images and number of threads give the same bits on the same machine. Run:"),
        Element("pre", Code(string.Join('\n', Commands(run)))),
        Facts(run).Draw(),
        Options(run)?.Folded("All options"));

    private static IEnumerable<string> Commands(RunContents run)
    {
        string options = Path.Combine(run.Folder, "options.yaml"), again = run.Folder + "-again";
        switch (run.Kind)
        {
            case RunKind.Supernet:
                yield return ShellCommand.Panda("train", "--config", options, "--out", again);
                if (run.Ranking is { } ranking)
                    yield return ShellCommand.Panda(
                        ["rank", again, .. Scoring(ranking.Seed, ranking.Images), .. ranking.Unique ? ["--unique"] : (string[])[]]);
                if (run.Search is { } search)
                    yield return ShellCommand.Panda(
                        ["search", again, "--algorithm", search.Algorithm, .. Limits(search), .. Scoring(search.Seed, search.Images)]);
                break;
            case RunKind.Standalone:
                yield return ShellCommand.Panda("retrain", "--config", options, "--architecture", run.Fact("architecture"), "--out", again);
                break;
            case RunKind.Comparison:
                yield return ShellCommand.Panda(["compare", "--config", options, .. Compared(run.Comparison?.Options), "--out", again]);
                break;
        }
    }

    private static string[] Scoring(long seed, int images) =>
        ["--seed", seed.ToString(CultureInfo.InvariantCulture), "--images", images.ToString(CultureInfo.InvariantCulture)];

    private static IEnumerable<string> Limits(SearchResult search)
    {
        var limits = Searching.CostLimits.Read(search.Limits);
        (string Flag, IFormattable? Most)[] all =
            [("--max-params", limits.MaxParameters), ("--max-macs", limits.MaxMultiplyAdds), ("--max-latency-ms", limits.MaxLatencyMs)];
        return all
            .Where(one => one.Most is not null)
            .SelectMany(one => (string[])[one.Flag, one.Most!.ToString(null, CultureInfo.InvariantCulture)]);
    }

    private static IEnumerable<string> Compared(ComparisonOptions? options) => options is null ? [] :
    [
        "--methods", string.Join(',', options.Methods), "--seeds", string.Join(
            ',', options.Seeds.Select(seed => seed.ToString(CultureInfo.InvariantCulture))),
        "--equal", options.Equal.ToString().ToLowerInvariant(), "--architectures", options.Ranking.Architectures.ToString(), "--images",
        options.Ranking.Images.ToString(
            CultureInfo.InvariantCulture),
        "--ranking-seed", options.Ranking.Seed.ToString(CultureInfo.InvariantCulture),
        .. options.Ranking.Truth is { } truth ? ["--truth", truth] : (string[])[],
        .. options.Ranking.TruthColumn is { } column ? ["--truth-column", column] : (string[])[],
        .. options.Ranking.AllowMismatch ? ["--allow-mismatch"] : (string[])[],
    ];

    private static DataTable Facts(RunContents run)
    {
        (string Name, string? Value)[] facts =
        [
            ("folder", run.Folder), ("version", run.Fact("version")), ("data set", run.Fact("data_set")),
            ("seed of the training", run.Options?.Seed.ToString(CultureInfo.InvariantCulture)),
            ("seed of the ranking", run.Ranking?.Seed.ToString(CultureInfo.InvariantCulture)),
            ("seed of the search", run.Search?.Seed.ToString(CultureInfo.InvariantCulture)),
            ("images", (run.Training?.Setup ?? run.Retraining?.Setup)?.Images),
            ("machine", (run.Training?.Setup ?? run.Retraining?.Setup)?.Computing),
            ("fingerprint of the training images", run.Fact("train_sha256")),
            ("fingerprint of the images that score", run.Fact("ranking_sha256")),
            ("fingerprint of the space's file", run.Fact("space_sha256")),
        ];
        return new DataTable(
            ["fact", "value"],
            [.. facts.Where(fact => !string.IsNullOrEmpty(fact.Value)).Select(fact => (ImmutableArray<string>)[fact.Name, fact.Value!])]);
    }

    private static DataTable? Options(RunContents run) => run.Facts["options"] is not JsonObject options ? null
        : new DataTable(
            ["option", "value"], [.. options.Select(option => (ImmutableArray<string>)[option.Key, option.Value?.ToString() ?? ""])]);
}
