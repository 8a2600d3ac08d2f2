using System.Collections.Immutable;
using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;

namespace PandaNas.Data.Reading;

/// <summary>
/// Looks at every file of an image folder, to its end, so that sizes, formats and damage are known before the first batch. What was
/// found good is kept in the cache folder and not read again until the file changes; also when the check is interrupted.
/// </summary>
internal sealed class FolderCheck
{
    private const string Stage = "check images";

    private static readonly TimeSpan s_reportEvery = TimeSpan.FromMilliseconds(200);
    private readonly ImageFolderListing _listing;
    private readonly ImageFinding?[] _findings;

    private FolderCheck(ImageFolderListing listing, ImageFinding?[] findings)
    {
        _listing = listing;
        _findings = findings;
    }

    /// <summary>Checks a folder.</summary>
    /// <param name="listing">Its files.</param>
    /// <param name="cacheFolder">Where the result is kept.</param>
    /// <param name="workers">Do the work.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Stops it; what was checked so far is kept.</param>
    /// <exception cref="RunFailedException">The cache folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static FolderCheck Run(
        ImageFolderListing listing, string cacheFolder, DecodeWorkers workers, IProgress<RunProgress>? progress,
        CancellationToken cancel)
    {
        var cache = new CheckCache(cacheFolder, listing);
        var check = new FolderCheck(listing, cache.Read());
        int[] unknown = [.. Enumerable.Range(0, listing.Files.Length).Where(number => check._findings[number] is null)];
        if (unknown.Length == 0) return check;
        try
        {
            check.Inspect(unknown, workers, progress, cancel);
        }
        finally
        {
            if (unknown.Any(number => check._findings[number] is { IsUsable: true })) cache.Write(check._findings);
        }
        return check;
    }

    /// <summary>What was found of each file, in the listing's order.</summary>
    public ImmutableArray<ImageFinding> Findings => [.. _findings.OfType<ImageFinding>()];

    /// <summary>The files that can be used, and what is known of them; the rest is left out.</summary>
    /// <param name="skipCorrupt">Whether anything may be left out.</param>
    /// <param name="cacheFolder">Where the names of the others are written.</param>
    /// <exception cref="BadDataException">There are files that cannot be used, or a class has no others.</exception>
    public (ImageFolderListing Listing, ImageFinding[] Files) Usable(bool skipCorrupt, string cacheFolder)
    {
        ImmutableArray<ImageFinding> findings = Findings;
        int bad = findings.Count(finding => !finding.IsUsable);
        if (bad > 0 && !skipCorrupt) throw Refusal(findings, bad, cacheFolder);
        ImageFolderListing usable = bad == 0 ? _listing : _listing.Where(number => findings[number].IsUsable);
        return (usable, [.. findings.Where(finding => finding.IsUsable)]);
    }

    private void Inspect(int[] numbers, DecodeWorkers workers, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        DecodeJob job = workers.Start(numbers.Length, (item, workspace) =>
            _findings[numbers[item]] = workspace.Decoder.Inspect(_listing.FullPath(_listing.Files[numbers[item]])));
        using CancellationTokenRegistration stopping = cancel.Register(job.Cancel);
        do progress?.Report(RunProgress.OfImages(Stage, job.Done, numbers.Length));
        while (!job.WaitFor(s_reportEvery));
        cancel.ThrowIfCancellationRequested();
        job.Finish();
        progress?.Report(RunProgress.OfImages(Stage, numbers.Length, numbers.Length));
    }

    private BadDataException Refusal(ImmutableArray<ImageFinding> findings, int count, string cacheFolder)
    {
        const int Most = 10;
        int[] bad = [.. Enumerable.Range(0, findings.Length).Where(number => !findings[number].IsUsable)];
        string list = CacheFile.PathOf(cacheFolder, "damaged", _listing.Folder, ".txt");
        CacheFile.Write(list, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            foreach (int number in bad) writer.WriteLine(findings[number].Reason);
        });
        string names = string.Join(
            ", ", bad.Take(Most).Select(number => $"{_listing.Files[number].RelativePath} ({findings[number].FaultText})"));
        string more = count > Most ? $" and {count - Most} more" : "";
        return new BadDataException(
            $"{count} of {findings.Length} images in '{_listing.Folder}' cannot be used: {names}{more}. "
            + $"{findings[bad[0]].Reason} All are named in '{list}'. To do without them, add {Mention.Option("skip-corrupt")}.");
    }
}
