using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Ranking.Predictors;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;
using PandaNas.Statistics;

namespace PandaNas.Experiments.Scoring;

/// <summary>An architecture that was trained alone so that a predictor can learn from it.</summary>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="Accuracy">When trained alone, on the images that the supernet held out, in [0, 1].</param>
/// <param name="Predicted">The same as predicted from all other labels.</param>
internal sealed record LabelledArchitecture(string Architecture, double Accuracy, double Predicted);

/// <summary>What a search learned from labels, and how well: every label is predicted from all others.</summary>
/// <param name="Labels">The labels, in the order in which they were chosen.</param>
/// <param name="Epochs">How long each was trained.</param>
/// <param name="Images">How many held-out images scored each.</param>
/// <param name="KendallTau">tau-b between labels and predictions; null where it is not defined.</param>
/// <param name="KendallTauCi95">Its 95% interval, of the chance in which architectures were labelled.</param>
/// <param name="RankerKendallTau">tau-b between labels and the ranker, which knows none of them; null where it is not defined.</param>
/// <param name="Rmse">The root mean squared error of the predictions, in accuracy.</param>
/// <param name="RmseCi95">Its 95% interval.</param>
/// <param name="Diverged">How many trainings diverged; they count as guessing.</param>
internal sealed record LabelReport(
    ImmutableArray<LabelledArchitecture> Labels, int Epochs, int Images, double? KendallTau, Interval? KendallTauCi95,
    double? RankerKendallTau, double Rmse, Interval? RmseCi95, int Diverged) : IJsonOnDeserialized
{
    /// <summary>The label of the highest accuracy.</summary>
    [JsonIgnore]
    public LabelledArchitecture Best => Labels.MaxBy(label => label.Accuracy)!;

    /// <summary>Refuses what the types of a file's values leave open.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Labels.IsDefaultOrEmpty || Labels.Any(label => label is not { Architecture.Length: > 0 }))
            throw new JsonException("its labels are of no architecture");
    }
}

/// <summary>Orders architectures by what a predictor expects of them that learned from a few which were trained alone.</summary>
internal sealed class LabelledRanker
{
    // Architectures from which the labels are chosen; so many times the labels where that is more.
    private const int UsualPool = 500, PoolPerLabel = 4;

    // Between reports of progress.
    private const int ScoredTogether = 20;

    // Draws for each architecture of the pool, of which several may compute the same.
    private const int DrawsEach = 20;

    private readonly SupernetEvaluation _supernet;
    private readonly ArchitectureRanker _ranker;
    private LabelPredictor _predictor = null!;

    private LabelledRanker(SupernetEvaluation supernet, ArchitectureRanker ranker) => (_supernet, _ranker) = (supernet, ranker);

    /// <summary>What was learned.</summary>
    public LabelReport Report { get; private set; } = null!;

    /// <summary>
    /// Architectures from which labels are chosen: the reference sample as far as it keeps the limits, whose scores are known, and others.
    /// Of those that compute the same, one.
    /// </summary>
    /// <param name="supernet">The supernet.</param>
    /// <param name="problem">What architectures may cost.</param>
    /// <param name="options">How many labels.</param>
    /// <param name="stop">Asks to stop.</param>
    /// <exception cref="BadOptionException">
    /// There are fewer than labels, or the supernet's held-out images are the test images.
    /// </exception>
    public static IReadOnlyList<Architecture> PoolOf(
        SupernetEvaluation supernet, SearchProblem problem, SearchOptions options, CancellationToken stop)
    {
        if (supernet.RankingPart == "test")
            throw new BadOptionException(
                "labels",
                $"{Mention.Option("labels")} needs images that neither train nor test, but this supernet ranks on the test images "
                + $"({Mention.Option("protocol")} released): train one with {Mention.Option("protocol")} split");
        int wanted = Math.Max(UsualPool, PoolPerLabel * options.Labels);
        var admissible = new AdmissibleArchitectures(problem, RandomStream.Derive(options.Seed, "label-pool"), stop);
        var computed = new HashSet<string>(StringComparer.Ordinal);
        List<Architecture> pool =
        [
            .. ArchitectureRanker.SampleOf(supernet, options.Reference)
                .Where(one => admissible.TryVisit(one) && computed.Add(problem.Space.LiveGraphKey(one))).Take(wanted),
        ];
        for (int draw = 0; draw < DrawsEach * wanted && pool.Count < wanted && admissible.TryDraw() is { } drawn; draw++)
            if (computed.Add(problem.Space.LiveGraphKey(drawn))) pool.Add(drawn);
        return pool.Count >= options.Labels
            ? pool
            : throw new BadOptionException(
                "labels",
                $"{Mention.Option("labels")} is {options.Labels}, but only {pool.Count} architectures that compute different things were "
                + $"found with {problem.Limits}: choose at most {pool.Count}, or wider limits");
    }

    /// <summary>Chooses architectures, trains them as far as that is not done, and learns.</summary>
    /// <param name="supernet">The supernet, whose images train and score.</param>
    /// <param name="ranker">The ranker, with all scores that the predictor looks at.</param>
    /// <param name="pool">The architectures from which they are chosen.</param>
    /// <param name="options">How many, how long.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked; labels so far are kept, and the one at hand goes on.</exception>
    public static LabelledRanker Make(
        SupernetEvaluation supernet, ArchitectureRanker ranker, IReadOnlyList<Architecture> pool, SearchOptions options,
        RunContext context)
    {
        var result = new LabelledRanker(supernet, ranker);
        int epochs = options.LabelEpochs ?? SearchOptions.UsualLabelEpochs;
        var training = new LabelTraining(supernet, epochs, context);
        var facts = new List<ArchitectureFacts>();
        foreach (Architecture[] some in pool.Chunk(ScoredTogether))
        {
            // Where other ranks help to evaluate.
            ranker.Of(some, context.Stop);
            facts.AddRange(some.Select(one => result.FactsOf(one, null)));
            context.Report("label candidates", (double)facts.Count / pool.Count, $"{facts.Count} of {pool.Count} architectures");
        }

        var labels = new List<double>();
        int diverged = 0;
        (result._predictor, ImmutableArray<int> labelled) = LabelPredictor.Learn(facts, options.Labels, places =>
        {
            int before = labels.Count;
            double[] found = training.Of([.. places.Select(place => pool[place])], done => context.Report(
                "labels", (before + done) / options.Labels, $"{(int)(before + done)} of {options.Labels} trained"));
            diverged += found.Count(double.IsNaN);
            found = Array.ConvertAll(found, label => double.IsNaN(label) ? 1.0 / supernet.Data.Train.Classes : label);
            labels.AddRange(found);
            return found;
        });
        result.Report = MakeReport(
            [
                .. labelled.Select((place, i) => new LabelledArchitecture(
                    supernet.Family.Space.Format(pool[place]), labels[i], result._predictor.LeftOut[i])),
            ],
            [.. labelled.Select(place => facts[place].Score)], epochs, supernet.Data.Ranking.Count, diverged, options.Seed);
        return result;
    }

    /// <summary>The accuracies, in [0, 1], that architectures would reach if they were trained as the labelled ones were.</summary>
    public double[] Of(IReadOnlyList<Architecture> architectures, CancellationToken stop)
    {
        // Where other ranks help to evaluate.
        _ranker.Of(architectures, stop);
        return [.. architectures.Select(Of)];
    }

    /// <summary>The same of one.</summary>
    public double Of(Architecture architecture) => _predictor.Predict(FactsOf(architecture, null));

    /// <summary>The same if the architecture had another accuracy with the supernet's weights.</summary>
    public double OfAccuracy(Architecture architecture, double accuracy) => _predictor.Predict(FactsOf(architecture, accuracy));

    private ArchitectureFacts FactsOf(Architecture architecture, double? accuracy)
    {
        double score = accuracy is { } other ? _ranker.OfAccuracy(architecture, other) : _ranker.Of(architecture);
        return new ArchitectureFacts(score,
        [
            .. _ranker.RanksOf(architecture, accuracy).Select(Math.Log),
            .. PathFeatures.Of(_supernet.Family.Paths(_supernet.NetworkOptions, architecture)),
        ]);
    }

    private static LabelReport MakeReport(
        ImmutableArray<LabelledArchitecture> labels, double[] scores, int epochs, int images, int diverged, long seed)
    {
        double[] accuracies = [.. labels.Select(label => label.Accuracy)], predicted = [.. labels.Select(label => label.Predicted)];
        return new LabelReport(
            labels, epochs, images, Defined(KendallTau.Compute(predicted, accuracies)), Interval(KendallTau.Compute, "tau"),
            Defined(KendallTau.Compute(scores, accuracies)), RootMeanSquare(predicted, accuracies), Interval(RootMeanSquare, "rmse"),
            diverged);

        Interval? Interval(PairedStatistic statistic, string name) =>
            BootstrapInterval.Compute(predicted, accuracies, statistic, RandomStream.Derive(seed, $"label-{name}"));
        static double? Defined(double value) => double.IsNaN(value) ? null : value;
    }

    private static double RootMeanSquare(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth)
    {
        double sum = 0;
        for (int i = 0; i < truth.Length; i++) sum += (predicted[i] - truth[i]) * (predicted[i] - truth[i]);
        return Math.Sqrt(sum / truth.Length);
    }
}
