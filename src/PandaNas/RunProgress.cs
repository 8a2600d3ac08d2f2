namespace PandaNas;

/// <summary>How far long work is.</summary>
/// <param name="Stage">What is being done, for example "train supernet"; "note" for a sentence that says more than a figure.</param>
/// <param name="Fraction">The share that is done, in [0, 1].</param>
/// <param name="Detail">One line of figures, for example the last epoch's loss; may be empty.</param>
/// <param name="TimeLeft">How long the rest of the stage takes at the speed so far; null where nobody knows yet.</param>
public readonly record struct RunProgress(string Stage, double Fraction, string Detail, TimeSpan? TimeLeft = null)
{
    /// <summary>So many images of all are done.</summary>
    internal static RunProgress OfImages(string stage, int done, int total) =>
        new(stage, total == 0 ? 1 : (double)done / total, $"{done} of {total} images");
}
