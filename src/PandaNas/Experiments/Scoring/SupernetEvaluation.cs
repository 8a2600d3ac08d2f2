using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Data.Batches;
using PandaNas.Distributed;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Ranking.Rankers;
using PandaNas.Runtime.Torch;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Scoring;

/// <summary>
/// A supernet opened for scoring architectures, with its weights where the scores take them. Scores are kept in files of the run, see
/// <see cref="ArchitectureScores"/>.
/// </summary>
internal sealed class SupernetEvaluation : IDisposable
{
    /// <summary>Images at a time; batch statistics are over so many, so it is part of the protocol (released: 512).</summary>
    public const int BatchSize = 512;

    private const string PrecisionName = "evaluation-precision.json";

    // Enough for a moving average of a tenth of each to forget where it began.
    private const int UsualExportBatches = 100;

    // Tell an accuracy to two percent in a second or two.
    private const int MostExportImages = 1000;

    // Batches of the papers' proxies.
    private const int MostInitialImages = 128;

    // Up to this size of images; batches of larger ones are smaller, but not smaller than those of training.
    private const int LargestSide = 32;

    private readonly RunDirectory _run;
    private readonly ExperimentData _data;
    // Null where the scores take no weights.
    private readonly Network? _network;
    private readonly Device _device;
    private readonly long _seed, _mostKeptBytes;
    private readonly Stack<IDisposable> _opened;
    private readonly TaskFarm? _farm;
    private readonly Dictionary<int, ArchitectureScores> _scores = [];
    private readonly ArchitectureScores? _all;
    private string? _weights;

    private SupernetEvaluation(
        RunDirectory run, SupernetOptions options, ExperimentData data, SpaceFamily family, Network? network, Device device, int images,
        long seed, long mostKeptBytes, TaskFarm? farm, Stack<IDisposable> opened)
    {
        (_run, Options, _data, Family, _network, _device) = (run, options, data, family, network, device);
        (_seed, _mostKeptBytes, _farm, _opened) = (seed, mostKeptBytes, farm, opened);
        _all = network is null ? null : On(images);
    }

    /// <summary>The options with which the supernet was trained.</summary>
    public SupernetOptions Options { get; }

    /// <summary>What decides the bits of scores and was chosen for this evaluation, by the keys of the options.</summary>
    public required ImmutableArray<KeyValuePair<string, string>> Conditions { get; init; }

    /// <summary>The space and its networks.</summary>
    public SpaceFamily Family { get; }

    /// <summary>The run's folder, locked.</summary>
    public RunDirectory Run => _run;

    /// <summary>Identity of the data set.</summary>
    public string DataSet => _data.DataSet;

    /// <summary>Which images score: validation or test.</summary>
    public string RankingPart => _data.RankingPart;

    /// <summary>How many images score; 0 without the weights.</summary>
    public int Images => _all?.Images ?? 0;

    /// <summary>
    /// How many architectures were evaluated since this was opened; the rest came from the file or had an equal live graph.
    /// </summary>
    public int Evaluated => _scores.Values.Sum(scores => scores.Evaluated);

    /// <summary>Sizes of the networks.</summary>
    public NetworkOptions NetworkOptions => _data.NetworkOptions(Options);

    /// <summary>Opens a trained supernet.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="images">How many of the ranking images to use; 0 is all.</param>
    /// <param name="seed">Decides which images.</param>
    /// <param name="adjust">Changes options that do not affect results: data path, threads, device.</param>
    /// <param name="context">
    /// Progress and the wish to stop. Where it has ranks, all of them open the supernet at the same time: rank 0 holds the folder, the
    /// others only read it and <see cref="Serve"/>.
    /// </param>
    /// <param name="mostKeptBytes">How many bytes of every number of images may stay in memory; the rest is read in every pass.</param>
    /// <param name="needsWeights">Whether scores take its weights; all ranks say the same.</param>
    /// <exception cref="BadDataException">It has no weights, and they are needed; or the run is damaged.</exception>
    public static SupernetEvaluation Open(
        string folder, int images, long seed, Func<SupernetOptions, SupernetOptions> adjust, RunContext context,
        long mostKeptBytes = EvaluationBatches.UsualKeptBytes, bool needsWeights = true)
    {
        ICommunicator? ranks = context.Ranks;
        RunDirectory run = OpenTrained(folder, readsOnly: ranks is { Rank: > 0 });
        var opened = new Stack<IDisposable>([run]);
        try
        {
            SupernetOptions stored = RunDirectory.ReadOptions<SupernetOptions>(folder, context.Catalog);
            // What was the faster for training need not be so for evaluations.
            if (run.HasFact(RunOpening.PrecisionTrialFact)) stored = stored with { Precision = PrecisionChoice.Auto };
            SupernetOptions options = adjust(stored).Settle();
            options = options with { Threads = TorchRuntime.UseThreads(options.Threads) };
            Device device = TorchRuntime.OpenDevice(options.Device);
            ExperimentData data = ExperimentData.ForSupernet(options, context);
            opened.Push(data);
            options = data.Adjust(options);
            RunOpening.DescribeOrCheck(run, options, data, RunKind.Supernet, null);
            SpaceFamily family = options.Family;
            Network? network = needsWeights ? Load(run, options, data, device) : null;
            if (network is not null) opened.Push(network);
            options = options with
            {
                // Networks at their initial weights compute in float32.
                Precision = network is null
                    ? PrecisionChoice.Float32
                    : DecideAlike(ranks, () => DecidePrecision(run, options, network, data, images, seed, device, context), context.Stop),
            };
            network?.Precision = PrecisionResolver.PrecisionOf(options.Precision);
            TaskFarm? farm = ranks is { Rank: 0 } ? new TaskFarm(ranks, ahead: 1) : null;
            if (farm is not null) opened.Push(farm);
            var evaluation = new SupernetEvaluation(
                run, options, data, family, network, device, images, seed, mostKeptBytes, farm, opened)
            {
                Conditions = ConditionsOf(options, RunDirectory.ReadOptions<SupernetOptions>(folder, context.Catalog)),
            };
            ranks?.RequireSame(evaluation.Facts, context.Stop);
            return evaluation;
        }
        catch
        {
            foreach (IDisposable resource in opened) resource.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Images at a time: <see cref="BatchSize"/>, or for images above 32×32 pixels as many as have the same pixels together, but no
    /// fewer than in training, so that evaluation takes no more memory than the training did.
    /// </summary>
    internal static int BatchSizeOf(TrainingRunOptions options, ExperimentData data)
    {
        long pixels = (long)data.Train.Height * data.Train.Width;
        return (int)Math.Min(BatchSize, Math.Max(options.BatchSize, BatchSize * (long)LargestSide * LargestSide / pixels));
    }

    /// <summary>Opens the folder of a supernet whose training is finished, or of 0 epochs, without reading images and weights.</summary>
    /// <exception cref="BadDataException">It is another kind of run, or its training is not finished.</exception>
    /// <param name="folder">The folder.</param>
    /// <param name="readsOnly">Whether another rank holds it.</param>
    public static RunDirectory OpenTrained(string folder, bool readsOnly = false)
    {
        RunDirectory run = readsOnly ? RunDirectory.OpenToRead(folder) : RunDirectory.Open(folder);
        try
        {
            run.RequireKind(RunKind.Supernet);
            return File.Exists(run.WeightsPath) || RunDirectory.ReadFacts(folder)["options"]?["epochs"]?.ToString() == "0"
                ? run
                : throw NotFinished(folder, Path.GetFileName(run.WeightsPath));
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>A training is not finished.</summary>
    internal static BadDataException NotFinished(string folder, string missing) =>
        new($"'{folder}' has no {missing}: its training is not finished. Continue it{Mention.How(Step.ContinueTraining, folder)}");

    /// <summary>Scores for rank 0 what it asks for, and trains labels, until it needs no more.</summary>
    /// <param name="context">The ranks, of which this is not 0, the clock and the wish to stop.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public void Serve(RunContext context) => TaskFarm.Serve(
        context.Ranks!,
        (task, stop) => LabelTraining.IsTask(task)
            ? LabelTraining.Answer(task, this, context, stop)
            : ArchitectureScores.Answer(task, Family.Space, On),
        context.Stop);

    /// <summary>The accuracy of an architecture on the images that the evaluation was opened with, in [0, 1].</summary>
    public double Accuracy(Architecture architecture) => _all!.Accuracy(architecture);

    /// <summary>The scores on another number of the ranking images.</summary>
    /// <param name="images">How many, stratified by class; 0 is all.</param>
    /// <exception cref="BadOptionException">There are fewer.</exception>
    public ArchitectureScores On(int images)
    {
        if (images == 0) images = _data.Ranking.Count;
        if (_scores.TryGetValue(images, out ArchitectureScores? known)) return known;
        // They outlive the batches, of which some may be made anew in every pass.
        LabelledImages chosen = _data.RankingImages(images, _seed);
        _opened.Push(chosen);
        var batches = EvaluationBatches.Make(chosen, _data.Statistics, BatchSizeOf(Options, _data), _device, _mostKeptBytes);
        StatisticsCalibration? calibration = BatchNormCalibration.Of(Options, _data, _network!, _device);
        var evaluator = new SubnetEvaluator(_network!, batches, calibration, SubnetEvaluator.For(Family, batches, calibration));
        var scores = new ArchitectureScores(Family.Space, evaluator, _run, IdentityOf(chosen), _farm, images);
        _opened.Push(scores);
        return _scores[images] = scores;
    }

    /// <summary>What scores of architectures are made of.</summary>
    /// <param name="images">How many ranking images score where the supernet does.</param>
    /// <param name="network">Which of the initial networks, from 0: each has weights and images of its own.</param>
    public ScoreSetting ScoresOn(int images, int network = 0) => new(
        Family, NetworkOptions, Options.Seed, () => InitialImages(network), one => On(images).Accuracy(one), one => On(images).Loss(one))
    {
        Number = network,
    };

    /// <summary>
    /// An architecture as a network of its own on the CPU, with the supernet's weights and running statistics made for it.
    /// </summary>
    internal (ExportableModel Model, InheritedStatistics Statistics) TakeOut(Architecture architecture, RunContext context)
    {
        Network network = Family.Subnetwork(NetworkOptions, architecture, _network!, CPU);
        try
        {
            int batches = BatchNormCalibration.Batches(Options, _data, UsualExportBatches);
            BatchNormCalibration.Of(Options, _data, network, CPU, batches).Run(architecture);
            context.Stop.ThrowIfCancellationRequested();
            int images = Math.Min(MostExportImages, _data.Ranking.Count);
            using LabelledImages chosen = _data.RankingImages(images, _seed);
            using var evaluator = new SubnetEvaluator(
                network, EvaluationBatches.Make(chosen, _data.Statistics, BatchSizeOf(Options, _data), CPU));
            var statistics = new InheritedStatistics(
                batches, Options.BatchSize, images, evaluator.Accuracy(architecture), On(images).Accuracy(architecture));
            var card = new ModelCard(
                ModelCard.CurrentVersion, Family.Space.Name,
                Options.FoundSpace.Definition is null ? null : Options.FoundSpace.Identity,
                Family.Space.Format(architecture), NetworkOptions, Precision.Float32,
                _data.Train.ClassNames, _data.Statistics.Mean, _data.Statistics.Deviation, _data.Fitting?.Fit,
                Options.Background.ToString(), statistics.Accuracy, ModelCosts.Of(Family, NetworkOptions, architecture),
                Origin: ModelOrigin.Of(
                    _run, ["train", .. StoredOptions.Words<SupernetOptions>(StoredOptions.Texts(_data.AsAsked(Options)))]));
            return (new ExportableModel(network, architecture, card, IsRetrained: false), statistics);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The images of the run, divided.</summary>
    internal ExperimentData Data => _data;

    /// <summary>Where networks live.</summary>
    internal Device Device => _device;

    /// <summary>Has other ranks work too; null where there are none.</summary>
    internal TaskFarm? Farm => _farm;

    /// <summary>The images of the run.</summary>
    internal RunImages RunImages => new(_data.Train, _data.Test);

    /// <summary>Releases everything.</summary>
    public void Dispose()
    {
        foreach (IDisposable resource in _opened) resource.Dispose();
    }

    // What ranks must have in common for one to score what the other would.
    private IReadOnlyList<(string What, string Value)> Facts =>
    [
        ("the program's version", ProductVersion.Text),
        ("the number of threads", Options.Threads.ToString(CultureInfo.InvariantCulture)),
        ("the device", Options.Device),
        ("what is scored", _all?.Name ?? "nothing by shared weights"),
    ];

    private static Network Load(RunDirectory run, SupernetOptions options, ExperimentData data, Device device)
    {
        if (options.Epochs == 0)
            throw new BadDataException(
                $"'{run.Path}' was trained for 0 epochs and has no weights, which this takes: train a supernet");
        Network network = options.Family.Supernet(
            data.NetworkOptions(options), device, RandomStream.Derive(options.Seed, "weights"));
        try
        {
            RunWeights.Load(network, run.WeightsPath);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    // Rank 0 measures, while the others wait.
    private static PrecisionChoice DecideAlike(ICommunicator? ranks, Func<PrecisionChoice> decide, CancellationToken stop) =>
        ranks is null ? decide() : Enum.Parse<PrecisionChoice>(ranks.Broadcast(() => decide().ToString(), stop));

    // The precision always: measured again, it may be decided otherwise.
    private static ImmutableArray<KeyValuePair<string, string>> ConditionsOf(SupernetOptions options, SupernetOptions stored) =>
    [
        .. from key in (string[])["data", "device", "precision", "threads"]
           let option = OptionDescription.OfKey(typeof(SupernetOptions), key)
           where key == "precision" || option.Text(options) != option.Text(stored)
           select KeyValuePair.Create(key, option.Text(options)),
    ];

    // Decided once for a run: scores in one precision and in the other are not compared.
    private static PrecisionChoice DecidePrecision(
        RunDirectory run, SupernetOptions options, Network network, ExperimentData data, int images, long seed, Device device,
        RunContext context)
    {
        PrecisionChoice choice = options.Precision;
        if (choice == PrecisionChoice.Auto && SealedRecord.ReadResult<ChosenPrecision>(run.File(PrecisionName)) is { } known)
            choice = known.Choice;
        using LabelledImages chosen = data.RankingImages(images, seed);
        ChosenPrecision precision = PrecisionResolver.Resolve(
            choice, network, chosen.Batches(data.Statistics, Augmentation.None),
            Math.Min(BatchSizeOf(options, data), chosen.Count), null, options.Seed, device, context.Clock, evaluates: true);
        if (precision.Trial is null) return precision.Choice;
        run.WriteRecord(PrecisionName, precision);
        context.Report("precision", 1, precision.Say("an evaluation"));
        return precision.Choice;
    }

    // No more at a time than the training takes.
    private Tensor InitialImages(int network)
    {
        int[] examples = RandomStream.Derive(Options.Seed, $"{ScoreSetting.StreamOf(network)}/images").Permutation(_data.Train.Count);
        int count = Math.Min(Math.Min(MostInitialImages, Options.BatchSize), examples.Length);
        Batch batch = _data.Train.Batches(_data.Statistics, Augmentation.None).MakePlain(examples.AsSpan(0, count), CPU);
        _opened.Push(batch);
        batch.Labels.DetachFromDisposeScope();
        return batch.Images.DetachFromDisposeScope();
    }

    // What the scores are of, for people; and in the hashes all that they depend on, so that other weights or images never share a file.
    private string IdentityOf(LabelledImages chosen) => string.Create(
        CultureInfo.InvariantCulture,
        $"{chosen.Count}-{RankingPart}-images-seed{_seed}-{PrecisionResolver.NameOf(Options.Precision)}"
        + $"-weights-{_weights ??= HashOfWeights()}-images-{ExperimentData.Fingerprint(chosen)[..16]}");

    private string HashOfWeights() => Checkpoints.Hash(_run.WeightsPath)[..16];
}
