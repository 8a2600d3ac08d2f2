using System.Collections.Immutable;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Statistics;

namespace PandaNas.Ranking;

/// <summary>
/// All statistics of the ranking protocol for one set of predictions, because tau alone is not comparable across protocols.
/// Statistics that are not defined (fewer than two architectures, a constant sequence) are null. Intervals are 95% percentile
/// bootstrap intervals, see <see cref="BootstrapInterval"/>; ties in the best-first order are broken by index, see
/// <see cref="RankStatistics"/>.
/// </summary>
public sealed record RankingReport
{
    /// <summary>The share of architectures that counts as the top in P@Top5%.</summary>
    public const double TopFraction = 0.05;

    /// <summary>The true accuracy, in percent, from which <see cref="KendallTauAccurate"/> counts architectures.</summary>
    public const double AccurateFrom = 90;

    /// <summary>The K of <see cref="AtK"/> unless others are asked for.</summary>
    public static ImmutableArray<int> StandardKs { get; } = [1, 10, 50];

    /// <summary>How many architectures were ranked.</summary>
    public required int Architectures { get; init; }

    /// <summary>Kendall's tau-b, in [−1, 1].</summary>
    public required double? KendallTau { get; init; }

    /// <summary>The 95% interval of <see cref="KendallTau"/>.</summary>
    public required Interval? KendallTauCi95 { get; init; }

    /// <summary>Spearman's rank correlation, in [−1, 1].</summary>
    public required double? Spearman { get; init; }

    /// <summary>The 95% interval of <see cref="Spearman"/>.</summary>
    public required Interval? SpearmanCi95 { get; init; }

    /// <summary>P@Top5%, in [0, 1].</summary>
    public required double? PrecisionAtTop5 { get; init; }

    /// <summary>The 95% interval of <see cref="PrecisionAtTop5"/>.</summary>
    public required Interval? PrecisionAtTop5Ci95 { get; init; }

    /// <summary>What there is among the top K predicted, for every K asked for that is at most the number of architectures.</summary>
    public required ImmutableArray<StatisticsAtK> AtK { get; init; }

    /// <summary>The best truth minus the truth of the top predicted, in percentage points.</summary>
    public required double RegretTop1 { get; init; }

    /// <summary>The best truth minus the best of the top 10 (or all, when fewer) predicted, in percentage points.</summary>
    public required double RegretTop10 { get; init; }

    /// <summary>tau on the architectures whose true accuracy is at least <see cref="AccurateFrom"/> percent.</summary>
    public required SubsetTau KendallTauAccurate { get; init; }

    /// <summary>tau on the first architecture of every isomorphism class.</summary>
    public required SubsetTau KendallTauUnique { get; init; }

    /// <summary>The same truths ranked by something cheaper than a supernet, by name; any supernet must beat these.</summary>
    public required ImmutableSortedDictionary<string, ControlRanking> Controls { get; init; }

    /// <summary>Computes the report.</summary>
    /// <param name="space">The space of the architectures.</param>
    /// <param name="ranked">The architectures with predictions and truths, all finite; at least one.</param>
    /// <param name="controls">For every control its prediction for every architecture, in the same order; for example params, macs.</param>
    /// <param name="seed">The run's seed, from which the bootstrap's streams derive.</param>
    /// <param name="ks">The K of <see cref="AtK"/>, each at least 1; null for <see cref="StandardKs"/>.</param>
    /// <exception cref="BadDataException">There is no architecture to rank.</exception>
    /// <exception cref="ArgumentException">A value is not finite, or a control does not have one prediction an architecture.</exception>
    public static RankingReport Compute(
        SearchSpace space,
        IReadOnlyList<RankedArchitecture> ranked,
        IReadOnlyDictionary<string, IReadOnlyList<double>> controls,
        long seed,
        IEnumerable<int>? ks = null)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(ranked);
        ArgumentNullException.ThrowIfNull(controls);
        if (ranked.Count == 0) throw new BadDataException("there is no architecture to rank: expected at least one with a row in the truth table");
        double[] predicted = [.. ranked.Select(one => one.Predicted)], truth = [.. ranked.Select(one => one.Truth)];
        CheckFinite(predicted, "prediction");
        CheckFinite(truth, "truth");
        return new RankingReport
        {
            Architectures = ranked.Count,
            KendallTau = RankStatistics.Defined(RankStatistics.KendallTauB(predicted, truth)),
            KendallTauCi95 = Bootstrap(predicted, truth, RankStatistics.KendallTauB, seed, "kendall-tau"),
            Spearman = RankStatistics.Defined(RankStatistics.Spearman(predicted, truth)),
            SpearmanCi95 = Bootstrap(predicted, truth, RankStatistics.Spearman, seed, "spearman"),
            PrecisionAtTop5 = RankStatistics.Defined(PrecisionAtTop(predicted, truth)),
            PrecisionAtTop5Ci95 = Bootstrap(predicted, truth, PrecisionAtTop, seed, "precision-at-top5"),
            AtK = [.. (ks ?? StandardKs).Where(k => k <= truth.Length).Select(k => Top(predicted, truth, k))],
            RegretTop1 = RankStatistics.Regret(predicted, truth, 1),
            RegretTop10 = RankStatistics.Regret(predicted, truth, Math.Min(10, truth.Length)),
            KendallTauAccurate = TauOf(ranked.Where(one => one.Truth >= AccurateFrom)),
            KendallTauUnique = TauOf(ranked.DistinctBy(one => space.IsomorphismKey(one.Architecture), StringComparer.Ordinal)),
            Controls = controls.ToImmutableSortedDictionary(
                control => control.Key, control => Control(control.Key, [.. control.Value], truth), StringComparer.Ordinal),
        };
    }

    private static ControlRanking Control(string name, double[] predicted, double[] truth)
    {
        if (predicted.Length != truth.Length)
            throw new ArgumentException($"control '{name}' has {predicted.Length} predictions for {truth.Length} architectures");
        CheckFinite(predicted, $"prediction of control '{name}'");
        return new ControlRanking(
            RankStatistics.Defined(RankStatistics.KendallTauB(predicted, truth)),
            RankStatistics.Defined(RankStatistics.Spearman(predicted, truth)),
            RankStatistics.Defined(PrecisionAtTop(predicted, truth)));
    }

    private static SubsetTau TauOf(IEnumerable<RankedArchitecture> subset)
    {
        RankedArchitecture[] ranked = [.. subset];
        double tau = RankStatistics.KendallTauB([.. ranked.Select(one => one.Predicted)], [.. ranked.Select(one => one.Truth)]);
        return new SubsetTau(ranked.Length, RankStatistics.Defined(tau));
    }

    // A purpose of its own for every statistic, so that leaving one out does not change the others' intervals.
    private static Interval? Bootstrap(double[] predicted, double[] truth, PairedStatistic statistic, long seed, string purpose) =>
        BootstrapInterval.Compute(predicted, truth, statistic, RandomStream.Derive(seed, $"bootstrap/{purpose}"));

    private static StatisticsAtK Top(double[] predicted, double[] truth, int k) => new(
        k,
        RankStatistics.BestRankAtK(predicted, truth, k),
        RankStatistics.WorstRankAtK(predicted, truth, k),
        RankStatistics.PrecisionAtK(predicted, truth, k),
        RankStatistics.Defined(RankStatistics.KendallTauOfTop(predicted, truth, k)),
        RankStatistics.Regret(predicted, truth, k));

    private static double PrecisionAtTop(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth) =>
        RankStatistics.PrecisionAtTop(predicted, truth, TopFraction);

    private static void CheckFinite(double[] values, string what)
    {
        int at = Array.FindIndex(values, value => !double.IsFinite(value));
        if (at >= 0) throw new ArgumentException($"the {what} of architecture {at} is {values[at]}; expected a finite number");
    }
}

/// <summary>What there is among the top K predicted.</summary>
/// <param name="K">How many of the best predicted.</param>
/// <param name="Best">BR@K: the best true rank among them, 1 = best of all.</param>
/// <param name="Worst">WR@K: the worst true rank among them.</param>
/// <param name="Precision">P@TopK: the share of them that belongs to the true top K, in [0, 1].</param>
/// <param name="KendallTau">tau-b among them only, in [−1, 1]; null when not defined, for example for a K of 1.</param>
/// <param name="Regret">The best truth of all minus the best among them, in percentage points.</param>
public sealed record StatisticsAtK(int K, int Best, int Worst, double Precision, double? KendallTau, double Regret);

/// <summary>Kendall's tau-b on a part of the architectures.</summary>
/// <param name="Architectures">How many architectures the part has.</param>
/// <param name="KendallTau">tau-b, in [−1, 1]; null when not defined, for example for fewer than two architectures.</param>
public sealed record SubsetTau(int Architectures, double? KendallTau);

/// <summary>How well a control, for example the parameter count, ranks the same architectures.</summary>
/// <param name="KendallTau">Kendall's tau-b, in [−1, 1]; null when not defined.</param>
/// <param name="Spearman">Spearman's rank correlation, in [−1, 1]; null when not defined.</param>
/// <param name="PrecisionAtTop5">P@Top5%, in [0, 1].</param>
public sealed record ControlRanking(double? KendallTau, double? Spearman, double? PrecisionAtTop5);
