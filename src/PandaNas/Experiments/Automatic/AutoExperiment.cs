using System.Globalization;
using System.Text.Json.Nodes;
using PandaNas.Costs;
using PandaNas.Data.Folders;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Exporting;
using PandaNas.Latency;
using PandaNas.Searching;
using PandaNas.Statistics;

namespace PandaNas.Experiments.Automatic;

/// <summary>
/// From labelled images to a model's file within a given time: looks, measures, plans, and then does what the plan says, stage by stage in
/// folders below. What is done is not done again, so that it can be stopped or killed at any moment.
/// </summary>
internal sealed class AutoExperiment
{
    /// <summary>The model's file in the folder.</summary>
    public const string ModelFile = "model.onnx";

    private const string OptionsFact = RunKind.Auto, LatenciesFile = "latency.json";
    private const string SearchFolder = "search", KnownFolder = "known", RivalFolder = "rival";

    // Of the time: what is worth a word.
    private const double WorthSaying = 0.1;

    private readonly AutoOptions _options;
    private readonly AutoPlan _plan;
    private readonly SupernetOptions _training;
    private readonly RunDirectory _run;
    private readonly AutoClock _clock;
    private readonly RunContext _context;
    private readonly List<string> _remarks = [];

    private AutoExperiment(AutoOptions options, AutoPlan plan, SupernetOptions training, RunDirectory run, RunContext context)
    {
        (_options, _plan, _training, _run) = (options, plan, training, run);
        _clock = new AutoClock(run, plan, context.Progress, context.Clock);
        _context = context with { Progress = _clock };
    }

    /// <summary>Makes a model, or goes on making it.</summary>
    /// <param name="options">Time and limits.</param>
    /// <param name="data">The images, as FORMAT:PATH; null for those with which the folder was begun.</param>
    /// <param name="folder">Holds everything.</param>
    /// <param name="resume">Whether to continue what is in the folder.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <param name="open">Opens an ONNX model in a runtime that checks it; null checks nothing.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked; what is done is kept.</exception>
    /// <exception cref="PandaNasException">Bad options or data, or a failure to write.</exception>
    public static AutoResult Run(
        AutoOptions options, string? data, string folder, bool resume, RunContext context, Func<byte[], IOnnxRunner>? open)
    {
        options = options.Settle();
        context = context with { Catalog = options.Catalog };
        using RunDirectory? continued = RunOpening.OpenContinued(folder, resume);
        SupernetOptions? begun = continued is null ? null : Continue(continued, options);
        data ??= begun?.Data ?? throw new BadOptionException($"'{folder}' holds nothing to continue: name the images, to begin");
        if (continued is not null && ReadResult(folder) is { } done) return done;
        // A run that was killed before its plan was written has trained nothing: it plans anew.
        AutoPlan? kept = continued is null ? null : AutoPlan.Read(folder);
        (AutoPlan plan, FolderSplit? split) =
            kept is null ? AutoPreparation.Make(options, data, begun?.Split, context) : (kept, begun!.Split);
        SupernetOptions training = AutoTraining.Of(options, data, plan, split);
        using RunDirectory run = continued ?? RunDirectory.Create(folder, resume);
        using (var images = ExperimentData.ForRetraining(AutoTraining.Alone(training, plan.Images), context.WithoutNotes))
            RunOpening.DescribeOrCheck(
                run, training, images, RunKind.Auto, null, more: new JsonObject { [OptionsFact] = StoredOptions.Of(options) });
        if (kept is null) run.WriteRecord(AutoPlan.FileName, plan);
        foreach (string reason in plan.Reasons) context.Note(reason);
        return new AutoExperiment(options, plan, training, run, context).Run(open);
    }

    /// <summary>The options with which a folder was begun.</summary>
    /// <exception cref="BadDataException">It holds no such run, or it is damaged.</exception>
    public static AutoOptions ReadOptions(string folder, Catalog catalog)
    {
        using RunDirectory run = RunDirectory.OpenToRead(folder);
        run.RequireKind(RunKind.Auto);
        return new StoredOptions(run.ReadFact<JsonNode>(OptionsFact), typeof(AutoOptions), RunDirectory.FactsPathOf(folder))
            .Apply(new AutoOptions { Catalog = catalog });
    }

    /// <summary>What came out in a folder; null while it is not finished.</summary>
    /// <exception cref="BadDataException">The result's file is damaged.</exception>
    public static AutoResult? ReadResult(string folder) =>
        SealedRecord.ReadResult<AutoResult>(Path.Combine(folder, AutoResult.FileName));

    /// <summary>The folders of the runs in a folder, in the order in which they are made; some may not be there.</summary>
    public static IEnumerable<string> RunsOf(string folder) =>
        ((string[])[SearchFolder, KnownFolder, RivalFolder]).Select(name => Path.Combine(folder, name));

    // The options with which it was begun.
    private static SupernetOptions Continue(RunDirectory run, AutoOptions options)
    {
        options.RequireContinues(ReadOptions(run.Path, options.Catalog), run.Path);
        return RunDirectory.ReadOptions<SupernetOptions>(run.Path, options.Catalog);
    }

    private AutoResult Run(Func<byte[], IOnnxRunner>? open)
    {
        AutoEpochs epochs = AutoEpochs.Read(_run.Path) ?? Decide();
        foreach (string remark in epochs.Remarks) Remark(remark);
        RetrainingResult known = Trained(AutoPlan.Training, KnownFolder, _plan.Known, epochs.OfKnown);
        RetrainingResult rival = Trained(AutoPlan.Rival, RivalFolder, epochs.Rival, epochs.OfRival);
        return _clock.During(AutoPlan.Ending, () =>
        {
            (AutoModel first, AutoModel second) = (Described(_plan.Known, known), Described(epochs.Rival, rival));
            // Of so few images that none are held out, the rival's kind learns more.
            return Keeps(second) && (_plan.Images.HeldOut == 0 || rival.ValidationAccuracy > known.ValidationAccuracy)
                ? End(second, first, open)
                : End(first, second, open);
        });
    }

    private AutoEpochs Decide()
    {
        var remarks = new List<string>();
        AutoNetwork rival = _plan.Searches ? _clock.During(AutoPlan.Search, () => Found(remarks))
            : _plan.Growth > 0 ? _clock.During(AutoPlan.Training, Neighbour)
            : OtherKnown();
        AutoEpochs epochs = _clock.During(AutoPlan.Training, () =>
        {
            using var images = ExperimentData.ForRetraining(AutoTraining.Alone(_training, _plan, rival), _context.WithoutNotes);
            var calibration = new AutoCalibration(_options, _context);
            return AutoEpochs.Of(_plan, Timed(_plan.Known), (rival, Timed(rival)), remarks);

            double Timed(AutoNetwork network)
            {
                double epoch = calibration.OfNetwork(AutoTraining.Alone(_training, _plan, network), network.Architecture, images);
                return epoch + _plan.Speed.Beside(epoch);
            }
        });
        _run.WriteRecord(AutoEpochs.FileName, epochs);
        return epochs;
    }

    // No larger and of no more multiply-adds than the known network, among the architectures of its width.
    private AutoNetwork Found(List<string> remarks)
    {
        using Supernet supernet = Supernet.Train(_training, _run.File(SearchFolder), resume: true, _context.WithoutNotes);
        if (_options.MaxLatencyMs is not null && !File.Exists(_run.File(LatenciesFile)))
            _run.Write(
                _run.File(LatenciesFile),
                LatencyTableFile.Write(AutoLatency.Table(_training, _plan.Known.Width, _plan.Images, _options.Seed, _context)));
        int population = Math.Clamp(_plan.Evaluations / 10, 5, 50);
        var search = new SearchOptions
        {
            Catalog = _options.Catalog,
            Ranker = AutoRules.Ranker,
            Reference = AutoRules.Reference,
            Population = population,
            Generations = _plan.Evaluations / population,
            MaxParameters = _plan.Known.Parameters,
            MaxMultiplyAdds = _plan.Known.MultiplyAdds,
            MaxLatencyMs = _options.MaxLatencyMs,
            LatencyTable = _options.MaxLatencyMs is null ? null : _run.File(LatenciesFile),
            Top = 1,
            Seed = _options.Seed,
        };
        try
        {
            SearchResult found = supernet.Search(search, _context.WithoutNotes);
            return AutoNetwork.Of(_training, _plan.Images, (AutoRules.Found, found.Best.Architecture), _plan.Known.Width);
        }
        catch (BadOptionException error)
        {
            // By the table even the known network may be too slow.
            remarks.Add($"Nothing was searched: {error.Message.TrimEnd('.')}.");
            return OtherKnown();
        }
    }

    // Under a limit of parameters alone.
    private AutoNetwork Neighbour() => AutoNetwork.NeighbourOf(
        _training, _plan.Images, AutoRules.Known[0].Architecture,
        _options.Limits with { MaxMultiplyAdds = (long)(_plan.Growth * _plan.Known.MultiplyAdds) });

    private AutoNetwork OtherKnown()
    {
        CostLimits counted = _options.Limits with { MaxLatencyMs = null };
        AutoNetwork[] keeping = AutoNetwork.AtWidths(_training, _plan.Images, AutoRules.Known[1], counted);
        return AutoNetwork.Nearest(
            keeping is [] ? AutoNetwork.AtWidths(_training, _plan.Images, AutoRules.Known[1], CostLimits.None) : keeping,
            _plan.Known.Cost, counted);
    }

    private bool Keeps(AutoModel model) =>
        _options.Limits.Admits(new Cost(model.Training.LiveParams, model.Training.LiveMacs, model.LatencyMs));

    private RetrainingResult Trained(string stage, string name, AutoNetwork network, int epochs)
    {
        string folder = _run.File(name);
        return RetrainingExperiment.ReadResult(folder) ?? _clock.During(stage, () => RetrainingExperiment.Retrain(
            AutoTraining.Of(_training, _plan, network, epochs), network.Architecture, folder, resume: true,
            _context.WithoutNotes));
    }

    private AutoModel Described(AutoNetwork network, RetrainingResult training) => new(
        network.Name, training, WilsonInterval.Of(training.TestAccuracy, training.Setup.TestImages),
        _options.MaxLatencyMs is null ? null : AutoLatency.Of(_training, network, _plan.Images, _context));

    private AutoResult End(AutoModel model, AutoModel baseline, Func<byte[], IOnnxRunner>? open)
    {
        string file = _run.File(ModelFile);
        ExportResult exported = ModelExport.Export(
            model.Training.Run, null, ExportFormat.Onnx, new OnnxOptions { Preprocessing = Preprocessing.Inside }, file,
            stored => stored with { Threads = _options.Threads, Device = _options.Device, CacheFolder = _options.CacheFolder },
            _context.WithoutNotes, open);
        AutoTime time = _clock.Time;
        double late = time.Seconds / (60 * _plan.Minutes) - 1;
        if (Math.Abs(late) > WorthSaying)
            _remarks.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"It took {time.Seconds / 60:F1} minutes instead of {_plan.Minutes:0.##}: the machine's speed changed after it was "
                + $"measured{(late > 0 ? ", or interruptions cost time" : "")}."));
        var result = new AutoResult(
            _plan.Minutes, _plan.Reasons, model, baseline, DifferenceOf(model, baseline), file, exported.Bytes,
            [.. _remarks], _run.Path)
        {
            Stages = time.Stages,
        };
        _run.WriteRecord(AutoResult.FileName, result);
        _context.EndStage(_run);
        return result;
    }

    // Both classify the same images: paired, image by image.
    private static PairedDifference DifferenceOf(AutoModel model, AutoModel baseline)
    {
        return PairedDifference.Of(Right(model), Right(baseline))!;

        static double[] Right(AutoModel one)
        {
            TestPredictions found = TestPredictions.Read(one.Training.Run)!;
            return [.. found.Labels.Zip(found.Predicted, (label, predicted) => label == predicted ? 1.0 : 0)];
        }
    }

    private void Remark(string sentence)
    {
        _remarks.Add(sentence);
        _context.Note(sentence);
    }
}
