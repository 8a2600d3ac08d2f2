using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Statistics;

namespace PandaNas.Ranking;

/// <summary>
/// How well a ranking agrees with true accuracies: all statistics of the protocol, because tau alone is not comparable across
/// protocols. What is not defined (of fewer than two architectures, of a constant sequence) is null. Intervals are 95% percentile
/// bootstrap intervals over architectures; docs/glossary.md defines the statistics.
/// </summary>
public sealed record RankingQuality : IJsonOnDeserialized
{
    /// <summary>The true accuracy, in percent, from which <see cref="KendallTauAccurate"/> counts architectures.</summary>
    public const double AccurateFrom = 90;

    /// <summary>Kendall's tau-b, in [−1, 1].</summary>
    public required double? KendallTau { get; init; }

    /// <summary>The 95% interval of <see cref="KendallTau"/>.</summary>
    public required Interval? KendallTauCi95 { get; init; }

    /// <summary>Spearman's rank correlation, in [−1, 1].</summary>
    public required double? Spearman { get; init; }

    /// <summary>The 95% interval of <see cref="Spearman"/>.</summary>
    public required Interval? SpearmanCi95 { get; init; }

    /// <summary>P@Top5%: the share of the top 5% predicted that belongs to the true top 5%, in [0, 1].</summary>
    public required double? PrecisionAtTop5 { get; init; }

    /// <summary>The 95% interval of <see cref="PrecisionAtTop5"/>.</summary>
    public required Interval? PrecisionAtTop5Ci95 { get; init; }

    /// <summary>What there is among the top K predicted, for every K asked for that is at most the number of architectures.</summary>
    public required ImmutableArray<QualityAtK> AtK { get; init; }

    /// <summary>The best truth minus the truth of the top predicted, in percentage points.</summary>
    public required double RegretTop1 { get; init; }

    /// <summary>The best truth minus the best of the top 10 (or all, when fewer) predicted, in percentage points.</summary>
    public required double RegretTop10 { get; init; }

    /// <summary>tau on the architectures whose true accuracy is at least <see cref="AccurateFrom"/> percent.</summary>
    public required SubsetTau KendallTauAccurate { get; init; }

    /// <summary>tau on the first architecture of every isomorphism class.</summary>
    public required SubsetTau KendallTauUnique { get; init; }

    /// <summary>The same truths ranked by something cheaper than a supernet, by name; any supernet must beat these.</summary>
    public required ImmutableSortedDictionary<string, ControlQuality> Controls { get; init; }

    /// <summary>Every measure with its value.</summary>
    internal IEnumerable<(Measure Measure, double? Value)> Measures =>
    [
        (Measure.KendallTau, KendallTau), (Measure.Spearman, Spearman), (Measure.PrecisionAtTop5, PrecisionAtTop5),
        (Measure.RegretTop1, RegretTop1), (Measure.RegretTop10, RegretTop10),
        (Measure.KendallTauAccurate, KendallTauAccurate.KendallTau), (Measure.KendallTauUnique, KendallTauUnique.KendallTau),
        .. AtK.SelectMany(top => top.Measures),
    ];

    /// <summary>Measures a ranking.</summary>
    /// <param name="space">The space of the architectures.</param>
    /// <param name="ranked">The architectures with predictions and truths, all finite; at least one.</param>
    /// <param name="controls">For every control its prediction for every architecture, in the same order; for example params, macs.</param>
    /// <param name="seed">The run's seed, from which the bootstrap's streams derive.</param>
    /// <param name="ks">The K of <see cref="AtK"/>, each at least 1.</param>
    /// <exception cref="BadDataException">There is no architecture to rank.</exception>
    /// <exception cref="ArgumentException">A value is not finite, or a control does not have one prediction per architecture.</exception>
    internal static RankingQuality Compute(
        SearchSpace space,
        IReadOnlyList<RankedArchitecture> ranked,
        IReadOnlyDictionary<string, IReadOnlyList<double>> controls,
        long seed,
        IEnumerable<int> ks)
    {
        if (ranked.Count == 0)
            throw new BadDataException("there is no architecture to rank: expected at least one with a row in the truth table");
        double[] predicted = [.. ranked.Select(one => one.Predicted)], truth = [.. ranked.Select(one => one.Truth)];
        CheckFinite(predicted, "prediction");
        CheckFinite(truth, "truth");
        return new RankingQuality
        {
            KendallTau = Measure.KendallTau.Of(predicted, truth),
            KendallTauCi95 = Ci95(Measure.KendallTau),
            Spearman = Measure.Spearman.Of(predicted, truth),
            SpearmanCi95 = Ci95(Measure.Spearman),
            PrecisionAtTop5 = Measure.PrecisionAtTop5.Of(predicted, truth),
            PrecisionAtTop5Ci95 = Ci95(Measure.PrecisionAtTop5),
            AtK = [.. ks.Where(k => k <= truth.Length).Select(k => QualityAtK.Of(predicted, truth, k))],
            RegretTop1 = Measure.RegretTop1.Of(predicted, truth)!.Value,
            RegretTop10 = Measure.RegretTop10.Of(predicted, truth)!.Value,
            KendallTauAccurate = SubsetTau.Of(ranked.Where(one => one.Truth >= AccurateFrom)),
            KendallTauUnique = SubsetTau.Of(ranked.DistinctBy(one => space.IsomorphismKey(one.Architecture), StringComparer.Ordinal)),
            Controls = controls.ToImmutableSortedDictionary(
                control => control.Key, control => Control(control.Key, [.. control.Value], truth), StringComparer.Ordinal),
        };

        // A purpose of its own for every measure, so that leaving one out does not change the others' intervals.
        Interval? Ci95(Measure measure) => BootstrapInterval.Compute(
            predicted, truth, measure.Compute!, RandomStream.Derive(seed, $"bootstrap/{measure.Name.Replace('_', '-')}"));
    }

    /// <summary>Refuses what the types of a file's values leave open.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (AtK.IsDefault || AtK.Contains(null!)) throw new JsonException("an entry of 'at_k' is empty");
        if (Controls.FirstOrDefault(control => control.Value is null).Key is { } empty)
            throw new JsonException($"the control '{empty}' is empty");
    }

    private static ControlQuality Control(string name, double[] predicted, double[] truth)
    {
        if (predicted.Length != truth.Length)
            throw new ArgumentException($"control '{name}' has {predicted.Length} predictions for {truth.Length} architectures");
        CheckFinite(predicted, $"prediction of control '{name}'");
        return ControlQuality.Of(predicted, truth);
    }

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
public sealed record QualityAtK(int K, int Best, int Worst, double Precision, double? KendallTau, double Regret)
{
    /// <summary>Every measure with its value.</summary>
    internal IEnumerable<(Measure Measure, double? Value)> Measures =>
        Measure.AtK(K).Zip((double?[])[Best, Worst, Precision, KendallTau, Regret]);

    internal static QualityAtK Of(double[] predicted, double[] truth, int k)
    {
        double?[] values = [.. Measure.AtK(k).Select(measure => measure.Of(predicted, truth))];
        return values is [{ } best, { } worst, { } precision, var tau, { } regret]
            ? new QualityAtK(k, (int)best, (int)worst, precision, tau, regret)
            : throw new ArgumentException("a measure of finite values is not defined");
    }
}

/// <summary>Kendall's tau-b on a part of the architectures.</summary>
/// <param name="Architectures">How many architectures the part has.</param>
/// <param name="KendallTau">tau-b, in [−1, 1]; null when not defined, for example for fewer than two architectures.</param>
public sealed record SubsetTau(int Architectures, double? KendallTau)
{
    internal static SubsetTau Of(IEnumerable<RankedArchitecture> subset)
    {
        RankedArchitecture[] ranked = [.. subset];
        double? tau = Measure.KendallTau.Of([.. ranked.Select(one => one.Predicted)], [.. ranked.Select(one => one.Truth)]);
        return new SubsetTau(ranked.Length, tau);
    }
}

/// <summary>How well a control, for example the parameter count, ranks the same architectures.</summary>
/// <param name="KendallTau">Kendall's tau-b, in [−1, 1]; null when not defined.</param>
/// <param name="Spearman">Spearman's rank correlation, in [−1, 1]; null when not defined.</param>
/// <param name="PrecisionAtTop5">P@Top5%, in [0, 1].</param>
public sealed record ControlQuality(double? KendallTau, double? Spearman, double? PrecisionAtTop5)
{
    /// <summary>Every measure with its value.</summary>
    internal IEnumerable<(Measure Measure, double? Value)> Measures =>
        [(Measure.KendallTau, KendallTau), (Measure.Spearman, Spearman), (Measure.PrecisionAtTop5, PrecisionAtTop5)];

    internal static ControlQuality Of(double[] predicted, double[] truth) => new(
        Measure.KendallTau.Of(predicted, truth), Measure.Spearman.Of(predicted, truth), Measure.PrecisionAtTop5.Of(predicted, truth));
}

/// <summary>How far two supernets rank the same architectures alike; needs no truth.</summary>
/// <param name="KendallTau">Kendall's tau-b between the two predictions, in [−1, 1]; null when not defined.</param>
/// <param name="KendallTauCi95">Its 95% bootstrap interval over architectures.</param>
/// <param name="Spearman">Spearman's rank correlation, in [−1, 1]; null when not defined.</param>
/// <param name="CommonTop5">The share of one's top 5% that is also in the other's, in [0, 1].</param>
internal sealed record RankAgreement(double? KendallTau, Interval? KendallTauCi95, double? Spearman, double CommonTop5)
{
    /// <summary>Compares two predictions of the same architectures in the same order, all finite, at least one.</summary>
    /// <param name="one">The predictions of one supernet.</param>
    /// <param name="other">Those of the other.</param>
    /// <param name="seed">From which the bootstrap's stream derives.</param>
    /// <exception cref="ArgumentException">The sequences are empty or have different lengths.</exception>
    internal static RankAgreement Compute(IReadOnlyList<double> one, IReadOnlyList<double> other, long seed)
    {
        double[] x = [.. one], y = [.. other];
        Interval? interval = BootstrapInterval.Compute(x, y, RankStatistics.KendallTauB, RandomStream.Derive(seed, "bootstrap/agreement"));
        return new RankAgreement(
            Measure.KendallTau.Of(x, y), interval, Measure.Spearman.Of(x, y), Measure.PrecisionAtTop5.Of(x, y)!.Value);
    }
}

/// <summary>An architecture with its predicted and its true accuracy.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="Predicted">The accuracy with the supernet's weights; only its order matters to a ranking.</param>
/// <param name="Truth">The stand-alone accuracy, in percent.</param>
internal sealed record RankedArchitecture(Architecture Architecture, double Predicted, double Truth);
