namespace PandaNas.Data.Folders;

/// <summary>Whether the images of a folder are decoded once and kept, or for every batch anew.</summary>
public enum StreamingChoice
{
    /// <summary>Streamed where the decoded images would take more than 1 GiB.</summary>
    Auto,

    /// <summary>Streamed.</summary>
    On,

    /// <summary>Decoded once into the cache.</summary>
    Off,
}
