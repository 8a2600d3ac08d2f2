namespace PandaNas.Data.Streaming;

/// <summary>
/// Reads every file of an image folder to its end, so that damaged ones are known before the first batch. What was found good is
/// kept in the cache folder and not read again until size or time of the file change; also when the check is interrupted.
/// </summary>
internal sealed class FolderCheck
{
    private static readonly TimeSpan s_reportEvery = TimeSpan.FromMilliseconds(200);
    private readonly ImageFolderListing _listing;
    private readonly CheckedFile?[] _good;
    private readonly BadDataException?[] _bad;

    private FolderCheck(ImageFolderListing listing, CheckedFile?[] good)
    {
        _listing = listing;
        _good = good;
        _bad = new BadDataException?[good.Length];
    }

    /// <summary>Checks a folder.</summary>
    /// <param name="listing">Its files.</param>
    /// <param name="cacheFolder">Where the result is kept; null for a check that nobody will want again.</param>
    /// <param name="workers">Do the work.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Stops it; what was checked so far is kept.</param>
    /// <exception cref="RunFailedException">The cache folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static FolderCheck Run(
        ImageFolderListing listing, string? cacheFolder, DecodeWorkers workers, IProgress<ImageReadProgress>? progress, CancellationToken cancel)
    {
        CheckCache? cache = cacheFolder is null ? null : new CheckCache(cacheFolder, listing);
        var check = new FolderCheck(listing, cache?.Read() ?? new CheckedFile?[listing.Files.Length]);
        int[] unknown = [.. Enumerable.Range(0, listing.Files.Length).Where(number => check._good[number] is null)];
        if (unknown.Length == 0) return check;
        try
        {
            check.Read(unknown, workers, progress, cancel);
        }
        finally
        {
            if (unknown.Any(number => check._good[number] is not null)) cache?.Write(check._good);
        }
        return check;
    }

    /// <summary>The files that can be used, and what is known of them; the rest is left out.</summary>
    /// <param name="skipCorrupt">Whether anything may be left out.</param>
    /// <param name="cacheFolder">Where the names of damaged files are written.</param>
    /// <exception cref="BadDataException">There are damaged files, or a class has no others.</exception>
    public (ImageFolderListing Listing, CheckedFile[] Files) Usable(bool skipCorrupt, string cacheFolder)
    {
        BadDataException[] bad = [.. _bad.OfType<BadDataException>()];
        if (bad.Length > 0 && !skipCorrupt) throw Refusal(bad, cacheFolder);
        return (bad.Length == 0 ? _listing : _listing.Where(number => _bad[number] is null), [.. _good.OfType<CheckedFile>()]);
    }

    private void Read(int[] numbers, DecodeWorkers workers, IProgress<ImageReadProgress>? progress, CancellationToken cancel)
    {
        DecodeJob job = workers.Start(numbers.Length, (item, workspace) => Read(numbers[item], workspace));
        using CancellationTokenRegistration stopping = cancel.Register(job.Cancel);
        do progress?.Report(new ImageReadProgress(job.Done, numbers.Length, "check images"));
        while (!job.WaitFor(s_reportEvery));
        cancel.ThrowIfCancellationRequested();
        job.Finish();
        progress?.Report(new ImageReadProgress(numbers.Length, numbers.Length, "check images"));
    }

    private void Read(int number, ImageWorkspace workspace)
    {
        try
        {
            ImageShape shape = workspace.Decoder.Check(_listing.FullPath(_listing.Files[number]), out UInt128 digest);
            _good[number] = new CheckedFile(shape, digest);
        }
        catch (BadDataException error)
        {
            _bad[number] = error;
        }
    }

    private BadDataException Refusal(BadDataException[] bad, string cacheFolder)
    {
        const int Most = 5;
        string[] names = [.. Enumerable.Range(0, _bad.Length).Where(number => _bad[number] is not null).Select(number => _listing.Files[number].RelativePath)];
        string list = CacheFile.PathOf(cacheFolder, "damaged", _listing.Folder, ".txt");
        CacheFile.Write(list, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            foreach (BadDataException error in bad) writer.WriteLine(error.Message);
        });
        string more = names.Length > Most ? $" and {names.Length - Most} more" : "";
        return new BadDataException(
            $"{names.Length} of {_bad.Length} images in '{_listing.Folder}' cannot be used: {string.Join(", ", names.Take(Most))}{more}. "
            + $"{bad[0].Message} All are named in '{list}'. To do without them, add --skip-corrupt.");
    }
}
