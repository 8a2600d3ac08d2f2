using PandaNas.Data.Folders;

namespace PandaNas.Experiments.Runs;

/// <summary>Shows the checking and decoding of images as the progress of a run.</summary>
/// <param name="context">Where the progress goes.</param>
internal sealed class ReadProgress(RunContext context) : IProgress<ImageReadProgress>
{
    /// <inheritdoc/>
    public void Report(ImageReadProgress value) =>
        context.Report(value.Work, value.Fraction, $"{value.Done} of {value.Total} images");
}
