namespace PandaNas.Runtime.Files;

/// <summary>What a file that is read should be, for limits and for errors.</summary>
/// <param name="Expected">What it is, for example "an IDX file".</param>
/// <param name="LargestBytes">The most bytes that such a file has.</param>
/// <param name="Remedy">What to do when it is not so: a sentence.</param>
internal sealed record FileKind(string Expected, long LargestBytes, string Remedy = "Check the path and its permissions.")
{
    /// <summary>Whether such a file can be empty.</summary>
    public bool MayBeEmpty { get; init; }
}
