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

    /// <summary>A model within a given time: perhaps a supernet, the model and its baseline, in folders below.</summary>
    public const string Auto = "auto";

    /// <summary>Whether runs of a kind hold other runs in folders below.</summary>
    public static bool HoldsRuns(string kind) => kind is Comparison or Auto;
}
