using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Exporting;
using PandaNas.Ranking.Rankers;
using PandaNas.Runtime.Torch;

namespace PandaNas;

/// <summary>
/// A supernet that was trained in a folder: ranks and searches its architectures, and retrains them. Between these, images and weights
/// stay in memory and the folder is locked; disposing frees both. For one thread at a time. Results hold no tensors and outlive it.
/// </summary>
/// <remarks>Opening or training one prepares the process for it: memory that torch frees is kept, idle threads sleep.</remarks>
/// <example>
/// <code>
/// Images images = ImageFolder.Open("photos");
/// using Supernet supernet = Supernet.Train(images, new() { Preset = "nasbench201-cpu" }, "runs/mine");
/// SearchResult found = supernet.Search(new() { MaxParameters = 60_000 });
/// using Model model = supernet.Retrain(found.Best, new() { Epochs = 50 });
/// </code>
/// </example>
public sealed class Supernet : IDisposable
{
    private readonly Catalog _catalog;
    private readonly Func<SupernetOptions, SupernetOptions> _adjust;
    private SupernetEvaluation? _evaluation;
    private (int Images, long Seed, bool NeedsWeights) _evaluated;
    private SupernetResult? _training;
    private bool _disposed;

    private Supernet(string folder, Catalog catalog, Func<SupernetOptions, SupernetOptions> adjust) =>
        (Folder, _catalog, _adjust) = (Path.GetFullPath(folder), catalog, adjust);

    /// <summary>The folder of its run.</summary>
    public string Folder { get; }

    /// <summary>What its training gave.</summary>
    /// <exception cref="BadDataException">The record is missing or damaged.</exception>
    public SupernetResult Training =>
        _training ??= SupernetExperiment.ReadResult(Folder) ?? throw SupernetEvaluation.NotFinished(Folder, "train.json");

    /// <summary>Trains a supernet.</summary>
    /// <param name="images">The images.</param>
    /// <param name="options">How; the defaults are those of the paper's NAS-Bench-201 for hours on a GPU, presets are smaller.</param>
    /// <param name="folder">The run's folder, which must hold no run yet.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Saves and stops; <see cref="Resume"/> goes on, bit for bit as if nothing had happened.</param>
    /// <exception cref="BadOptionException">An option is impossible, or the folder holds a run; nothing was begun.</exception>
    /// <exception cref="BadDataException">The images are missing or damaged.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Supernet Train(
        Images images, SupernetOptions options, string folder, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return Train(options with { Data = images.Source }, folder, resume: false, ProgramContext.For(progress, cancel, options.Catalog));
    }

    /// <summary>Continues a training that was interrupted, or opens the supernet if it is done.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="catalog">Has the run's space, method and format if they are your own.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Saves and stops again.</param>
    /// <exception cref="BadDataException">
    /// There is no such run, or it is damaged, or its images are not those it was started with.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <example><code>using Supernet supernet = Supernet.Resume("runs/mine");</code></example>
    public static Supernet Resume(
        string folder, Catalog? catalog = null, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        RunContext context = ProgramContext.For(progress, cancel, catalog);
        return Train(RunDirectory.ReadOptions<SupernetOptions>(folder, context.Catalog), folder, resume: true, context);
    }

    /// <summary>Opens a supernet whose training is done.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="catalog">Has the run's space, method and format if they are your own.</param>
    /// <exception cref="BadDataException">There is no such run, it is not finished, or it is damaged.</exception>
    /// <example><code>using Supernet supernet = Supernet.Open("runs/mine");</code></example>
    public static Supernet Open(string folder, Catalog? catalog = null) => Open(folder, catalog ?? Catalog.Default, stored => stored);

    /// <summary>Ranks architectures by what is known to rank best in the space.</summary>
    /// <param name="architectures">How many random ones, <c>ArchitectureChoice.All</c>, or a file with one per line.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Stops; scores so far are kept.</param>
    /// <example><code>Console.WriteLine(supernet.Rank(10).BestFirst[0].Architecture);</code></example>
    public RankingResult Rank(
        ArchitectureChoice architectures, IProgress<RunProgress>? progress = null, CancellationToken cancel = default) =>
        Rank(new RankOptions { Architectures = architectures }, progress, cancel);

    /// <summary>Ranks architectures, and measures the ranking against true accuracies if there are some.</summary>
    /// <param name="options">Which, on how many images, and against what.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Stops; scores so far are kept.</param>
    /// <exception cref="BadOptionException">An option is impossible; nothing was begun.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The supernet has been disposed.</exception>
    /// <example>
    /// <code>RankingResult ranking = supernet.Rank(new RankOptions { Architectures = 600, Truth = "nasbench201.csv" });</code>
    /// </example>
    public RankingResult Rank(RankOptions options, IProgress<RunProgress>? progress = null, CancellationToken cancel = default) =>
        Rank(options, ProgramContext.For(progress, cancel, _catalog));

    /// <summary>Searches for the most accurate architectures, under limits if there are some.</summary>
    /// <param name="options">What for and how; all defaults if null.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Stops; the same search goes on from the scores that are kept.</param>
    /// <exception cref="BadOptionException">An option is impossible; nothing was begun.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The supernet has been disposed.</exception>
    /// <example><code>SearchResult found = supernet.Search(new() { MaxParameters = 60_000 });</code></example>
    public SearchResult Search(
        SearchOptions? options = null, IProgress<RunProgress>? progress = null, CancellationToken cancel = default) =>
        Search(options ?? new SearchOptions(), ProgramContext.For(progress, cancel, _catalog));

    /// <summary>Retrains an architecture that a search or ranking found.</summary>
    /// <inheritdoc cref="Retrain(string, RetrainOptions?, string?, IProgress{RunProgress}?, CancellationToken)"/>
    public Model Retrain(
        ScoredArchitecture architecture, RetrainOptions? options = null, string? folder = null,
        IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        return Retrain(architecture.Architecture, options, folder, progress, cancel);
    }

    /// <summary>Trains an architecture from scratch as a plain network, on the supernet's images, and scores it on test images.</summary>
    /// <param name="architecture">In the space's notation.</param>
    /// <param name="options">How; sizes, images, seed and machine are the supernet's unless given.</param>
    /// <param name="folder">The folder of the new run; null is a new one in the supernet's folder.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Saves and stops; <see cref="Model.Resume"/> goes on.</param>
    /// <exception cref="BadOptionException">An option or the architecture is impossible; nothing was begun.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The supernet has been disposed.</exception>
    public Model Retrain(
        string architecture, RetrainOptions? options = null, string? folder = null,
        IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        RetrainOptions resolved = (options ?? new RetrainOptions()).From(Stored);
        return Model.Train(resolved, architecture, folder ?? NewFolder(), resume: false, ProgramContext.For(progress, cancel, _catalog));
    }

    /// <summary>
    /// Measures on this machine how long each layer of the space's retrained networks takes for an image at a time; the table predicts what
    /// <see cref="SearchOptions.MaxLatencyMs"/> limits. Takes minutes, in which nothing else should compute.
    /// </summary>
    /// <param name="file">The table's file, for <see cref="SearchOptions.LatencyTable"/>; one of the same name is replaced.</param>
    /// <param name="threads">Threads of torch; 0 is one per processor.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Stops; nothing is written.</param>
    /// <returns>How well the table predicts networks that it was not made of.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The supernet has been disposed.</exception>
    /// <example>
    /// <code>
    /// supernet.MeasureLatencyTable("mine.latency.json");
    /// SearchResult found = supernet.Search(new() { MaxLatencyMs = 0.5, LatencyTable = "mine.latency.json" });
    /// </code>
    /// </example>
    public LatencyTableSummary MeasureLatencyTable(
        string file, int threads = 1, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(file);
        return MeasureLatencyTable(new LatencyOptions { Threads = threads }, file, ProgramContext.For(progress, cancel, _catalog));
    }

    /// <summary>
    /// Writes an architecture with the supernet's weights as ONNX, as <see cref="Model.ExportOnnx"/> does. Running statistics are made for
    /// it on training images, since a model classifies images one by one.
    /// </summary>
    /// <param name="architecture">In the space's notation.</param>
    /// <param name="file">The file; one of the same name is replaced.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="cancel">Stops it.</param>
    public void ExportOnnx(string architecture, string file, OnnxOptions? options = null, CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(file);
        RunContext context = ProgramContext.For(null, cancel, _catalog);
        SupernetEvaluation evaluation = Evaluation(0, 0, context);
        (ExportableModel model, _) = evaluation.TakeOut(ArchitectureSelection.Parse(evaluation.Family.Space, architecture), context);
        using (model.Network)
            ModelExport.WriteOnnx(model, options ?? new OnnxOptions(), file, evaluation.RunImages.Training);
    }

    /// <summary>Frees images and weights, and lets the folder go.</summary>
    public void Dispose()
    {
        _disposed = true;
        _evaluation?.Dispose();
        _evaluation = null;
    }

    /// <summary>Trains, or continues a training.</summary>
    internal static Supernet Train(SupernetOptions options, string folder, bool resume, RunContext context)
    {
        TorchRuntime.TuneProcess();
        return new(folder, options.Catalog, stored => stored with { Threads = options.Threads, Device = options.Device })
        {
            _training = SupernetExperiment.Train(options, folder, resume, context),
        };
    }

    /// <summary>Opens a supernet whose images and machine settings may be others than those of its training.</summary>
    internal static Supernet Open(string folder, Catalog catalog, Func<SupernetOptions, SupernetOptions> adjust)
    {
        TorchRuntime.TuneProcess();
        SupernetEvaluation.OpenTrained(folder).Dispose();
        return new Supernet(folder, catalog, adjust);
    }

    /// <summary>Opens a supernet beside rank 0, which holds its folder, and scores what that asks for until it needs no more.</summary>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    internal static void Serve(string folder, Func<SupernetOptions, SupernetOptions> adjust, RankOptions options, RunContext context) =>
        Serve(folder, adjust, options.Images, options.Seed, supernet => options.For(supernet).Formula, context);

    /// <inheritdoc cref="Serve(string, Func{SupernetOptions, SupernetOptions}, RankOptions, RunContext)"/>
    internal static void Serve(
        string folder, Func<SupernetOptions, SupernetOptions> adjust, SearchOptions options, RunContext context) =>
        Serve(folder, adjust, options.Images, options.Seed, supernet => options.For(supernet).Formula, context);

    /// <summary>Ranks.</summary>
    internal RankingResult Rank(RankOptions options, RunContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = (options with { Catalog = _catalog }).Settle().For(Stored);
        return RankingExperiment.Rank(
            Evaluation(options.Images, options.Seed, context, options.Formula.NeedsSupernet), options, context);
    }

    /// <summary>Searches.</summary>
    internal SearchResult Search(SearchOptions options, RunContext context)
    {
        options = (options with { Catalog = _catalog }).Settle().For(Stored);
        return SearchExperiment.Search(
            Evaluation(options.Images, options.Seed, context, options.Formula.NeedsSupernet), options, context);
    }

    /// <summary>Measures a latency table of its networks.</summary>
    internal LatencyTableSummary MeasureLatencyTable(LatencyOptions options, string file, RunContext context)
    {
        SupernetOptions stored = Stored;
        RunSetup setup = Training.Setup;
        return LatencyExperiment.MakeTable(options.Of(stored, setup.ImageSize, setup.Classes, setup.Channels), file, context);
    }

    // The options with which it was trained.
    private SupernetOptions Stored
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return RunDirectory.ReadOptions<SupernetOptions>(Folder, _catalog);
        }
    }

    private static void Serve(
        string folder, Func<SupernetOptions, SupernetOptions> adjust, int images, long seed, Func<SupernetOptions, RankerFormula> rankerOf,
        RunContext context)
    {
        RankerFormula ranker = rankerOf(RunDirectory.ReadOptions<SupernetOptions>(folder, context.Catalog));
        TorchRuntime.TuneProcess();
        using SupernetEvaluation evaluation =
            SupernetEvaluation.Open(folder, images, seed, adjust, context, needsWeights: ranker.NeedsSupernet);
        evaluation.Serve(context);
    }

    // Opened for so many images, drawn by that seed.
    private SupernetEvaluation Evaluation(int images, long seed, RunContext context, bool needsWeights = true)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_evaluation is not null && _evaluated == (images, seed, needsWeights)) return _evaluation;
        _evaluation?.Dispose();
        _evaluation = null;
        _evaluated = (images, seed, needsWeights);
        return _evaluation = SupernetEvaluation.Open(Folder, images, seed, _adjust, context, needsWeights: needsWeights);
    }

    private string NewFolder()
    {
        string first = Path.Combine(Folder, "retrained"), free = first;
        for (int number = 2; Path.Exists(free); number++) free = $"{first}-{number}";
        return free;
    }
}
