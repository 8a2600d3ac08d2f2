namespace PandaNas.Data.Folders;

/// <summary>What an image of a folder is for.</summary>
internal enum ImagePart
{
    /// <summary>It trains.</summary>
    Training,

    /// <summary>It ranks and steers the search.</summary>
    Validation,

    /// <summary>It scores a retrained network.</summary>
    Test,
}
