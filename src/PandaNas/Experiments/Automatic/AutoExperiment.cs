using System.Globalization;
using System.Text.Json.Nodes;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Exporting;
using PandaNas.Latency;
using PandaNas.Runtime.Torch;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;
using PandaNas.Statistics;
using PandaNas.Supernets;

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
    private const string SupernetFolder = "supernet", ModelFolder = "model", BaselineFolder = "baseline";

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
        AutoPrepared prepared = kept is null
            ? AutoPreparation.Make(options, data, begun?.Split, context)
            : new AutoPrepared(kept, AutoTraining.Of(options, data, kept, begun!.Split), null);
        using RunDirectory run = continued ?? RunDirectory.Create(folder, resume);
        (AutoPlan plan, SupernetOptions training, LatencyTable? table) = prepared;
        using (var images = ExperimentData.ForRetraining(AutoTraining.Alone(training), context.WithoutNotes))
            RunOpening.DescribeOrCheck(
                run, training, images, RunKind.Auto, null, more: new JsonObject { [OptionsFact] = StoredOptions.Of(options) });
        if (table is not null) run.Write(run.File(LatenciesFile), LatencyTableFile.Write(table));
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
        ((string[])[SupernetFolder, ModelFolder, BaselineFolder]).Select(name => Path.Combine(folder, name));

    // The options with which it was begun.
    private static SupernetOptions Continue(RunDirectory run, AutoOptions options)
    {
        options.RequireContinues(ReadOptions(run.Path, options.Catalog), run.Path);
        return RunDirectory.ReadOptions<SupernetOptions>(run.Path, options.Catalog);
    }

    private AutoResult Run(Func<byte[], IOnnxRunner>? open)
    {
        AutoNetwork model = _plan.Known ?? Searched(), baseline = OpponentOf(model);
        AutoEpochs epochs = Epochs(model, baseline);
        if (epochs.Remark is { } remark) Remark(remark);
        RetrainingResult trained = Trained(AutoPlan.Model, ModelFolder, model, epochs.Model);
        RetrainingResult compared = Trained(AutoPlan.Baseline, BaselineFolder, baseline, epochs.Baseline);
        return _clock.During(AutoPlan.Ending, () => End(
            Described(_plan.Searches ? "found by the search" : model.Name, model, trained),
            Described(baseline.Name, baseline, compared), open));
    }

    private AutoNetwork Searched()
    {
        string folder = _run.File(SupernetFolder);
        SearchResult found = SearchExperiment.ReadResult(folder) ?? TrainAndSearch(folder);
        return AutoNetwork.Of(_training, _plan.Images, found.Best.Architecture, _plan.Channels, _plan.Cells);
    }

    private SearchResult TrainAndSearch(string folder)
    {
        using Supernet supernet = _clock.During(
            AutoPlan.Supernet, () => Supernet.Train(_training, folder, resume: true, _context.WithoutNotes));
        int population = Math.Clamp(_plan.Evaluations / 10, 5, 50);
        var search = new SearchOptions
        {
            Catalog = _options.Catalog,
            Ranker = AutoRules.Ranker,
            Population = population,
            Generations = _plan.Evaluations / population,
            MaxParameters = _options.MaxParameters,
            MaxMultiplyAdds = _options.MaxMultiplyAdds,
            MaxLatencyMs = _options.MaxLatencyMs,
            LatencyTable = _options.MaxLatencyMs is null ? null : _run.File(LatenciesFile),
            Images = _plan.Images.Ranking > AutoRules.RankingImages ? AutoRules.RankingImages : 0,
            Seed = _options.Seed,
        };
        return _clock.During(AutoPlan.Search, () => supernet.Search(search, _context.WithoutNotes));
    }

    // A known network of equal cost against what was searched, and a random architecture against a known network.
    private AutoNetwork OpponentOf(AutoNetwork model)
    {
        CostLimits counted = _options.Limits with { MaxLatencyMs = null };
        if (_plan.Searches)
            return AutoNetwork.Nearest(
                AutoNetwork.Known(_training, _plan.Images).Where(network => counted.Admits(network.Cost)), model.Cost, counted);
        SpaceFamily family = _training.Family;
        var sizes = AutoNetwork.SizesOf(_training, _plan.Images, model.Channels, model.Cells);
        Architecture random = EqualCost.Nearest(
            family.Space, family.Space.Parse(model.Architecture), architecture => family.LiveCost(sizes, architecture).Parameters,
            RandomStream.Derive(_options.Seed, "baseline"));
        return AutoNetwork.Of(_training, _plan.Images, family.Space.Format(random), model.Channels, model.Cells);
    }

    private AutoEpochs Epochs(AutoNetwork model, AutoNetwork baseline)
    {
        if (AutoEpochs.Read(_run.Path) is { } decided) return decided;
        AutoEpochs epochs = _clock.During(AutoPlan.Model, () =>
        {
            string log = RunDirectory.LogPathOf(_run.File(SupernetFolder));
            double supernet = _plan.Searches ? RunLog.Values(log, "seconds").Sum(epoch => epoch + _plan.Speed.Beside(epoch)) : 0;
            using var images = ExperimentData.ForRetraining(AutoTraining.Alone(_training, _plan, model), _context.WithoutNotes);
            return AutoEpochs.Of(_plan, supernet, Timed(model, images), Timed(baseline, images));
        });
        _run.WriteRecord(AutoEpochs.FileName, epochs);
        return epochs;
    }

    private (long Macs, double Epoch) Timed(AutoNetwork network, ExperimentData images)
    {
        var calibration = new AutoCalibration(TorchRuntime.OpenDevice(_options.Device), _options.Minutes, _context);
        (long macs, double epoch) = calibration.OfNetwork(AutoTraining.Alone(_training, _plan, network), network.Architecture, images);
        return (macs, epoch + _plan.Speed.Beside(epoch));
    }

    private RetrainingResult Trained(string stage, string name, AutoNetwork network, int epochs)
    {
        string folder = _run.File(name);
        return RetrainingExperiment.ReadResult(folder) ?? _clock.During(stage, () => RetrainingExperiment.Retrain(
            AutoTraining.Of(_training, _plan, network, epochs), network.Architecture, folder, resume: true,
            _context.WithoutNotes));
    }

    private AutoModel Described(string name, AutoNetwork network, RetrainingResult training) => new(
        name, training, WilsonInterval.Of(training.TestAccuracy, training.Setup.TestImages),
        _options.MaxLatencyMs is null ? null : AutoPreparation.LatencyOf(_training, network, _plan.Images, _context));

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
            Remark(string.Create(
                CultureInfo.InvariantCulture,
                $"It took {time.Seconds / 60:F1} minutes instead of {_plan.Minutes:0.##}: the machine's speed changed after it was "
                + $"measured{(late > 0 ? ", or interruptions cost time" : "")}."));
        var result = new AutoResult(
            _plan.Minutes, _plan.Reasons, model, baseline, DifferenceOf(model, baseline), file, exported.Bytes,
            time.Stages, [.. _remarks], _run.Path);
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
