using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
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
                if (run.Ranking is { } ranking) yield return Again<RankOptions>("rank", again, ranking.Options);
                if (run.Search is { } search) yield return Again<SearchOptions>("search", again, search.Options);
                break;
            case RunKind.Standalone:
                yield return ShellCommand.Panda("retrain", "--config", options, "--architecture", run.Fact("architecture"), "--out", again);
                break;
            case RunKind.Auto:
                yield return "# Another time the speed of the machine makes another plan; the trainings below say how each is made again.";
                yield return ShellCommand.Panda(["auto", run.Options?.Data ?? "FOLDER", .. TimeAndLimits(run), "--out", again]);
                break;
            case RunKind.Comparison:
                yield return ShellCommand.Panda(["compare", "--config", options, .. Compared(run.Comparison?.Options), "--out", again]);
                break;
        }
    }

    private static string Again<T>(string verb, string folder, ImmutableSortedDictionary<string, string> options)
        where T : OptionSet, new() =>
        options.IsEmpty ? $"# An older version did not store the options of 'panda {verb}'."
            : ShellCommand.Panda([verb, folder, .. StoredOptions.Words<T>(options)]);

    private static IEnumerable<string> TimeAndLimits(RunContents run) => run.Facts[RunKind.Auto] is not JsonObject options ? []
        : StoredOptions.Words<AutoOptions>(options.ToDictionary(option => option.Key, option => option.Value?.ToString() ?? ""));

    private static IEnumerable<string> Compared(ComparisonOptions? options) => options is null ? [] :
    [
        .. StoredOptions.Words<ComparisonOptions>(StoredOptions.Texts(options)),
        .. StoredOptions.Words<RankOptions>(StoredOptions.Texts(options.Ranking), key => key == "seed" ? "ranking-seed" : key),
    ];

    private static DataTable Facts(RunContents run)
    {
        (string Name, string? Value)[] facts =
        [
            ("folder", run.Folder), ("version", run.Fact("version")), ("data set", run.Fact("data_set")),
            (run.Kind == RunKind.Comparison ? "seeds" : "seed of the training", run.Kind == RunKind.Comparison
                ? string.Join(", ", run.Comparison?.Options.Seeds ?? []) : run.Options?.Seed.ToString(CultureInfo.InvariantCulture)),
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
