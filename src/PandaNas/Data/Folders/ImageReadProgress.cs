namespace PandaNas.Data.Folders;

/// <summary>How far the checking or decoding of an image folder is.</summary>
/// <param name="Done">Images so far.</param>
/// <param name="Total">Images in all.</param>
/// <param name="Work">What is being done: "check images" or "read images".</param>
public readonly record struct ImageReadProgress(int Done, int Total, string Work)
{
    /// <summary>The share that is done, in [0, 1].</summary>
    public double Fraction => Total == 0 ? 1 : (double)Done / Total;
}
