using PandaNas.Data.Resizing;

namespace PandaNas.Data.Folders;

/// <summary>How images are read.</summary>
/// <param name="ImageSize">
/// Height and width in pixels to scale to. 0 (the default) keeps the stored size where all images have one square size; other image
/// folders get a multiple of 32 from 32 to 224, at most the median of their shorter sides; streamed ones 224. Other formats are never
/// enlarged.
/// </param>
/// <param name="CacheFolder">
/// Where decoded image folders are kept; null (the default) is the folder <c>pandanas</c> in <c>XDG_CACHE_HOME</c> or, where that is
/// not set, in the user's folder for local application data.
/// </param>
/// <param name="Threads">Threads that decode; 0 (the default) is one per processor.</param>
public sealed record ImageReadOptions(int ImageSize = 0, string? CacheFolder = null, int Threads = 0)
{
    /// <summary>Bytes of decoded images beyond which a folder is streamed: 1 GiB.</summary>
    internal const long StreamFrom = 1L << 30;

    /// <summary>Side in pixels of streamed images where none is asked for, that of ImageNet's networks.</summary>
    internal const int StreamedSize = 224;

    /// <summary>Whether an image folder is streamed.</summary>
    public StreamingChoice Streaming { get; init; }

    /// <summary>How pictures of an image folder become squares.</summary>
    public ImageFit Fit { get; init; }

    /// <summary>What shows through transparent pictures and fills what padding adds; white by default.</summary>
    public Colour Background { get; init; } = Colour.White;

    /// <summary>Whether damaged files of an image folder are left out instead of refused.</summary>
    public bool SkipCorrupt { get; init; }

    /// <summary>Threads that decode streamed images while torch computes; 0 (the default) is one per processor.</summary>
    public int Workers { get; init; }

    /// <summary>Whether rows and columns of IDX pictures are exchanged; null does so for files of EMNIST, which stores them so.</summary>
    public bool? IdxTranspose { get; init; }

    /// <summary>The share of test images of a folder that has no parts of its own where none is asked for.</summary>
    internal const double UsualTestShare = 0.15;

    /// <summary>The share of test images of a folder that has no parts of its own, above 0 and below 1.</summary>
    public double TestShare { get; init; } = UsualTestShare;

    /// <summary>Decides which images of such a folder test.</summary>
    public long SplitSeed { get; init; }

    /// <summary>How a run has divided such a folder; null to divide it now.</summary>
    internal FolderSplit? Split { get; init; }
}
