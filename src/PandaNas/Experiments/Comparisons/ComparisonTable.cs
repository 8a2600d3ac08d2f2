using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Ranking.Rankers;
using PandaNas.Statistics;

namespace PandaNas.Experiments.Comparisons;

/// <summary>
/// A comparison as a table: for people as text and Markdown with the main measures, for programs as CSV and JSON with all.
/// </summary>
internal static class ComparisonTable
{
    private const string Gap = "  ";

    private static readonly Measure[] Shown = [Measure.Spearman, Measure.PrecisionAtTop5, Measure.KendallTauUnique, Measure.RegretTop1];

    /// <summary>Aligned columns and notes below.</summary>
    public static string Text(ComparisonResult result)
    {
        ImmutableArray<ImmutableArray<string>> rows = Rows(result);
        int[] widths = Widths(rows, smallest: 0);
        var text = new StringBuilder();
        // Every table begins with the names, and has as many of the other columns as fit.
        for (int first = 1; first < widths.Length;)
        {
            int last = first + 1;
            while (last < widths.Length && widths[0] + widths[first..(last + 1)].Sum(width => Gap.Length + width) <= PlainText.Width)
                last++;
            ImmutableArray<ImmutableArray<string>> part = [.. rows.Select(row => (ImmutableArray<string>)[row[0], .. row[first..last]])];
            Render(text, part, [widths[0], .. widths[first..last]], Gap, "", "");
            text.Append('\n');
            first = last;
        }
        return text.AppendJoin("", Notes(result).Select(note => PlainText.Wrap(note) + "\n")).ToString();
    }

    /// <summary>A Markdown table and notes below.</summary>
    public static string Markdown(ComparisonResult result)
    {
        ImmutableArray<ImmutableArray<string>> rows = Rows(result);
        var text = new StringBuilder();
        // A rule of a Markdown table has at least three dashes.
        Render(text, rows, Widths(rows, smallest: 3), " | ", "| ", " |");
        return text.Append('\n').AppendJoin("", Notes(result).Select(note => $"- {note}\n")).ToString();
    }

    /// <summary>The whole result.</summary>
    public static string Json(ComparisonResult result) => JsonSerializer.Serialize(result, RunJson.Options) + "\n";

    /// <summary>One line per method or control; every measure has its mean, deviation, difference and the ends of its interval.</summary>
    public static string Csv(ComparisonResult result)
    {
        string[] measures = [.. result.Rows.SelectMany(row => row.Measures.Keys).Distinct().Order(StringComparer.Ordinal)];
        var text = new StringBuilder("name,control,epochs,passes_per_step,passes,seeds,stability");
        foreach (string measure in measures)
            foreach (string part in (string[])["", "_sd", "_n", "_difference", "_difference_lower", "_difference_upper"])
                text.Append(',').Append(measure).Append(part);
        text.Append('\n');
        foreach (ComparisonRow row in result.Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Name},{(row.IsControl ? "true" : "false")},{row.Epochs},{row.PassesPerStep}");
            text.Append(CultureInfo.InvariantCulture, $",{row.Passes},{row.Seeds.Length},{row.Stability?.Mean:R}");
            foreach (string measure in measures)
            {
                MeasureSummary? value = row.Measures.GetValueOrDefault(measure);
                PairedDifference? difference = value?.Difference;
                text.Append(CultureInfo.InvariantCulture, $",{value?.Mean:R},{value?.StandardDeviation:R},{value?.Seeds}");
                text.Append(CultureInfo.InvariantCulture, $",{difference?.Mean:R},{difference?.Ci95?.Lower:R},{difference?.Ci95?.Upper:R}");
            }
            text.Append('\n');
        }
        return text.ToString();
    }

    private static ImmutableArray<ImmutableArray<string>> Rows(ComparisonResult result)
    {
        ImmutableArray<(string Heading, Func<ComparisonRow, string> Cell)> columns = Columns(result);
        return
        [
            [.. columns.Select(column => column.Heading)],
            .. result.Rows.Select(row => (ImmutableArray<string>)[.. columns.Select(column => column.Cell(row))]),
        ];
    }

    private static int[] Widths(ImmutableArray<ImmutableArray<string>> rows, int smallest) =>
        [.. rows[0].Select((_, column) => Math.Max(smallest, rows.Max(row => row[column].Length)))];

    private static void Render(
        StringBuilder text, ImmutableArray<ImmutableArray<string>> rows, int[] widths, string between, string before, string after)
    {
        foreach (ImmutableArray<string> row in rows)
        {
            // Names align left, numbers right.
            string[] cells = [.. row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))];
            text.Append((before + string.Join(between, cells) + after).TrimEnd()).Append('\n');
            if (row != rows[0]) continue;
            string[] rules =
            [
                .. widths.Select((width, column) =>
                    after.Length == 0 || column == 0 ? new string('-', width) : new string('-', width - 1) + ':'),
            ];
            text.Append(before).AppendJoin(between, rules).Append(after).Append('\n');
        }
    }

    private static ImmutableArray<(string Heading, Func<ComparisonRow, string> Cell)> Columns(ComparisonResult result) =>
    [
        ("method", row => row.IsControl ? $"control {row.Name}" : row.Name),
        ("epochs", row => row.Epochs?.ToString(CultureInfo.InvariantCulture) ?? ""),
        ("passes", row => row.Passes?.ToString("N0", CultureInfo.InvariantCulture) ?? ""),
        Of(Measure.TrainingSeconds),
        ("n", row => row.IsControl ? "" : row.Seeds.Length.ToString(CultureInfo.InvariantCulture)),
        ("tau between seeds", row => row.Stability is { } stability ? Measure.KendallTau.Text(stability.Mean) : ""),
        .. result.TruthColumn is null
            ? [Of(Measure.ValidationAccuracy)]
            : ((string Heading, Func<ComparisonRow, string> Cell)[])
            [
                Of(Measure.KendallTau),
                ($"difference to {result.Options.Methods[0]} (95%)",
                    row => Difference(row.Measures.GetValueOrDefault(Measure.KendallTau.Name)?.Difference)),
                .. Shown.Select(Of),
            ],
    ];

    private static (string Heading, Func<ComparisonRow, string> Cell) Of(Measure measure) =>
        (measure.Heading, row => Spread(measure, row.Measures.GetValueOrDefault(measure.Name)));

    private static string Spread(Measure measure, MeasureSummary? summary) =>
        summary is null ? ""
        : summary.StandardDeviation is { } deviation ? $"{measure.Text(summary.Mean)} ± {measure.Text(deviation)}"
        : measure.Text(summary.Mean);

    private static string Difference(PairedDifference? difference)
    {
        if (difference is null) return "";
        string interval = difference.Ci95 is { } ends
            ? string.Create(CultureInfo.InvariantCulture, $" ({ends.Lower:+0.000;-0.000} to {ends.Upper:+0.000;-0.000})")
            : "";
        return difference.Mean.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture) + interval;
    }

    private static IEnumerable<string> Notes(ComparisonResult result)
    {
        string truth = result.TruthColumn is null ? "no truth" : $"truth column '{result.TruthColumn}'";
        yield return $"{result.Architectures} architectures ranked on {result.Images} {result.RankingPart} images of {result.DataSet}, "
            + $"protocol {result.Protocol}, {truth}.";
        if (result.Options.Ranking.Ranker is { } ranker and not RankerFormula.Usual)
            yield return $"Ranked by {ranker}: ranks against {result.Options.Ranking.Reference} random architectures, "
                + "of scores that compute networks a tenth of them.";
        yield return EqualNote(result.Options.Equal, result.Options.Methods[0]);
        foreach (ComparisonRow row in result.Rows.Where(row => row.PassesPerStep > 1))
            yield return $"{row.Name} takes {row.PassesPerStep} passes a step.";
        string[] alike = [.. result.Rows.Where(row => row.Epochs == 1 && result.StartUniform.Contains(row.Name)).Select(row => row.Name)];
        if (alike.Length > 0)
            yield return $"Drawn uniformly, as always in a first epoch: {string.Join(", ", alike)}. "
                + "Without a second one they cannot differ from spos but by chance; train more epochs.";
        yield return result.Options.Seeds.Length < 2
            ? "One seed: no standard deviation and no interval; give at least two."
            : "± is the standard deviation over n seeds; a difference is the mean over seeds of the difference with the same seed, "
                + "with its 95% interval by Student's t.";
        if (result.RunsDone < result.RunsPlanned) yield return $"Unfinished: {result.RunsDone} of {result.RunsPlanned} runs are done.";
    }

    private static string EqualNote(Equality equal, string first) => equal switch
    {
        Equality.Epochs => "Equal epochs; a pass is one forward-backward pass of a mini-batch over a path.",
        Equality.Passes =>
            "Equal passes, but for rounding to whole epochs; a pass is one forward-backward pass of a mini-batch over a path.",
        _ => $"Equal seconds by a measured epoch of every method; those of {first} are the measure.",
    };
}
