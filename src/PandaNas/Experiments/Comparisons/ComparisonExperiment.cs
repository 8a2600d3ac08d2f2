using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Distributed;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Ranking.Rankers;
using PandaNas.Runtime.Files;
using PandaNas.Runtime.Torch;

namespace PandaNas.Experiments.Comparisons;

/// <summary>
/// Trains every method with every seed, ranks with each supernet, and puts the results side by side. Every run is an ordinary run
/// directory inside the comparison's; what is done is not done again, so a comparison can be stopped or killed at any moment.
/// </summary>
internal sealed class ComparisonExperiment
{
    /// <summary>The folder of the trainings that only measured how long epochs take.</summary>
    public const string PilotsName = "pilots";

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
    private readonly JobDivision? _jobs;
    private readonly RunMaker _maker;

    private ComparisonExperiment(
        ComparisonOptions comparison, SupernetOptions training, RunContext context, RunDirectory folder, ComparisonSetting setting,
        JobDivision? jobs = null)
    {
        (_comparison, _options, _context, _folder, _setting, _jobs) = (comparison, training, context, folder, setting, jobs);
        _maker = new RunMaker(comparison, training, context, setting);
    }

    /// <summary>
    /// Compares, or continues a comparison. The table lands in <c>comparison.txt</c>, <c>.csv</c>, <c>.json</c> and <c>.md</c>.
    /// </summary>
    /// <param name="comparison">Which methods and seeds, and how they are ranked.</param>
    /// <param name="training">How all of them are trained; method and seed are not taken from here.</param>
    /// <param name="folder">The comparison's folder.</param>
    /// <param name="resume">Whether to continue the comparison in that folder if there is one.</param>
    /// <param name="context">
    /// Progress, clock and the wish to stop. Where it has ranks, this is rank 0, and the runs are shared with the others, which
    /// <see cref="Serve"/>.
    /// </param>
    /// <param name="shared">
    /// Whether other processes do the same in that folder at the same time. The result is then that of the whole comparison only for the
    /// last of them; it includes the runs that are done.
    /// </param>
    /// <exception cref="OperationCanceledException">Stopped when asked; the comparison can be resumed.</exception>
    /// <exception cref="PandaNasException">Bad options or data, or a failure to write.</exception>
    public static ComparisonResult Compare(
        ComparisonOptions comparison, SupernetOptions training, string folder, bool resume, RunContext context, bool shared = false)
    {
        JobDivision? jobs = shared ? new JobDivision(folder, context) : null;
        // Where another process begins the comparison at the same time, this one goes on with it.
        while (true)
            if (TryCompare(comparison, training, folder, resume, context, jobs) is { } result) return result;
    }

    private static ComparisonResult? TryCompare(
        ComparisonOptions comparison, SupernetOptions training, string folder, bool resume, RunContext context, JobDivision? jobs)
    {
        // A comparison is of supernets, which other scores would hide: their accuracies order unless something else is asked for.
        comparison = comparison with
        {
            Catalog = training.Catalog,
            Ranking = comparison.Ranking with { Catalog = training.Catalog, Ranker = comparison.Ranking.Ranker ?? RankerFormula.Usual },
        };
        comparison = comparison.Settle();
        training = training.Settle();
        if (training.Epochs == 0)
            throw new BadOptionException("epochs", $"{Mention.Option("epochs")} is 0: a comparison trains at least one epoch");
        training = training with
        {
            Method = comparison.Methods[0],
            Seed = comparison.Seeds[0],
            Threads = TorchRuntime.UseThreads(training.Threads),
        };
        using RunDirectory? continued = RunOpening.OpenContinued(folder, resume, shared: jobs is not null);
        if (continued is not null) training = Continue(continued, comparison, training);
        using ExperimentData data = ExperimentData.ForSupernet(training, context);
        var setting = ComparisonSetting.Of(comparison, data.Adjust(training), data, context.Clock);
        // One division for all seeds: they are to differ in the training only.
        training = training with { Precision = setting.Precision, Split = data.Split };
        using FileClaim? begins = jobs?.BeginUnlessBegun();
        if (jobs is not null && continued is null && RunDirectory.Exists(folder)) return null;
        using RunDirectory run = continued ?? RunDirectory.Create(folder, resume, shared: jobs is not null);
        Describe(run, comparison, training, data, setting);
        var experiment = new ComparisonExperiment(comparison, training, context, run, setting, jobs);
        ComparisonPlan plan = experiment.Plan();
        begins?.Dispose();
        return experiment.Run(plan);
    }

    /// <summary>Trains and ranks, on another rank than 0, the runs that rank 0 asks for, until there are no more.</summary>
    /// <param name="adjust">Changes options that do not affect results: data path, device.</param>
    /// <param name="context">The ranks, the clock and the wish to stop.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked; what was trained is saved.</exception>
    /// <exception cref="PandaNasException">Bad options or data, or a failure to write.</exception>
    public static void Serve(Func<SupernetOptions, SupernetOptions> adjust, RunContext context)
    {
        ICommunicator ranks = context.Ranks!;
        string folder = ranks.Broadcast(() => "", context.Stop);
        using RunDirectory run = RunDirectory.OpenToRead(folder);
        ComparisonOptions comparison = (run.ReadFact<ComparisonOptions>(OptionsFact) with { Catalog = context.Catalog }).Settle();
        SupernetOptions training = RunOpening.Join(folder, adjust, context.Catalog);
        using ExperimentData data = ExperimentData.ForSupernet(training, context);
        var setting = ComparisonSetting.Of(comparison, data.Adjust(training), data, context.Clock);
        training = training with { Split = data.Split };
        Describe(run, comparison, training, data, setting);
        var experiment = new ComparisonExperiment(comparison, training, context with { Ranks = null, Progress = null }, run, setting);
        ImmutableArray<ComparedRun> runs = experiment.RunsOf(experiment.Plan());
        experiment.Division(new ComparisonProgress(experiment._context, "", 1)).Serve(ranks, runs);
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

    /// <summary>
    /// The folders of a comparison's runs, whether they are there or not, with their plans; the plan is null before it is made.
    /// </summary>
    /// <param name="folder">The comparison's folder.</param>
    /// <param name="facts">What its <c>run.json</c> says.</param>
    /// <exception cref="BadDataException">The facts or the plan are damaged.</exception>
    public static IEnumerable<(string Folder, MethodPlan? Plan)> RunsOf(string folder, JsonObject facts)
    {
        ComparisonOptions options = RunDirectory.Fact<ComparisonOptions>(folder, facts, OptionsFact);
        ComparisonPlan? plan = ComparisonPlan.Read(Path.Combine(folder, ComparisonPlan.FileName));
        return from seed in options.Seeds
               from method in options.Methods
               select (
                   Path.Combine(folder, ComparisonResult.NameOfRun(method, seed)),
                   plan?.Methods.FirstOrDefault(one => one.Method == method));
    }

    private static SupernetOptions Continue(RunDirectory run, ComparisonOptions comparison, SupernetOptions training)
    {
        run.RequireKind(RunKind.Comparison);
        comparison.RequireContinues(run.ReadFact<ComparisonOptions>(OptionsFact), run.Path);
        return RunOpening.Continue(run, training, RunKind.Comparison);
    }

    private static void Describe(
        RunDirectory run, ComparisonOptions comparison, SupernetOptions training, ExperimentData data, ComparisonSetting setting)
    {
        string images = data.SourceFingerprint();
        RunOpening.DescribeOrCheck(run, training, data, RunKind.Comparison, null, more: new JsonObject
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

    private ComparisonResult Run(ComparisonPlan plan)
    {
        ImmutableArray<ComparedRun> runs = RunsOf(plan);
        _maker.RequireUsable(runs);
        var progress = new ComparisonProgress(_context, "compare", runs.Sum(run => run.Training + run.Ranking));
        var done = new RankedRun?[runs.Length];
        TakeMade();
        ComparisonResult? result = null;
        Division(progress).MakeAll(runs, () =>
        {
            // Also what a process made that was killed before it wrote the table.
            TakeMade();
            result = Write(plan, done);
        });
        return result!;

        void TakeMade()
        {
            foreach (ComparedRun run in runs.Where(run => done[run.Number] is null && File.Exists(run.Report)))
            {
                done[run.Number] = RankedRun.Read(run.Method.Method, run.Seed, run.Report, run.Predictions, _setting.Architectures);
                progress.Finish(run.Label, run.Training + run.Ranking);
            }
        }
    }

    private RunDivision Division(ComparisonProgress progress) =>
        new(_folder, _context, Facts, _jobs, (run, stop) => _maker.Make(run, progress, stop));

    // Seed by seed, so that a table of unfinished work compares as many seeds of each method as can be.
    private ImmutableArray<ComparedRun> RunsOf(ComparisonPlan plan)
    {
        double ranking = (double)_setting.Selection.Architectures.Length * _setting.RankingImages;
        int count = _comparison.Seeds.Length * plan.Methods.Length;
        return
        [
            .. (from seed in _comparison.Seeds
                from method in plan.Methods
                select (method, seed)).Select((one, i) =>
            {
                string name = ComparisonResult.NameOfRun(one.method.Method, one.seed);
                return new ComparedRun(
                    i, one.method, one.seed, FormattableString.Invariant($"{one.method.Method} seed {one.seed}, run {i + 1} of {count}"),
                    _folder.File(name), _folder.File("rankings", name + ".json"), _folder.File("rankings", name + ".csv"),
                    Work(one.method.PassesPerStep, one.method.Epochs), ranking);
            }),
        ];
    }

    // What ranks must have in common for one to make what the other would.
    private IReadOnlyList<(string What, string Value)> Facts =>
    [
        ("the program's version", ProductVersion.Text),
        ("the number of threads", _options.Threads.ToString(CultureInfo.InvariantCulture)),
        ("the device", _options.Device),
        ("what is ranked", _setting.Fingerprint),
    ];

    private ComparisonPlan Plan()
    {
        string path = _folder.File(ComparisonPlan.FileName);
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
            string folder = _folder.File(PilotsName, method);
            double work = Work(passesPerStep, PilotEpochs);
            _maker.Train(
                _options with { Method = method, Epochs = PilotEpochs }, folder, method,
                progress.Begin(method, SupernetExperiment.Stage, 0, work));
            progress.Finish(method, work);
            measured.Add((method, passesPerStep, RunLog.Values(RunDirectory.LogPathOf(folder), "seconds")[^1]));
        }
        return measured;
    }

    private ComparisonResult Write(ComparisonPlan plan, RankedRun?[] all)
    {
        List<RankedRun> done = [.. all.OfType<RankedRun>()];
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
}
