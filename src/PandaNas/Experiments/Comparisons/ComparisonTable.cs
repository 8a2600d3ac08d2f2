using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Statistics;

namespace PandaNas.Experiments.Comparisons;

/// <summary>A comparison as a table: for people as text and Markdown with the main measures, for programs as CSV and JSON with all.</summary>
public static class ComparisonTable
{
    private const string Gap = "  ";
    private const string TauMeasure = "kendall_tau";
    private const string SecondsMeasure = "training_seconds";

    private static readonly (string Header, string Measure)[] Shown =
    [
        ("Spearman", "spearman"),
        ("P@Top5%", "precision_at_top5"),
        ("tau, unique cells", "kendall_tau_unique"),
        ("regret of top-1", "regret_top1"),
    ];

    /// <summary>Aligned columns and notes below.</summary>
    public static string Text(ComparisonResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        ImmutableArray<ImmutableArray<string>> rows = Rows(result);
        int[] widths = Widths(rows, smallest: 0);
        var text = new StringBuilder();
        // Every table begins with the names, and has as many of the other columns as fit.
        for (int first = 1; first < widths.Length;)
        {
            int last = first + 1;
            while (last < widths.Length && widths[0] + widths[first..(last + 1)].Sum(width => Gap.Length + width) <= PlainText.Width) last++;
            Render(text, [.. rows.Select(row => (ImmutableArray<string>)[row[0], .. row[first..last]])], [widths[0], .. widths[first..last]], Gap, "", "");
            text.Append('\n');
            first = last;
        }
        return text.AppendJoin("", Notes(result).Select(note => PlainText.Wrap(note) + "\n")).ToString();
    }

    /// <summary>A Markdown table and notes below.</summary>
    public static string Markdown(ComparisonResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        ImmutableArray<ImmutableArray<string>> rows = Rows(result);
        var text = new StringBuilder();
        // A rule of a Markdown table has at least three dashes.
        Render(text, rows, Widths(rows, smallest: 3), " | ", "| ", " |");
        return text.Append('\n').AppendJoin("", Notes(result).Select(note => $"- {note}\n")).ToString();
    }

    /// <summary>The whole result.</summary>
    public static string Json(ComparisonResult result) => JsonSerializer.Serialize(result, RunJson.Options) + "\n";

    /// <summary>One line a method or control; every measure has its mean, deviation, difference and the ends of its interval.</summary>
    public static string Csv(ComparisonResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        string[] measures = [.. result.Rows.SelectMany(row => row.Measures.Keys).Distinct().Order(StringComparer.Ordinal)];
        var text = new StringBuilder("name,control,epochs,passes_per_step,passes,seeds,stability");
        foreach (string measure in measures)
            text.Append(CultureInfo.InvariantCulture, $",{measure},{measure}_sd,{measure}_n,{measure}_difference,{measure}_difference_lower,{measure}_difference_upper");
        text.Append('\n');
        foreach (ComparisonRow row in result.Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Name},{(row.IsControl ? "true" : "false")},{row.Epochs},{row.PassesPerStep},{row.Passes},{row.Seeds.Length},{row.Stability?.Mean:R}");
            foreach (string measure in measures)
            {
                MeasureSummary? value = row.Measures.GetValueOrDefault(measure);
                PairedDifference? difference = value?.Difference;
                text.Append(CultureInfo.InvariantCulture, $",{value?.Mean:R},{value?.StandardDeviation:R},{value?.Seeds},{difference?.Mean:R},{difference?.Ci95?.Lower:R},{difference?.Ci95?.Upper:R}");
            }
            text.Append('\n');
        }
        return text.ToString();
    }

    private static ImmutableArray<ImmutableArray<string>> Rows(ComparisonResult result) => [Headers(result), .. result.Rows.Select(row => Cells(row, result))];

    private static int[] Widths(ImmutableArray<ImmutableArray<string>> rows, int smallest) => [.. rows[0].Select((_, column) => Math.Max(smallest, rows.Max(row => row[column].Length)))];

    private static void Render(StringBuilder text, ImmutableArray<ImmutableArray<string>> rows, int[] widths, string between, string before, string after)
    {
        foreach (ImmutableArray<string> row in rows)
        {
            // Names align left, numbers right.
            string[] cells = [.. row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))];
            text.Append((before + string.Join(between, cells) + after).TrimEnd()).Append('\n');
            if (row != rows[0]) continue;
            string[] rules = [.. widths.Select((width, column) => after.Length == 0 || column == 0 ? new string('-', width) : new string('-', width - 1) + ':')];
            text.Append(before).AppendJoin(between, rules).Append(after).Append('\n');
        }
    }

    private static ImmutableArray<string> Headers(ComparisonResult result) =>
    [
        "method", "epochs", "passes", "seconds", "n", "tau between seeds",
        .. result.TruthColumn is null
            ? (string[])["accuracy of random architectures"]
            : ["Kendall's tau", $"difference to {result.Options.Methods[0]} (95%)", .. Shown.Select(column => column.Header)],
    ];

    private static ImmutableArray<string> Cells(ComparisonRow row, ComparisonResult result) =>
    [
        row.IsControl ? $"control {row.Name}" : row.Name,
        row.Epochs?.ToString(CultureInfo.InvariantCulture) ?? "",
        row.Passes?.ToString("N0", CultureInfo.InvariantCulture) ?? "",
        Spread(row.Measures.GetValueOrDefault(SecondsMeasure), "F0"),
        row.IsControl ? "" : row.Seeds.Length.ToString(CultureInfo.InvariantCulture),
        row.Stability?.Mean.ToString("F3", CultureInfo.InvariantCulture) ?? "",
        .. result.TruthColumn is null
            ? (string[])[Spread(row.Measures.GetValueOrDefault("validation_accuracy"), "F3")]
            :
            [
                Spread(row.Measures.GetValueOrDefault(TauMeasure), "F3"),
                Difference(row.Measures.GetValueOrDefault(TauMeasure)?.Difference),
                .. Shown.Select(column => Spread(row.Measures.GetValueOrDefault(column.Measure), "F3")),
            ],
    ];

    private static string Spread(MeasureSummary? measure, string format)
    {
        if (measure is null) return "";
        string mean = measure.Mean.ToString(format, CultureInfo.InvariantCulture);
        return measure.StandardDeviation is { } deviation ? $"{mean} ± {deviation.ToString(format, CultureInfo.InvariantCulture)}" : mean;
    }

    private static string Difference(PairedDifference? difference)
    {
        if (difference is null) return "";
        string interval = difference.Ci95 is { } ends ? string.Create(CultureInfo.InvariantCulture, $" ({ends.Lower:+0.000;-0.000} to {ends.Upper:+0.000;-0.000})") : "";
        return difference.Mean.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture) + interval;
    }

    private static IEnumerable<string> Notes(ComparisonResult result)
    {
        string truth = result.TruthColumn is null ? "no truth" : $"truth column '{result.TruthColumn}'";
        yield return string.Create(CultureInfo.InvariantCulture, $"{result.Architectures} architectures ranked on {result.Images} {result.RankingPart} images of {result.DataSet}, protocol {result.Protocol}, {truth}.");
        yield return EqualNote(result.Options.Equal, result.Options.Methods[0]);
        foreach (ComparisonRow row in result.Rows.Where(row => row.PassesPerStep > 1)) yield return $"{row.Name} takes {row.PassesPerStep} passes a step.";
        string[] alike = [.. result.Rows.Where(row => row.Epochs == 1 && result.StartUniform.Contains(row.Name)).Select(row => row.Name)];
        if (alike.Length > 0)
            yield return $"Drawn uniformly, as always in a first epoch: {string.Join(", ", alike)}. Without a second one they cannot differ from spos but by chance; train more epochs.";
        yield return result.Options.Seeds.Length < 2
            ? "One seed: no standard deviation and no interval; give at least two with --seeds."
            : "± is the standard deviation over n seeds; a difference is the mean over seeds of the difference with the same seed, with its 95% interval by Student's t.";
        if (result.RunsDone < result.RunsPlanned) yield return $"Unfinished: {result.RunsDone} of {result.RunsPlanned} runs are done.";
    }

    private static string EqualNote(Equality equal, string first) => equal switch
    {
        Equality.Epochs => "Equal epochs; a pass is one forward-backward pass of a mini-batch over a path.",
        Equality.Passes => "Equal passes, but for rounding to whole epochs; a pass is one forward-backward pass of a mini-batch over a path.",
        _ => $"Equal seconds by a measured epoch of every method; those of {first} are the measure.",
    };
}
