using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Experiments.Scoring;
using PandaNas.Reporting.Markup;

namespace PandaNas.Reporting.Pages;

/// <summary>Architectures with what is known of them.</summary>
internal static class ArchitectureTable
{
    /// <summary>The table, with the columns that the first has values for.</summary>
    public static DataTable Of(IEnumerable<ScoredArchitecture> architectures)
    {
        ImmutableArray<ScoredArchitecture> all = [.. architectures];
        (string Heading, Func<ScoredArchitecture, string?> Cell)[] columns =
        [
            (">score", one => one.Score?.ToString("F3", CultureInfo.InvariantCulture)),
            (">accuracy", one => one.Accuracy is { } accuracy ? (accuracy * 100).ToString("F2", CultureInfo.InvariantCulture) + "%" : null),
            (">parameters", one => Words.Number(one.Parameters)), (">multiply-adds", one => Words.Number(one.MultiplyAdds)),
            (">latency ms", one => one.LatencyMs?.ToString("F3", CultureInfo.InvariantCulture)),
            (">true accuracy", one => one.Truth?.ToString("F2", CultureInfo.InvariantCulture)),
            (">images", one => one.Images?.ToString("N0", CultureInfo.InvariantCulture)),
        ];
        columns = [.. columns.Where(column => all.Length > 0 && column.Cell(all[0]) is not null)];
        return new DataTable(
            [">#", .. columns.Select(column => column.Heading), "architecture"],
            [.. all.Select(Row)]);

        ImmutableArray<string> Row(ScoredArchitecture one, int i) =>
            [Words.Number(i + 1), .. columns.Select(column => column.Cell(one) ?? ""), one.Architecture];
    }
}
