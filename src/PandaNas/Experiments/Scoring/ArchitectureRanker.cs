using System.Collections.Immutable;
using System.Text.Json.Serialization;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Ranking.Rankers;
using PandaNas.Runtime.Threads;
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

    /// <summary>
    /// Mean time of those, in milliseconds; null where none was computed now. Several go on at a time: of scores of initial networks it is
    /// the time of one, of accuracy and loss the time of all by their number.
    /// </summary>
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
    // One for each initial network.
    private readonly ScoreSetting[] _settings;
    private readonly SearchSpace _space;
    // Null where nothing is measured with the supernet's weights.
    private readonly ArchitectureScores? _evaluated;
    private readonly ImmutableArray<Ranked> _scores;

    private ArchitectureRanker(
        RankerFormula formula, ScoreSetting[] settings, ArchitectureScores? evaluated, ImmutableArray<Ranked> scores) =>
        (_formula, _settings, _space, _evaluated, _scores) = (formula, settings, settings[0].Space, evaluated, scores);

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
        if (formula.IsAccuracy) return new ArchitectureRanker(formula, settings, evaluated, []);
        Ranked[] scores = [.. formula.Terms.Select(term => new Ranked(
            term, [.. settings.Take(IsComputed(term.Score) ? networks : 1).Select(setting => Draw(supernet, setting, term.Score))],
            context.Clock))];
        var ranker = new ArchitectureRanker(formula, settings, evaluated, [.. scores]);
        IReadOnlyList<Architecture> sample = SampleOf(supernet, reference);
        int total = scores.Sum(score => SizeOf(score, sample.Count)), done = 0;
        foreach (Ranked score in AccuracyLast(scores))
        {
            Asked[] some = [.. sample.Take(SizeOf(score, sample.Count)).Select(ranker.Ask)];
            ranker.Prepare([score], some, context.Stop, () =>
                context.Report("reference sample", (double)++done / total, $"{score.Term.Score.Name}: {done} of {total} scores"));
            score.RankAgainst(some);
        }
        return ranker;
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
        if (_formula.IsAccuracy) return _evaluated!.Accuracies(architectures, stop, scored);
        Prepare(_scores, [.. architectures.Select(Ask)], stop, scored);
        return [.. architectures.Select(one => Of(one))];
    }

    /// <summary>The same if the architecture had another accuracy.</summary>
    public double OfAccuracy(Architecture architecture, double accuracy) => Of(architecture, accuracy);

    /// <summary>The scores by themselves, in the order of <see cref="Names"/>.</summary>
    public ImmutableArray<double> ScoresOf(Architecture architecture)
    {
        Asked asked = Known(architecture, null);
        return [.. _scores.Select(score => score.Of(asked))];
    }

    /// <summary>The relative ranks by each score, in the order of <see cref="Names"/>.</summary>
    /// <param name="architecture">The architecture.</param>
    /// <param name="accuracy">Stands for its own; null for that.</param>
    public ImmutableArray<double> RanksOf(Architecture architecture, double? accuracy = null)
    {
        Asked asked = Known(architecture, accuracy);
        return [.. _scores.Select(score => RankOf(score, asked, accuracy))];
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

    private Asked Ask(Architecture architecture) => new(_space.LiveGraphKey(architecture), architecture);

    // Of one alone; an accuracy that is given need not be evaluated.
    private Asked Known(Architecture architecture, double? accuracy)
    {
        Asked asked = Ask(architecture);
        Prepare(
            [.. _scores.Where(score => accuracy is null || score.Term.Score.Name != RankerFormula.Usual)], [asked], CancellationToken.None,
            null);
        return asked;
    }

    // Makes what is not known: what the supernet's weights give and what initial networks give side by side, the rest one by one.
    private void Prepare(IReadOnlyList<Ranked> scores, Asked[] architectures, CancellationToken stop, Action? scored)
    {
        Ranked[] evaluated = [.. scores.Where(score => score.Term.Score.IsOfSupernet)];
        Ranked[] initial = [.. scores.Where(score => score.Term.Score.IsOfInitialNetworks)];
        Ranked[] others = [.. scores.Except(initial)];
        // What others compute may be code of users.
        bool areSlow = others.Any(score => IsComputed(score.Term.Score)), isEvaluation = evaluated.Length == scores.Count;
        Evaluate(evaluated, [.. architectures.Select(one => one.Architecture)], stop, isEvaluation ? scored : null);
        ComputeInitial(initial, architectures, stop, areSlow || isEvaluation ? null : scored);
        foreach (Asked one in architectures)
        {
            stop.ThrowIfCancellationRequested();
            foreach (Missing missing in others.SelectMany(score => score.MissingOf(one))) missing.Keep(one, missing.Compute(one));
            if (areSlow) scored?.Invoke();
        }
    }

    private void Evaluate(Ranked[] scores, Architecture[] architectures, CancellationToken stop, Action? scored)
    {
        if (scores is []) return;
        // The loss would evaluate them anew, and gives the accuracy by the way.
        Ranked? loss = scores.FirstOrDefault(score => score.Term.Score.Name != RankerFormula.Usual);
        if (loss is null) scores[0].Evaluate(_evaluated!, () => _evaluated!.Accuracies(architectures, stop, scored));
        else loss.Evaluate(_evaluated!, () => _evaluated!.MakeLosses(architectures, stop, scored));
    }

    private void ComputeInitial(Ranked[] scores, Asked[] architectures, CancellationToken stop, Action? scored)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        Missing[][] missing =
            [.. architectures.Select(one => asked.Add(one.Key) ? [.. scores.SelectMany(score => score.MissingOf(one))] : (Missing[])[])];
        SideBySide computing = SideBySide.OneByOne;
        if (missing.Any(some => some.Length > 0))
        {
            // Images are made here: they belong to this thread.
            foreach (ScoreSetting setting in _settings) _ = setting.Images;
            computing = _settings[0].InitialScores;
        }
        computing.Run(
            missing.Length,
            i => Array.ConvertAll(missing[i], one => one.Compute(architectures[i])),
            (i, computed) =>
            {
                foreach ((Missing one, Computed found) in missing[i].Zip(computed)) one.Keep(architectures[i], found);
                scored?.Invoke();
            },
            stop);
    }

    private double Of(Architecture architecture, double? accuracy)
    {
        if (_formula.IsAccuracy) return accuracy ?? _settings[0].Accuracy(architecture);
        Asked asked = Known(architecture, accuracy);
        double sum = 0, weights = 0;
        foreach (Ranked score in AccuracyLast(_scores))
        {
            sum += score.Term.Weight * Math.Log(RankOf(score, asked, accuracy));
            weights += score.Term.Weight;
        }
        return Math.Exp(sum / weights);
    }

    private static double RankOf(Ranked score, Asked asked, double? accuracy) =>
        score.Term.Score.Name == RankerFormula.Usual && accuracy is { } other ? score.RankOf([other]) : score.RankOf(asked);

    private static bool IsComputed(ArchitectureScore score) => !score.IsCounted && !score.IsOfSupernet;

    // The loss gives the accuracy by the way.
    private static IEnumerable<Ranked> AccuracyLast(IEnumerable<Ranked> scores) =>
        scores.OrderBy(score => score.Term.Score.Name == RankerFormula.Usual);

    private static int SizeOf(Ranked score, int reference) =>
        score.Term.Score.IsCounted ? reference : Math.Max(1, reference / ShareOfComputed);

    // What computes networks is kept; what the supernet gives is kept by itself.
    private static Drawn Draw(SupernetEvaluation supernet, ScoreSetting setting, ArchitectureScore score)
    {
        Func<Architecture, double> make = score.Make(setting);
        return IsComputed(score)
            ? new Drawn(make, new ScoreFile(supernet.Family.Space, supernet.Run, NameOf(score, setting.Number), score.Name, _ => true))
            : new Drawn(make, null);
    }

    // Space, sizes, images and seed are the run's; what computes them may be compiled anew.
    private static string NameOf(ArchitectureScore score, int network) =>
        $"{score.Name}{(network == 0 ? "" : $"-{network + 1}")}-code-{score.Make.Method.Module.ModuleVersionId.ToString("N")[..16]}.csv";

    /// <summary>An architecture, and what tells apart what architectures compute.</summary>
    private readonly record struct Asked(string Key, Architecture Architecture);

    /// <summary>A score, and how long it took.</summary>
    private readonly record struct Computed(double Score, TimeSpan Time);

    /// <summary>A score that is not known.</summary>
    private readonly record struct Missing(Ranked Ranked, Drawn Draw)
    {
        public Computed Compute(Asked asked) => Ranked.Compute(Draw, asked.Architecture);

        public void Keep(Asked asked, Computed computed) => Ranked.Keep(Draw, asked, computed);
    }

    // A score by one initial network, or the only one that there is, with what was asked of it; null for no file.
    private sealed class Drawn(Func<Architecture, double> make, ScoreFile? file)
    {
        // By live graph.
        private readonly Dictionary<string, double> _known = new(StringComparer.Ordinal);

        public ReferenceRanks Ranks { get; private set; } = null!;

        public IEnumerable<string> NotFinite => _known.Where(one => !double.IsFinite(one.Value)).Select(one => one.Key);

        public void RankAgainst(IEnumerable<double> scores) => Ranks = new ReferenceRanks([.. scores]);

        public double? Known(Asked asked)
        {
            if (_known.TryGetValue(asked.Key, out double known)) return known;
            if (file?.Find(asked.Architecture) is not { } kept) return null;
            _known.Add(asked.Key, kept);
            return kept;
        }

        public double Compute(Architecture architecture) => make(architecture);

        public void Keep(Asked asked, double score)
        {
            file?.Add(asked.Architecture, score);
            _known.Add(asked.Key, score);
        }
    }

    // A score, over all its draws.
    private sealed class Ranked(RankerTerm term, ImmutableArray<Drawn> draws, TimeProvider clock)
    {
        private int _computed;
        private TimeSpan _spent;

        public RankerTerm Term => term;

        /// <summary>Ranks against a sample from now on.</summary>
        public void RankAgainst(IReadOnlyList<Asked> sample)
        {
            double[][] scores = [.. sample.Select(ByDraws)];
            for (int draw = 0; draw < draws.Length; draw++) draws[draw].RankAgainst(scores.Select(all => all[draw]));
        }

        /// <summary>The mean over the draws.</summary>
        public double Of(Asked asked) => ByDraws(asked).Average();

        /// <summary>The geometric mean of the relative ranks of an architecture by the draws.</summary>
        public double RankOf(Asked asked) => RankOf(ByDraws(asked));

        /// <summary>The same of scores by the draws.</summary>
        public double RankOf(ReadOnlySpan<double> scores)
        {
            if (draws is [Drawn only]) return only.Ranks.RelativeRankOf(scores[0]);
            double sum = 0;
            for (int draw = 0; draw < draws.Length; draw++) sum += Math.Log(draws[draw].Ranks.RelativeRankOf(scores[draw]));
            return Math.Exp(sum / draws.Length);
        }

        public IEnumerable<Missing> MissingOf(Asked asked) =>
            draws.Where(draw => draw.Known(asked) is null).Select(draw => new Missing(this, draw));

        /// <summary>Computes a score; of different architectures at a time.</summary>
        public Computed Compute(Drawn draw, Architecture architecture)
        {
            long started = clock.GetTimestamp();
            double score = draw.Compute(architecture);
            return new Computed(score, clock.GetElapsedTime(started));
        }

        public void Keep(Drawn draw, Asked asked, Computed computed)
        {
            draw.Keep(asked, computed.Score);
            if (term.Score.IsOfSupernet) return;
            _computed++;
            _spent += computed.Time;
        }

        /// <summary>Has the supernet evaluate what this score then finds there.</summary>
        public void Evaluate(ArchitectureScores supernet, Action evaluate)
        {
            (long started, int before) = (clock.GetTimestamp(), supernet.Evaluated);
            evaluate();
            if (supernet.Evaluated == before) return;
            _computed += supernet.Evaluated - before;
            _spent += clock.GetElapsedTime(started);
        }

        public RankerScore Report() =>
            new(term.Score.Name, term.Weight, draws[0].Ranks.Count, draws.SelectMany(draw => draw.NotFinite).Distinct().Count());

        public RankerScore WithTimes(RankerScore report) => report with
        {
            Computed = _computed,
            Milliseconds = _computed == 0 ? null : _spent.TotalMilliseconds / _computed,
        };

        private double[] ByDraws(Asked asked) => [.. draws.Select(draw => draw.Known(asked)!.Value)];
    }
}
