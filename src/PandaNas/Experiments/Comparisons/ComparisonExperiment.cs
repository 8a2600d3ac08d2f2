using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Runtime.Files;
using PandaNas.Runtime.Torch;

namespace PandaNas.Experiments.Comparisons;

/// <summary>
/// Trains every method with every seed, ranks with each supernet, and puts the results side by side. Every run is an ordinary run
/// directory inside the comparison's; what is done is not done again, so a comparison can be stopped or killed at any moment.
/// </summary>
internal sealed class ComparisonExperiment
{
    private const string ResultName = "comparison.json";
    private const string OptionsFact = "comparison";
    private const string SelectionFact = "selection_sha256";
    private const string ImagesFact = "images_sha256";

    // The second epoch is measured: the first one also warms up, and importance sampling starts after it.
    private const int PilotEpochs = 2;

    private readonly ComparisonOptions _comparison;
    private readonly SupernetOptions _options;
    private readonly RunContext _context;
    private readonly RunDirectory _folder;
    private readonly ComparisonSetting _setting;
    private bool _said;

    private ComparisonExperiment(
        ComparisonOptions comparison, SupernetOptions training, RunContext context, RunDirectory folder, ComparisonSetting setting) =>
        (_comparison, _options, _context, _folder, _setting) = (comparison, training, context, folder, setting);

    /// <summary>
    /// Compares, or continues a comparison. The table lands in <c>comparison.txt</c>, <c>.csv</c>, <c>.json</c> and <c>.md</c>.
    /// </summary>
    /// <param name="comparison">Which methods and seeds, and how they are ranked.</param>
    /// <param name="training">How all of them are trained; method and seed are not taken from here.</param>
    /// <param name="folder">The comparison's folder.</param>
    /// <param name="resume">Whether to continue the comparison in that folder if there is one.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked; the comparison can be resumed.</exception>
    /// <exception cref="PandaNasException">Bad options or data, or a failure to write.</exception>
    public static ComparisonResult Compare(
        ComparisonOptions comparison, SupernetOptions training, string folder, bool resume, RunContext context)
    {
        comparison = comparison with { Catalog = training.Catalog, Ranking = comparison.Ranking with { Catalog = training.Catalog } };
        comparison = comparison.Settle();
        training = training.Settle() with
        {
            Method = comparison.Methods[0],
            Seed = comparison.Seeds[0],
            Threads = TorchRuntime.UseThreads(training.Threads),
        };
        using RunDirectory? continued = TrainingSession.OpenContinued(folder, resume);
        if (continued is not null) training = Continue(continued, comparison, training);
        using ExperimentData data = ExperimentData.ForSupernet(training, context);
        var setting = ComparisonSetting.Of(comparison, data.Adjust(training), data, context.Clock);
        // One division for all seeds: they are to differ in the training only.
        training = training with { Precision = setting.Precision, Split = data.Split };
        using RunDirectory run = continued ?? RunDirectory.Create(folder, resume);
        Describe(run, comparison, training, data, setting);
        return new ComparisonExperiment(comparison, training, context, run, setting).Run();
    }

    /// <summary>The options with which the comparison in a folder was started.</summary>
    /// <param name="folder">The comparison's folder.</param>
    /// <param name="catalog">What its options can name.</param>
    /// <exception cref="BadDataException">There is no comparison.</exception>
    public static (ComparisonOptions Comparison, SupernetOptions Training) ReadOptions(string folder, Catalog catalog)
    {
        using RunDirectory run = RunDirectory.Open(folder);
        run.RequireKind(RunKind.Comparison);
        return (run.ReadFact<ComparisonOptions>(OptionsFact), RunDirectory.ReadOptions<SupernetOptions>(folder, catalog));
    }

    /// <summary>What the comparison in a folder has given so far; null while no run of it is done.</summary>
    /// <exception cref="BadDataException">The result's file is damaged.</exception>
    public static ComparisonResult? ReadResult(string folder) => RunJson.ReadResult<ComparisonResult>(Path.Combine(folder, ResultName));

    private static SupernetOptions Continue(RunDirectory run, ComparisonOptions comparison, SupernetOptions training)
    {
        run.RequireKind(RunKind.Comparison);
        comparison.RequireContinues(run.ReadFact<ComparisonOptions>(OptionsFact), run.Path);
        return TrainingSession.Continue(run, training, RunKind.Comparison);
    }

    private static void Describe(
        RunDirectory run, ComparisonOptions comparison, SupernetOptions training, ExperimentData data, ComparisonSetting setting)
    {
        string images = data.SourceFingerprint();
        TrainingSession.DescribeOrCheck(run, training, data, RunKind.Comparison, null, more: new JsonObject
        {
            [OptionsFact] = JsonSerializer.SerializeToNode(comparison, RunJson.Options),
            [SelectionFact] = setting.Fingerprint,
            [ImagesFact] = images,
        });
        // The images of other seeds' runs, which are trained and ranked on other parts.
        if (run.ReadFact(ImagesFact) != images)
            throw new BadDataException(
                $"the images of '{training.Data}' are not those with which '{run.Path}' was started: restore them, "
                + $"or start another comparison with {Mention.Option("out", "another folder")}");
        if (run.ReadFact(SelectionFact) != setting.Fingerprint)
            throw new BadDataException(
                $"the architectures or true accuracies are not those with which '{run.Path}' was started: "
                + $"restore {comparison.Ranking.Truth ?? comparison.Ranking.Architectures}, "
                + $"or start another comparison with {Mention.Option("out", "another folder")}");
    }

    private ComparisonResult Run()
    {
        ComparisonPlan plan = Plan();
        RequireUsable(plan);
        double ranking = (double)_setting.Selection.Architectures.Length * _setting.RankingImages;
        int runs = _comparison.Seeds.Length * plan.Methods.Length;
        double work = _comparison.Seeds.Length * plan.Methods.Sum(method => Work(method.PassesPerStep, method.Epochs) + ranking);
        var progress = new ComparisonProgress(_context, "compare", work);
        var done = new List<RankedRun>();
        ComparisonResult? result = null;
        // Seed by seed, so that a table of unfinished work compares as many seeds of each method as can be.
        foreach (long seed in _comparison.Seeds)
            foreach (MethodPlan method in plan.Methods)
            {
                string label = FormattableString.Invariant($"{method.Method} seed {seed}, run {done.Count + 1} of {runs}");
                done.Add(RunOne(method, seed, label, ranking, progress));
                result = Write(plan, done);
            }
        _context.EndStage(_folder);
        return result!;
    }

    private ComparisonPlan Plan()
    {
        string path = _folder.File("plan.json");
        if (ComparisonPlan.Read(path) is { } existing)
        {
            existing.RequireFits(_setting.Methods, _comparison.Equal, _options.Epochs, path);
            return existing;
        }
        ComparisonPlan plan = _comparison.Equal switch
        {
            Equality.Epochs => ComparisonPlan.EqualEpochs(_setting.Methods, _options.Epochs),
            Equality.Passes => ComparisonPlan.EqualPasses(_setting.Methods, _options.Epochs),
            _ => ComparisonPlan.EqualSeconds(MeasuredEpochs(), _options.Epochs),
        };
        _folder.RequireHeld();
        plan.Write(path);
        return plan;
    }

    private List<(string Method, int PassesPerStep, double SecondsPerEpoch)> MeasuredEpochs()
    {
        var progress = new ComparisonProgress(
            _context, "measure epochs", _setting.Methods.Sum(method => Work(method.PassesPerStep, PilotEpochs)));
        var measured = new List<(string, int, double)>();
        foreach ((string method, int passesPerStep) in _setting.Methods)
        {
            string folder = _folder.File("pilots", method);
            double work = Work(passesPerStep, PilotEpochs);
            Train(
                _options with { Method = method, Epochs = PilotEpochs }, folder, method,
                progress.Begin(method, SupernetExperiment.Stage, work));
            progress.Finish(work);
            measured.Add((method, passesPerStep, RunLog.Values(RunDirectory.LogPathOf(folder), "seconds")[^1]));
        }
        return measured;
    }

    // What earlier work left is read before more is done: a damaged file should not be found after hours.
    private void RequireUsable(ComparisonPlan plan)
    {
        foreach (long seed in _comparison.Seeds)
            foreach (MethodPlan method in plan.Methods)
            {
                (string folder, string report, string predictions) = PlacesOf(method, seed);
                RequireSameOptions(folder, OptionsOf(method, seed));
                if (File.Exists(report)) RankedRun.Read(method.Method, seed, report, predictions, _setting.Architectures);
                else if (SupernetExperiment.ReadResult(folder) is not null)
                    RunLog.RequireEpochs(RunDirectory.LogPathOf(folder), method.Epochs);
            }
    }

    private (string Folder, string Report, string Predictions) PlacesOf(MethodPlan method, long seed)
    {
        string name = ComparisonResult.NameOfRun(method.Method, seed);
        return (_folder.File(name), _folder.File("rankings", name + ".json"), _folder.File("rankings", name + ".csv"));
    }

    private RankedRun RunOne(MethodPlan method, long seed, string label, double ranking, ComparisonProgress progress)
    {
        (string folder, string report, string predictions) = PlacesOf(method, seed);
        double training = Work(method.PassesPerStep, method.Epochs);
        if (!File.Exists(report))
        {
            SayWhatTrains();
            SupernetResult trained = Train(
                OptionsOf(method, seed), folder, label, progress.Begin(label, SupernetExperiment.Stage, training));
            progress.Finish(training);
            Rank(folder, report, predictions, trained, progress.Begin(label, RankingExperiment.Stage, ranking));
            progress.Finish(ranking);
        }
        else
        {
            progress.Finish(training + ranking);
        }
        return RankedRun.Read(method.Method, seed, report, predictions, _setting.Architectures);
    }

    private void SayWhatTrains()
    {
        if (_said) return;
        _said = true;
        _setting.Setup.Say(_context);
    }

    private SupernetOptions OptionsOf(MethodPlan method, long seed) =>
        _options with { Method = method.Method, Seed = seed, Epochs = method.Epochs };

    private static void RequireSameOptions(string folder, SupernetOptions options)
    {
        if (!RunDirectory.Exists(folder)) return;
        if (RunDirectory.ReadOptions<SupernetOptions>(folder, options.Catalog).FirstDifference(options) is { } option)
            throw new BadDataException(
                $"'{folder}' was trained with another {option.Key} than the comparison's, {option.Text(options)}: "
                + "delete that folder to have it trained anew");
    }

    private static SupernetResult Train(SupernetOptions options, string folder, string label, RunContext context)
    {
        RequireSameOptions(folder, options);
        try
        {
            return SupernetExperiment.ReadResult(folder) ?? SupernetExperiment.Train(options, folder, resume: true, context);
        }
        catch (RunFailedException error)
        {
            throw new RunFailedException($"{label}: {error.Marked}", error);
        }
    }

    private void Rank(string folder, string report, string predictions, SupernetResult trained, RunContext context)
    {
        long passes = Passes(folder);
        using SupernetEvaluation supernet = SupernetEvaluation.Open(
            folder, _comparison.Ranking.Images, _comparison.Ranking.Seed, Adjust, context);
        MeasuredRanking ranking = RankingExperiment.Measure(supernet, _setting.Selection, _comparison.Ranking, context);
        string csv = ScoredArchitecture.Csv(ranking.Selected);
        var ranked = new RankedRunReport
        {
            Ranking = ranking.Result,
            TrainingSeconds = trained.Seconds,
            Passes = passes,
            ValidationAccuracy = trained.ValidationAccuracy,
            PredictionsSha256 = RankedRun.Hash(csv),
        };
        _folder.RequireHeld();
        AtomicFile.CreateFolder(_folder.File("rankings"));
        _folder.Write(predictions, csv);
        // Last, because its presence is what makes the run done.
        _folder.Write(report, SealedRecord.Text(ranked));
    }

    private SupernetOptions Adjust(SupernetOptions stored) => stored with
    {
        Data = _options.Data,
        CacheFolder = _options.CacheFolder,
        Threads = _options.Threads,
        Device = _options.Device,
    };

    private ComparisonResult Write(ComparisonPlan plan, List<RankedRun> done)
    {
        var result = new ComparisonResult(
            _comparison, _setting.DataSet, _options.Protocol.ToString().ToLowerInvariant(), _setting.Selection.TruthColumn,
            _setting.Selection.Architectures.Length, _setting.RankingImages, _setting.RankingPart,
            Aggregation.Rows(plan, done), done.Count, plan.Methods.Length * _comparison.Seeds.Length, _folder.Path)
        {
            StartUniform = _setting.StartUniform,
        };
        _folder.Write(_folder.File("comparison.txt"), ComparisonTable.Text(result));
        _folder.Write(_folder.File("comparison.csv"), ComparisonTable.Csv(result));
        _folder.Write(_folder.File("comparison.md"), ComparisonTable.Markdown(result));
        _folder.Write(_folder.File(ResultName), ComparisonTable.Json(result));
        return result;
    }

    // In forward passes of an image.
    private double Work(int passesPerStep, int epochs) =>
        (double)epochs * _setting.TrainImages * passesPerStep * ComparisonProgress.ForwardsPerPass;

    private static long Passes(string folder) => (long)RunLog.Values(RunDirectory.LogPathOf(folder), "passes").Sum();
}
