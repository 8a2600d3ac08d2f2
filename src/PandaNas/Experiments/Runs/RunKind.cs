namespace PandaNas.Experiments.Runs;

/// <summary>What a run trained, as its facts say.</summary>
internal static class RunKind
{
    /// <summary>A supernet.</summary>
    public const string Supernet = "supernet";

    /// <summary>One architecture.</summary>
    public const string Standalone = "standalone";

    /// <summary>Supernets of several methods and seeds, in folders below.</summary>
    public const string Comparison = "comparison";
}
