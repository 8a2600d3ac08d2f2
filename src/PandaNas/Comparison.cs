using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Runtime.Torch;

namespace PandaNas;

/// <summary>
/// Which training method gives the better supernet: trains each with every seed, ranks the same architectures with each supernet, and puts
/// the results side by side. Every run is an ordinary one in the comparison's folder.
/// </summary>
/// <example>
/// <code>
/// Catalog catalog = Catalog.Default.With(MyMethod.Method);
/// ComparisonResult result = Comparison.Run(
///     images, new() { Methods = ["spos", "my-method"], Ranking = new() { Architectures = 200 } },
///     new() { Catalog = catalog, Preset = "nasbench201-cpu" }, "runs/comparison");
/// Console.Write(result.Table);
/// </code>
/// </example>
public static class Comparison
{
    /// <summary>Compares.</summary>
    /// <param name="images">The images.</param>
    /// <param name="options">Which methods and seeds, and how they are ranked.</param>
    /// <param name="training">How all of them are trained, but for method and seed; its catalog has methods of your own.</param>
    /// <param name="folder">The comparison's folder, which must hold no run yet.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Saves and stops; <see cref="Resume"/> goes on.</param>
    /// <exception cref="BadOptionException">An option is impossible, or the folder holds a run; nothing was begun.</exception>
    /// <exception cref="BadDataException">The images or the truth are missing or damaged.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ComparisonResult Run(
        Images images, ComparisonOptions options, SupernetOptions training, string folder,
        IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return Run(
            options, training with { Data = images.Source }, folder, resume: false,
            ProgramContext.For(progress, cancel, training.Catalog));
    }

    /// <summary>Continues a comparison that was interrupted; gives the result of one that is done.</summary>
    /// <param name="folder">The comparison's folder.</param>
    /// <param name="catalog">Has its space, methods and format if they are your own.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Saves and stops again.</param>
    /// <exception cref="BadDataException">
    /// There is no comparison, or it is damaged, or its images are not those it was started with.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ComparisonResult Resume(
        string folder, Catalog? catalog = null, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        RunContext context = ProgramContext.For(progress, cancel, catalog);
        (ComparisonOptions options, SupernetOptions training) = ComparisonExperiment.ReadOptions(folder, context.Catalog);
        return Run(options, training, folder, resume: true, context);
    }

    /// <summary>Compares, or continues a comparison.</summary>
    internal static ComparisonResult Run(
        ComparisonOptions options, SupernetOptions training, string folder, bool resume, RunContext context, bool shared = false)
    {
        TorchRuntime.TuneProcess();
        return ComparisonExperiment.Compare(options, training, folder, resume, context, shared);
    }
}
