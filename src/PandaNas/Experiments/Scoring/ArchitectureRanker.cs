using System.Collections.Immutable;
using System.Text.Json.Serialization;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Ranking.Rankers;
using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Experiments.Scoring;

/// <summary>What a ranker other than the accuracy used of a score.</summary>
/// <param name="Score">Its name.</param>
/// <param name="Weight">The weight of its log rank.</param>
/// <param name="Reference">How many architectures of the reference sample it is ranked against.</param>
/// <param name="NotFinite">
/// How many architectures that compute different things, of the sample and of those asked for, have no finite score and so the lowest rank.
/// </param>
internal sealed record RankerScore(string Score, double Weight, int Reference, int NotFinite)
{
    /// <summary>
    /// How many were computed now; the others were kept. Null in files that are the same however often work was interrupted.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Computed { get; init; }

    /// <summary>Mean time of those, in milliseconds; null where none was computed now.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Milliseconds { get; init; }

    /// <summary>How well it alone ranks; null without a truth.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ControlQuality? Alone { get; init; }
}

/// <summary>What ordered architectures where it was not the accuracy alone.</summary>
/// <param name="Formula">The ranker as options write it.</param>
/// <param name="Scores">What it is made of.</param>
internal sealed record RankerReport(string Formula, ImmutableArray<RankerScore> Scores) : IJsonOnDeserialized
{
    /// <summary>How well the accuracy alone ranks; null without a truth.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ControlQuality? AccuracyAlone { get; init; }

    /// <summary>Refuses what the types of a file's values leave open.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (string.IsNullOrEmpty(Formula) || Scores.IsDefaultOrEmpty || Scores.Contains(null!))
            throw new System.Text.Json.JsonException("its ranker names no score");
    }
}

/// <summary>
/// Orders architectures by a ranker. A score's rank is that against a reference sample of uniform architectures which the supernet's seed
/// decides; an architecture's value is the weighted geometric mean of its relative ranks, so that it orders like the weighted sum of the
/// logarithms of its ranks, and does not depend on which other architectures are asked for.
/// </summary>
internal sealed class ArchitectureRanker
{
    // Of the reference sample, for scores that compute networks: what a search of 1,000 may take longer for it.
    private const int ShareOfComputed = 10;

    private readonly RankerFormula _formula;
    private readonly ScoreSetting _setting;
    private readonly SearchSpace _space;
    // Null where nothing is measured with the supernet's weights.
    private readonly ArchitectureScores? _evaluated;
    private readonly ImmutableArray<Ranked> _scores;

    private ArchitectureRanker(
        RankerFormula formula, ScoreSetting setting, ArchitectureScores? evaluated, ImmutableArray<Ranked> scores) =>
        (_formula, _setting, _space, _evaluated, _scores) = (formula, setting, setting.Space, evaluated, scores);

    /// <summary>What ordered, without times; null where it was the accuracy alone.</summary>
    public RankerReport? Report => _formula.IsAccuracy
        ? null
        : new RankerReport(_formula.ToString(), [.. _scores.Select(score => score.Report())]);

    /// <summary>Whether accuracies are known of what it orders: those that it takes, or that the loss gives by the way.</summary>
    public bool KnowsAccuracies => _evaluated is not null;

    /// <summary>The accuracy of an architecture with the supernet's weights; null where the ranker takes none.</summary>
    public double? AccuracyOf(Architecture architecture) => _evaluated?.Accuracy(architecture);

    /// <summary>The names of the scores.</summary>
    public IEnumerable<string> Names => _scores.Select(score => score.Term.Score.Name);

    /// <summary>The architectures against which ranks are taken.</summary>
    /// <param name="supernet">The supernet.</param>
    /// <param name="reference">How many; those of the space where it has fewer.</param>
    public static IReadOnlyList<Architecture> SampleOf(SupernetEvaluation supernet, int reference)
    {
        SearchSpace space = supernet.Family.Space;
        return UniformArchitectures.DrawDistinct(
            space, (int)System.Numerics.BigInteger.Min(reference, space.Size),
            RandomStream.Derive(supernet.Options.Seed, "reference"));
    }

    /// <summary>Makes a ranker; scores the reference sample, as far as that is not kept from earlier work.</summary>
    /// <param name="supernet">The supernet.</param>
    /// <param name="formula">What orders.</param>
    /// <param name="reference">Architectures of the reference sample; those of the space where it has fewer.</param>
    /// <param name="networks">
    /// How many initial weights and batches of images scores that compute networks take; the logarithms of their ranks are averaged.
    /// </param>
    /// <param name="images">How many ranking images score with the supernet's weights.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <exception cref="BadOptionException">The space cannot have a score.</exception>
    /// <exception cref="OperationCanceledException">Stopped when asked; scores so far are kept and reused.</exception>
    public static ArchitectureRanker Make(
        SupernetEvaluation supernet, RankerFormula formula, int reference, int networks, int images, RunContext context)
    {
        ScoreSetting[] settings = [.. Enumerable.Range(0, networks).Select(network => supernet.ScoresOn(images, network))];
        ArchitectureScores? evaluated = formula.NeedsSupernet ? supernet.On(images) : null;
        if (formula.IsAccuracy) return new ArchitectureRanker(formula, settings[0], evaluated, []);
        Ranked[] scores = [.. formula.Terms.Select(term => new Ranked(
            term,
            [.. settings.Take(IsComputed(term.Score) ? networks : 1).Select(setting => new Drawn(Maker(supernet, setting, term.Score)))],
            context.Clock))];
        IReadOnlyList<Architecture> sample = SampleOf(supernet, reference);
        int count = sample.Count;
        int total = scores.Sum(score => SizeOf(score, count)), done = 0;
        foreach (Ranked score in AccuracyLast(scores))
            score.RankAgainst([.. sample.Take(SizeOf(score, count)).Select(one => (settings[0].Space.LiveGraphKey(one), one))], () =>
            {
                context.Report("reference sample", (double)++done / total, $"{score.Term.Score.Name}: {done} of {total} scores");
                context.Stop.ThrowIfCancellationRequested();
            });
        return new ArchitectureRanker(formula, settings[0], evaluated, [.. scores]);
    }

    /// <summary>What an architecture is ordered by, in [0, 1]: its accuracy, or the geometric mean of its relative ranks.</summary>
    public double Of(Architecture architecture) => Of(architecture, null);

    /// <summary>What architectures are ordered by, in their order; other ranks help where the accuracy does.</summary>
    /// <param name="architectures">The architectures.</param>
    /// <param name="stop">Asks to stop; scores so far are kept and reused.</param>
    /// <param name="scored">Called when an architecture's value is there.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public double[] Of(IReadOnlyList<Architecture> architectures, CancellationToken stop, Action? scored = null)
    {
        // The loss would evaluate them anew, and gives the accuracy by the way.
        bool needsAccuracy = _formula.Terms.Any(term => term.Score.Name == RankerFormula.Usual);
        bool needsLoss = _formula.Terms.Any(term => term.Score.IsOfSupernet && term.Score.Name != RankerFormula.Usual);
        if (_formula.IsAccuracy) return _evaluated!.Accuracies(architectures, stop, scored);
        if (needsAccuracy && !needsLoss) _evaluated!.Accuracies(architectures, stop);
        var values = new double[architectures.Count];
        for (int i = 0; i < values.Length; i++)
        {
            stop.ThrowIfCancellationRequested();
            values[i] = Of(architectures[i]);
            scored?.Invoke();
        }
        return values;
    }

    /// <summary>The same if the architecture had another accuracy.</summary>
    public double OfAccuracy(Architecture architecture, double accuracy) => Of(architecture, accuracy);

    /// <summary>The scores by themselves, in the order of <see cref="Names"/>.</summary>
    public ImmutableArray<double> ScoresOf(Architecture architecture)
    {
        string key = _space.LiveGraphKey(architecture);
        return [.. _scores.Select(score => score.Of(key, architecture))];
    }

    /// <summary>The relative ranks by each score, in the order of <see cref="Names"/>.</summary>
    /// <param name="architecture">The architecture.</param>
    /// <param name="accuracy">Stands for its own; null for that.</param>
    public ImmutableArray<double> RanksOf(Architecture architecture, double? accuracy = null)
    {
        string key = _space.LiveGraphKey(architecture);
        return [.. _scores.Select(score => RankOf(score, key, architecture, accuracy))];
    }

    /// <summary>An architecture with what the ranker says of it, where that is not the accuracy alone.</summary>
    public ScoredArchitecture Described(ScoredArchitecture scored, Architecture architecture) => _formula.IsAccuracy ? scored : scored with
    {
        Score = Of(architecture),
        Scores = Names.Zip(ScoresOf(architecture)).Where(one => one.First != RankerFormula.Usual)
            .ToImmutableSortedDictionary(
                one => one.First, one => double.IsFinite(one.Second) ? one.Second : (double?)null, StringComparer.Ordinal),
    };

    /// <summary>What ordered, with what it took.</summary>
    public RankerReport? ReportWithTimes() => Report is { } report
        ? report with { Scores = [.. report.Scores.Select((score, i) => _scores[i].WithTimes(score))] }
        : null;

    private double Of(Architecture architecture, double? accuracy)
    {
        if (_formula.IsAccuracy) return accuracy ?? _setting.Accuracy(architecture);
        string key = _space.LiveGraphKey(architecture);
        double sum = 0, weights = 0;
        foreach (Ranked score in AccuracyLast(_scores))
        {
            sum += score.Term.Weight * Math.Log(RankOf(score, key, architecture, accuracy));
            weights += score.Term.Weight;
        }
        return Math.Exp(sum / weights);
    }

    private static double RankOf(Ranked score, string key, Architecture architecture, double? accuracy) =>
        score.Term.Score.Name == RankerFormula.Usual && accuracy is { } other ? score.RankOf([other]) : score.RankOf(key, architecture);

    private static bool IsComputed(ArchitectureScore score) => !score.IsCounted && !score.IsOfSupernet;

    // The loss gives the accuracy by the way.
    private static IEnumerable<Ranked> AccuracyLast(IEnumerable<Ranked> scores) =>
        scores.OrderBy(score => score.Term.Score.Name == RankerFormula.Usual);

    private static int SizeOf(Ranked score, int reference) =>
        score.Term.Score.IsCounted ? reference : Math.Max(1, reference / ShareOfComputed);

    // What computes networks is kept; what the supernet gives is kept by itself.
    private static Func<Architecture, (double Score, bool IsNew)> Maker(
        SupernetEvaluation supernet, ScoreSetting setting, ArchitectureScore score)
    {
        Func<Architecture, double> make = score.Make(setting);
        if (score.IsCounted) return architecture => (make(architecture), true);
        if (score.IsOfSupernet)
            return architecture =>
            {
                int before = supernet.Evaluated;
                return (make(architecture), supernet.Evaluated > before);
            };
        var file = new ScoreFile(supernet.Family.Space, supernet.Run, NameOf(score, setting.Number), score.Name, _ => true);
        return architecture => file.Find(architecture) is { } known ? (known, false) : (file.Add(architecture, make(architecture)), true);
    }

    // Space, sizes, images and seed are the run's; what computes them may be compiled anew.
    private static string NameOf(ArchitectureScore score, int network) =>
        $"{score.Name}{(network == 0 ? "" : $"-{network + 1}")}-code-{score.Make.Method.Module.ModuleVersionId.ToString("N")[..16]}.csv";

    // A score by one initial network, or the only one that there is, with what was asked of it.
    private sealed class Drawn(Func<Architecture, (double Score, bool IsNew)> make)
    {
        // By live graph.
        private readonly Dictionary<string, double> _known = new(StringComparer.Ordinal);

        public ReferenceRanks Ranks { get; private set; } = null!;

        public IEnumerable<string> NotFinite => _known.Where(one => !double.IsFinite(one.Value)).Select(one => one.Key);

        public void RankAgainst(IEnumerable<double> scores) => Ranks = new ReferenceRanks([.. scores]);

        public (double Score, bool IsNew) Of(string key, Architecture architecture)
        {
            if (_known.TryGetValue(key, out double known)) return (known, false);
            (double score, bool isNew) = make(architecture);
            _known.Add(key, score);
            return (score, isNew);
        }
    }

    // A score, over all its draws.
    private sealed class Ranked(RankerTerm term, ImmutableArray<Drawn> draws, TimeProvider clock)
    {
        private int _computed;
        private TimeSpan _spent;

        public RankerTerm Term => term;

        /// <summary>Scores a sample, each architecture by every draw, and ranks against it from then on.</summary>
        public void RankAgainst(IReadOnlyList<(string Key, Architecture Architecture)> sample, Action scored)
        {
            double[][] scores = [.. sample.Select(one =>
            {
                double[] all = [.. ByDraws(one.Key, one.Architecture)];
                scored();
                return all;
            })];
            for (int draw = 0; draw < draws.Length; draw++) draws[draw].RankAgainst(scores.Select(all => all[draw]));
        }

        /// <summary>The mean over the draws.</summary>
        public double Of(string key, Architecture architecture) => ByDraws(key, architecture).Average();

        /// <summary>The geometric mean of the relative ranks of an architecture by the draws.</summary>
        public double RankOf(string key, Architecture architecture) => RankOf([.. ByDraws(key, architecture)]);

        /// <summary>The same of scores by the draws.</summary>
        public double RankOf(ReadOnlySpan<double> scores)
        {
            if (draws is [Drawn only]) return only.Ranks.RelativeRankOf(scores[0]);
            double sum = 0;
            for (int draw = 0; draw < draws.Length; draw++) sum += Math.Log(draws[draw].Ranks.RelativeRankOf(scores[draw]));
            return Math.Exp(sum / draws.Length);
        }

        public RankerScore Report() =>
            new(term.Score.Name, term.Weight, draws[0].Ranks.Count, draws.SelectMany(draw => draw.NotFinite).Distinct().Count());

        public RankerScore WithTimes(RankerScore report) => report with
        {
            Computed = _computed,
            Milliseconds = _computed == 0 ? null : _spent.TotalMilliseconds / _computed,
        };

        private IEnumerable<double> ByDraws(string key, Architecture architecture)
        {
            foreach (Drawn draw in draws)
            {
                long started = clock.GetTimestamp();
                (double score, bool isNew) = draw.Of(key, architecture);
                if (isNew)
                {
                    _computed++;
                    _spent += clock.GetElapsedTime(started);
                }
                yield return score;
            }
        }
    }
}
