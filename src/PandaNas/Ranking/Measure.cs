using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Statistics;

namespace PandaNas.Ranking;

/// <summary>
/// A figure by which trainings and rankings are compared, and what it is called wherever it is told. All there are stand here: tables,
/// comparisons and files take them from this list.
/// </summary>
/// <param name="Name">Its key in files and its column in CSV, for example <c>kendall_tau</c>.</param>
/// <param name="Heading">What tables for people call it.</param>
/// <param name="Unit">Its unit; empty for a number without one.</param>
/// <param name="Format">How many digits people read, as a .NET format.</param>
/// <param name="HigherIsBetter">Whether more of it is better; otherwise less is.</param>
/// <param name="Compute">
/// Computes it of predicted and true accuracies, see <see cref="RankStatistics"/>; null for what the training tells.
/// </param>
internal sealed record Measure(
    string Name, string Heading, string Unit, string Format, bool HigherIsBetter, PairedStatistic? Compute = null)
{
    private const string Digits = "F3", Whole = "0", Share = "share", Points = "percentage points", Rank = "rank";

    /// <summary>The share of architectures that counts as the top in P@Top5%.</summary>
    public const double TopFraction = 0.05;

    /// <summary>Time of all epochs together.</summary>
    public static Measure TrainingSeconds { get; } = new("training_seconds", "seconds", "s", "F0", HigherIsBetter: false);

    /// <summary>Mean accuracy of random architectures with the supernet's weights.</summary>
    public static Measure ValidationAccuracy { get; } =
        new("validation_accuracy", "accuracy of random architectures", Share, Digits, HigherIsBetter: true);

    /// <summary>Kendall's tau-b.</summary>
    public static Measure KendallTau { get; } =
        new("kendall_tau", "Kendall's tau", "", Digits, HigherIsBetter: true, RankStatistics.KendallTauB);

    /// <summary>Spearman's rank correlation.</summary>
    public static Measure Spearman { get; } = new("spearman", "Spearman", "", Digits, HigherIsBetter: true, RankStatistics.Spearman);

    /// <summary>The share of the top 5% predicted that belongs to the true top 5%.</summary>
    public static Measure PrecisionAtTop5 { get; } = new(
        "precision_at_top5", "P@Top5%", Share, Digits, HigherIsBetter: true,
        (predicted, truth) => RankStatistics.PrecisionAtTop(predicted, truth, TopFraction));

    /// <summary>tau of the architectures that are accurate in truth.</summary>
    public static Measure KendallTauAccurate { get; } = KendallTau with { Name = "kendall_tau_accurate", Heading = "tau, accurate part" };

    /// <summary>tau of the first architecture of every isomorphism class.</summary>
    public static Measure KendallTauUnique { get; } = KendallTau with { Name = "kendall_tau_unique", Heading = "tau, unique cells" };

    /// <summary>The best truth minus that of the best predicted.</summary>
    public static Measure RegretTop1 { get; } = RegretAt(1) with { Name = "regret_top1", Heading = "regret of top-1" };

    /// <summary>The best truth minus the best of the ten best predicted, or of all where they are fewer.</summary>
    public static Measure RegretTop10 { get; } = RegretAt(10) with { Name = "regret_top10", Heading = "regret of top-10" };

    /// <summary>BR@K: the best true rank among the best <paramref name="k"/> predicted.</summary>
    public static Measure BestRankAt(int k) => new(
        $"br_at_{k}", "BR@K", Rank, Whole, HigherIsBetter: false, (predicted, truth) => RankStatistics.BestRankAtK(predicted, truth, k));

    /// <summary>WR@K: the worst true rank among the best <paramref name="k"/> predicted.</summary>
    public static Measure WorstRankAt(int k) => new(
        $"wr_at_{k}", "WR@K", Rank, Whole, HigherIsBetter: false, (predicted, truth) => RankStatistics.WorstRankAtK(predicted, truth, k));

    /// <summary>P@TopK: the share of the best <paramref name="k"/> predicted that belongs to as many best in truth.</summary>
    public static Measure PrecisionAt(int k) => new(
        $"precision_at_{k}", "P@TopK", Share, Digits, HigherIsBetter: true,
        (predicted, truth) => RankStatistics.PrecisionAtK(predicted, truth, k));

    /// <summary>tau-b among the best <paramref name="k"/> predicted only.</summary>
    public static Measure KendallTauAt(int k) => new(
        $"kendall_tau_at_{k}", "tau within", "", Digits, HigherIsBetter: true,
        (predicted, truth) => RankStatistics.KendallTauOfTop(predicted, truth, k));

    /// <summary>The best truth minus the best among the best <paramref name="k"/> predicted, or all where they are fewer.</summary>
    public static Measure RegretAt(int k) => new(
        $"regret_at_{k}", "regret", Points, Digits, HigherIsBetter: false,
        (predicted, truth) => RankStatistics.Regret(predicted, truth, Math.Min(k, predicted.Length)));

    /// <summary>All measures of the best <paramref name="k"/> predicted.</summary>
    public static ImmutableArray<Measure> AtK(int k) => [BestRankAt(k), WorstRankAt(k), PrecisionAt(k), KendallTauAt(k), RegretAt(k)];

    /// <summary>The measure of a ranking; null where it is not defined.</summary>
    /// <param name="predicted">Predicted accuracies.</param>
    /// <param name="truth">True accuracies, in the same order.</param>
    public double? Of(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth) =>
        RankStatistics.Defined((Compute ?? throw new InvalidOperationException($"{Name} is not a measure of a ranking"))(predicted, truth));

    /// <summary>A value such that more is better, below all others where there is none.</summary>
    public double Goodness(double? value) => (HigherIsBetter ? value : -value) ?? double.NegativeInfinity;

    /// <summary>A value as people read it.</summary>
    public string Text(double? value) => value?.ToString(Format, CultureInfo.InvariantCulture) ?? "undefined";

    /// <summary>An interval as people read it; empty where there is none.</summary>
    public string Text(Interval? interval) => interval is { } ends ? $"{Text(ends.Lower)} to {Text(ends.Upper)}" : "";
}
