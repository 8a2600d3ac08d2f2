using PandaNas.Experiments.Automatic;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Exporting;
using PandaNas.Runtime.Torch;

namespace PandaNas;

/// <summary>
/// From labelled images to a model within a given time. Everything is decided from the images and from the speed of this machine: the
/// resolution, whether a search is worth its time, how large networks are and how long they train.
/// </summary>
/// <example>
/// <code>
/// AutoResult result = Auto.Run(ImageFolder.Open("photos"), new() { Minutes = 20, MaxParameters = 60_000 }, "runs/mine");
/// Console.WriteLine($"{result.Model.Training.TestAccuracy:P1}, {result.File}");
/// </code>
/// </example>
public static class Auto
{
    /// <summary>Makes a model.</summary>
    /// <param name="images">The images.</param>
    /// <param name="options">Time and limits.</param>
    /// <param name="folder">Holds everything; must hold no run yet.</param>
    /// <param name="progress">Hears how far it is, and why it does what it does.</param>
    /// <param name="cancel">Saves and stops; <see cref="Resume"/> goes on.</param>
    /// <exception cref="BadOptionException">
    /// The minutes are too few for any plan, no network keeps the limits, or the folder holds a run; nothing was trained.
    /// </exception>
    /// <exception cref="BadDataException">The images are missing, or cannot be used: one class, or too few of a class.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static AutoResult Run(
        Images images, AutoOptions options, string folder, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return Run(options, images.Source, folder, resume: false, ProgramContext.For(progress, cancel, options.Catalog));
    }

    /// <summary>Goes on with what was interrupted, by the plan with which it was begun; gives the result of what is done.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="catalog">Has the format if it is your own.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Saves and stops again.</param>
    /// <exception cref="BadDataException">
    /// There is no such run, or it is damaged, or its images are not those it was begun with.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static AutoResult Resume(
        string folder, Catalog? catalog = null, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        RunContext context = ProgramContext.For(progress, cancel, catalog);
        return Run(AutoExperiment.ReadOptions(folder, context.Catalog), null, folder, resume: true, context);
    }

    /// <summary>Makes a model, or goes on making it.</summary>
    internal static AutoResult Run(
        AutoOptions options, string? data, string folder, bool resume, RunContext context, Func<byte[], IOnnxRunner>? open = null)
    {
        TorchRuntime.TuneProcess();
        return AutoExperiment.Run(options, data, folder, resume, context, open);
    }
}
