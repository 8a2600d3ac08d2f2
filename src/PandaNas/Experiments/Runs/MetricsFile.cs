using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Ranking;
using PandaNas.Training;

namespace PandaNas.Experiments.Runs;

/// <summary>The epochs of the log as a CSV file, a line each, for spreadsheets and plots. Nothing of ours reads it.</summary>
internal static class MetricsFile
{
    /// <summary>The file's name.</summary>
    public const string Name = "metrics.csv";

    // What programs of others may rely on: columns are added at the end only.
    private static readonly (string Name, Func<EpochRecord, IFormattable> Value)[] Columns =
    [
        ("epoch", one => one.Epoch),
        ("loss", one => one.Loss),
        ("accuracy", one => one.Accuracy),
        ("learning_rate", one => one.LearningRate),
        ("data_entropy", one => one.DataEntropy),
        ("data_effective_sample_size", one => one.DataEffectiveSampleSize),
        ("passes", one => one.Passes),
        ("seconds", one => one.Seconds),
    ];

    /// <summary>The whole file.</summary>
    /// <param name="operations">The names of the space's operations, in the order of the path probabilities.</param>
    /// <param name="epochs">The epochs.</param>
    public static string Text(ImmutableArray<string> operations, IEnumerable<EpochRecord> epochs)
    {
        IEnumerable<string> probabilities = operations.Select(operation => Csv.Cell($"path_probability:{operation}"));
        string header = string.Join(',', [.. Columns.Select(column => column.Name), .. probabilities]);
        return $"{header}\n{string.Concat(epochs.Select(Line))}";
    }

    /// <summary>The line of an epoch.</summary>
    public static string Line(EpochRecord epoch)
    {
        IEnumerable<IFormattable> values = [.. Columns.Select(column => column.Value(epoch)), .. epoch.PathProbabilities];
        return string.Join(',', values.Select(value => value.ToString(null, CultureInfo.InvariantCulture))) + "\n";
    }
}
