using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Data.Reading;
using PandaNas.Data.Resizing;

namespace PandaNas.Data.Streaming;

/// <summary>The files and threads behind one or more <see cref="StreamedImages"/>; ends with the last of its holders.</summary>
/// <param name="listing">The files.</param>
/// <param name="files">What is known of each.</param>
/// <param name="fitting">How pictures become squares.</param>
/// <param name="workers">Decode; disposed with this.</param>
internal sealed class StreamedFolder(ImageFolderListing listing, ImageFinding[] files, Fitting fitting, DecodeWorkers workers)
{
    private int _holders;

    /// <summary>Decode the files.</summary>
    public DecodeWorkers Workers => workers;

    /// <summary>How pictures become squares.</summary>
    public Fitting Fitting => fitting;

    /// <summary>The path of a file.</summary>
    public string PathOf(int number) => listing.FullPath(listing.Files[number]);

    /// <summary>What is known of a file.</summary>
    public ImageFinding this[int number] => files[number];

    /// <summary>Adds a holder.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Removes a holder; the last one ends the threads.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0) workers.Dispose();
    }
}
