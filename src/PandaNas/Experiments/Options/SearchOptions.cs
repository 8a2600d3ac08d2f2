using System.Collections.Immutable;
using PandaNas.Ranking.Predictors;
using PandaNas.Ranking.Rankers;
using PandaNas.Searching;

namespace PandaNas.Experiments.Options;

/// <summary>What architectures are searched for, and how.</summary>
/// <example><code>new SearchOptions { MaxParameters = 60_000, Algorithm = "nsga2" }</code></example>
public sealed record SearchOptions : OptionSet
{
    /// <summary>Has the algorithm and the scores of the ranker if they are your own.</summary>
    public Catalog Catalog { get; init; } = Catalog.Default;

    /// <summary>The algorithm's name.</summary>
    [Option("algorithm", "how to search: {names}; nsga2 finds a Pareto front",
        Group = OptionGroup.Search, IsUsual = true, Value = "NAME", Names = NameKind.Algorithm)]
    public string Algorithm { get => Get(Catalog.SearchNames[0]); init => Set(value); }

    /// <summary>What NSGA-II weighs: accuracy and at least one cost.</summary>
    [Option("objectives", "nsga2: accuracy and at least one of params, macs, latency", Group = OptionGroup.Search, Value = "LIST")]
    public ImmutableArray<SearchObjective> Objectives
    {
        get => Get<ImmutableArray<SearchObjective>>([SearchObjective.Accuracy, SearchObjective.Params]);
        init => Set(value);
    }

    /// <summary>Architectures per generation, of regularized evolution those alive; null is 50, of regularized evolution 100.</summary>
    [Option("population", "architectures per generation, of regularized those alive",
        Group = OptionGroup.Search, Otherwise = "50, regularized 100", Least = 1, Most = VisitedArchitectures.Most)]
    public int? Population { get => Get<int?>(null); init => Set(value); }

    /// <summary>Generations, the random first one included.</summary>
    [Option("generations", "evolution, nsga2: generations, the random first one included",
        Group = OptionGroup.Search, Least = 1, Most = VisitedArchitectures.Most)]
    public int Generations { get => Get(20); init => Set(value); }

    /// <summary>The probability with which a mutation draws a choice anew.</summary>
    [Option("mutation-probability", "evolution, nsga2: of each choice", Group = OptionGroup.Search, Above = 0, Most = 1)]
    public double MutationProbability { get => Get(0.1); init => Set(value); }

    /// <summary>The share of children made by crossover; null is 0.5, of NSGA-II 0.9.</summary>
    [Option("crossover-fraction", "share of children made by crossover",
        Group = OptionGroup.Search, Otherwise = "0.5, nsga2 0.9", Least = 0, Most = 1)]
    public double? CrossoverFraction { get => Get<double?>(null); init => Set(value); }

    /// <summary>How many of the best architectures seen so far are the parents of an evolution.</summary>
    [Option("top-k", "evolution: best architectures kept as parents", Group = OptionGroup.Search, Least = 1)]
    public int TopK { get => Get(10); init => Set(value); }

    /// <summary>S: architectures of a tournament of regularized evolution.</summary>
    [Option("sample", "regularized: architectures of a tournament", Group = OptionGroup.Search, Least = 1, Most = 10_000)]
    public int Sample { get => Get(25); init => Set(value); }

    /// <summary>Architectures that random search and regularized evolution visit.</summary>
    [Option("evaluations", "random, regularized: architectures",
        Group = OptionGroup.Search, IsUsual = true, Least = 1, Most = VisitedArchitectures.Most)]
    public int Evaluations { get => Get(1_000); init => Set(value); }

    /// <summary>Most parameters; null is no limit.</summary>
    [Option("max-params", "most parameters", Group = OptionGroup.Limits, IsUsual = true, Least = 1)]
    public long? MaxParameters { get => Get<long?>(null); init => Set(value); }

    /// <summary>Most multiply-adds for one image; null is no limit.</summary>
    [Option("max-macs", "most multiply-adds for one image", Group = OptionGroup.Limits, IsUsual = true, Least = 1)]
    public long? MaxMultiplyAdds { get => Get<long?>(null); init => Set(value); }

    /// <summary>Most milliseconds for one batch, by <see cref="LatencyTable"/>; null is no limit.</summary>
    [Option("max-latency-ms", "most milliseconds for one batch, by the latency table",
        Group = OptionGroup.Limits, IsUsual = true, Unit = "ms", Above = 0, Most = double.MaxValue)]
    public double? MaxLatencyMs { get => Get<double?>(null); init => Set(value); }

    /// <summary>The file of a latency table that tells the architectures' latencies; null where nobody asks for them.</summary>
    [Option("latency-table", "predict latencies by a table that was measured before",
        Group = OptionGroup.Limits, IsUsual = true, Value = "FILE")]
    public string? LatencyTable
    {
        get => Get<string?>(null);
        init => Set(value, path => string.IsNullOrEmpty(path) ? path : Path.GetFullPath(path));
    }

    /// <summary>Whether the table may be of another machine.</summary>
    [Option("allow-other-machine", "accept a table that was measured on another machine", Group = OptionGroup.Limits)]
    public bool AllowOtherMachine { get => Get(false); init => Set(value); }

    /// <summary>
    /// What orders architectures: a score, or a weighted sum of log ranks by several such as <c>accuracy+live-params+0.5*jacov</c>; null is
    /// what is known to rank best in the space. The scores are <see cref="Catalog.ScoreNames"/>.
    /// </summary>
    [Option("ranker", "what orders them: a score, or a sum of log ranks such as accuracy+live-params+0.5*jacov; scores: {names}",
        Group = OptionGroup.Search, IsUsual = true, Value = "RANKER", Names = NameKind.Score, Otherwise = "the space's own")]
    public string? Ranker { get => Get<string?>(null); init => Set(value); }

    /// <summary>
    /// How many random architectures ranks are taken against; of scores that compute networks a tenth of them. Of no effect on the ranker
    /// <c>accuracy</c>.
    /// </summary>
    [Option("reference", "random architectures that ranks are taken against, a tenth of them for scores that compute networks",
        Group = OptionGroup.Search, Least = 10, Most = 100_000)]
    public int Reference { get => Get(1_000); init => Set(value); }

    /// <summary>
    /// How many initial networks score, where scores compute such: each has weights and images of its own, and the logarithms of their
    /// ranks are averaged. More of them order better and take as much longer.
    /// </summary>
    [Option("initial-networks", "networks at initial weights whose ranks are averaged, for scores that compute such",
        Group = OptionGroup.Search, Unit = "networks", Least = 1, Most = 100)]
    public int InitialNetworks { get => Get(1); init => Set(value); }

    /// <summary>
    /// K: how many architectures are trained alone, so that a predictor which learns from them orders the others; 0 trains none.
    /// </summary>
    [Option("labels", "train so many architectures alone and order by a predictor that learns from them; 0 trains none",
        Group = OptionGroup.Labels, IsUsual = true, Unit = "architectures", Least = 0, Most = 500)]
    public int Labels { get => Get(0); init => Set(value); }

    /// <summary>Epochs of each label; null is 12.</summary>
    [Option("label-epochs", "passes of each label over the supernet's training images",
        Group = OptionGroup.Labels, IsUsual = true, Unit = "epochs", Otherwise = "12", Least = 1, Most = TrainingRunOptions.MostEpochs)]
    public int? LabelEpochs { get => Get<int?>(null); init => Set(value); }

    /// <summary>
    /// Scores that the predictor looks at beside the ranker's and those that only count, joined by plus signs; null is all of the catalog
    /// but those measured with the supernet's weights.
    /// </summary>
    [Option("label-scores", "scores that the predictor looks at too, joined by +, or none",
        Group = OptionGroup.Labels, Value = "SCORES", Otherwise = "all that need no supernet")]
    public string? LabelScores { get => Get<string?>(null); init => Set(value); }

    /// <summary>How many ranking images to use; 0 is all.</summary>
    [Option("images", "images that score each; 0 is all that rank", Group = OptionGroup.Search, IsUsual = true, Unit = "images", Least = 0)]
    public int Images { get => Get(0); init => Set(value); }

    /// <summary>How many of the best architectures to report.</summary>
    [Option("top", "architectures to report", Group = OptionGroup.Search, IsUsual = true, Least = 1)]
    public int Top { get => Get(10); init => Set(value); }

    /// <summary>Decides the search's random numbers.</summary>
    [Option("seed", "decides the search's random numbers", Group = OptionGroup.Search, IsUsual = true)]
    public long Seed { get => Get(0L); init => Set(value); }

    /// <summary>The epochs of a label unless they are given: those of NAS-Bench-201's short protocol.</summary>
    internal const int UsualLabelEpochs = 12;

    /// <summary>No scores beside those that a predictor looks at in any case.</summary>
    internal const string NoScores = "none";

    /// <summary>What the architectures may cost.</summary>
    internal CostLimits Limits => new(MaxParameters, MaxMultiplyAdds, MaxLatencyMs);

    /// <summary>The ranker; the accuracy where none is named.</summary>
    internal RankerFormula Formula => Catalog.FindRanker(Ranker ?? RankerFormula.Usual);

    /// <summary>The options with the ranker of a supernet's space where they name none.</summary>
    /// <exception cref="BadOptionException">The ranker takes a trained supernet, and this one is not.</exception>
    internal SearchOptions For(SupernetOptions supernet) => this with { Ranker = supernet.RankerOf(Ranker) };

    /// <summary>The ranker and, where labels are trained, of weight 0 all other scores that their predictor looks at.</summary>
    internal RankerFormula Measured
    {
        get
        {
            RankerFormula formula = Formula;
            if (Labels == 0) return formula;
            IEnumerable<ArchitectureScore> more = LabelScores switch
            {
                null => Catalog.Scores.Where(score => !score.IsOfSupernet),
                NoScores => [],
                _ => Catalog.FindRanker(LabelScores).Terms.Select(term => term.Score),
            };
            string[] own = [.. formula.Terms.Select(term => term.Score.Name)];
            return formula.Looking(Catalog.Scores.Where(score => score.IsCounted).Concat(more).Distinct()
                .Where(score => !own.Contains(score.Name)));
        }
    }

    /// <summary>The algorithm with its options.</summary>
    /// <exception cref="BadOptionException">They do not fit each other.</exception>
    internal ISearchAlgorithm NewAlgorithm() => Catalog.FindSearch(Algorithm).Make(this);

    /// <inheritdoc/>
    private protected override IReadOnlyList<string> NamesOf(NameKind kind) =>
        kind == NameKind.Algorithm ? Catalog.SearchNames : base.NamesOf(kind);

    /// <inheritdoc/>
    private protected override void Check()
    {
        ISearchAlgorithm algorithm = NewAlgorithm();
        OptionDescription.Of(GetType(), nameof(Ranker)).Naming(() => Formula);
        CheckLabels();
        if (LatencyTable is not null) return;
        if (MaxLatencyMs is not null) throw NeedsTable(Mention.Option("max-latency-ms"));
        if (algorithm.NeedsLatency) throw NeedsTable("the objective latency");
    }

    private void CheckLabels()
    {
        if (Labels is > 0 and < LabelPredictor.FewestLabels)
            throw new BadOptionException(
                "labels",
                $"{Mention.Option("labels")} is {Labels}: a predictor learns from at least {LabelPredictor.FewestLabels} architectures; "
                + $"choose {LabelPredictor.FewestLabels} or more, or 0 for none");
        if (Labels == 0 && (LabelEpochs is not null || LabelScores is not null))
        {
            string key = LabelEpochs is not null ? "label-epochs" : "label-scores";
            throw new BadOptionException(
                key, $"{Mention.Option(key)} is given, but no labels are trained: set {Mention.Option("labels")}, or leave it out");
        }
        if (LabelScores is not (null or NoScores))
            OptionDescription.Of(GetType(), nameof(LabelScores)).Naming(() => Catalog.FindRanker(LabelScores).Terms.All(
                term => term.Weight == 1)
                ? Measured
                : throw new BadOptionException($"'{LabelScores}' has weights: a predictor finds its own; name the scores alone"));
    }

    private static BadOptionException NeedsTable(string what) => new(
        "latency-table",
        $"{what} needs {Mention.Option("latency-table")}, a file which tells how long architectures take: "
        + $"make one{Mention.How(Step.MeasureTable)}");
}
