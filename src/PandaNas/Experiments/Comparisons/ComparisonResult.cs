using System.Collections.Immutable;
using System.Text.Json.Serialization;
using PandaNas.Experiments.Options;
using PandaNas.Ranking;
using PandaNas.Statistics;

namespace PandaNas.Experiments.Comparisons;

/// <summary>One measure of a method over its seeds.</summary>
/// <param name="Mean">The mean over the seeds for which it is defined.</param>
/// <param name="StandardDeviation">Their standard deviation; null for one seed, and for a control, which has none.</param>
/// <param name="Seeds">How many seeds: n.</param>
/// <param name="Difference">The paired difference to the first method; null for the first method itself and where no seed has both.</param>
public sealed record MeasureSummary(double Mean, double? StandardDeviation, int Seeds, PairedDifference? Difference);

/// <summary>One line of a comparison: a method, or a control that needs no training.</summary>
/// <param name="Name">The method's or control's name.</param>
/// <param name="IsControl">Whether it is a control.</param>
/// <param name="Epochs">Epochs of a run; null for a control.</param>
/// <param name="PassesPerStep">Forward-backward passes of a mini-batch over a path in one step; null for a control.</param>
/// <param name="Passes">Such passes of a whole run; null for a control, and while no run is done.</param>
/// <param name="Seeds">The seeds whose runs are done.</param>
/// <param name="Measures">The measures by name.</param>
public sealed record ComparisonRow(
    string Name,
    bool IsControl,
    int? Epochs,
    int? PassesPerStep,
    long? Passes,
    ImmutableArray<long> Seeds,
    ImmutableSortedDictionary<string, MeasureSummary> Measures)
{
    /// <summary>tau between the rankings of every two seeds, over the pairs; null for fewer than two seeds.</summary>
    [JsonInclude]
    internal SeedStatistics? Stability { get; init; }
}

/// <summary>What a comparison gave, or has given so far.</summary>
/// <param name="Options">What was compared.</param>
/// <param name="DataSet">The data set.</param>
/// <param name="Protocol">Which images train and rank: split or released.</param>
/// <param name="TruthColumn">The truth's column; null without a truth.</param>
/// <param name="Architectures">How many architectures every run ranked.</param>
/// <param name="Images">On how many images.</param>
/// <param name="RankingPart">Which images those are: validation or test.</param>
/// <param name="Rows">The methods in the order of the options, then the controls.</param>
/// <param name="RunsDone">How many runs are done.</param>
/// <param name="RunsPlanned">How many there will be.</param>
/// <param name="Run">The comparison's folder.</param>
public sealed record ComparisonResult(
    ComparisonOptions Options,
    string DataSet,
    string Protocol,
    string? TruthColumn,
    int Architectures,
    int Images,
    string RankingPart,
    ImmutableArray<ComparisonRow> Rows,
    int RunsDone,
    int RunsPlanned,
    string Run)
{
    /// <summary>Methods that draw uniformly in their first epoch.</summary>
    public ImmutableArray<string> StartUniform { get; init; } = [];

    /// <summary>The result as text: aligned columns, and notes below.</summary>
    [JsonIgnore]
    public string Table => ComparisonTable.Text(this);

    /// <summary>The run of the method with the best measure of the table, with its first seed.</summary>
    [JsonIgnore]
    public string BestRun
    {
        get
        {
            Measure measure = TruthColumn is null ? Measure.ValidationAccuracy : Measure.KendallTau;
            ComparisonRow best = Rows
                .Where(row => !row.Seeds.IsEmpty)
                .MaxBy(row => measure.Goodness(row.Measures.GetValueOrDefault(measure.Name)?.Mean))!;
            return Path.Combine(Run, NameOfRun(best.Name, best.Seeds[0]));
        }
    }

    /// <summary>The name of a run's folder within the comparison's.</summary>
    internal static string NameOfRun(string method, long seed) => FormattableString.Invariant($"{method}-seed{seed}");
}
