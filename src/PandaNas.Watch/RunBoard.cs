using System.Collections.Immutable;
using PandaNas.Reporting.Overviews;

namespace PandaNas.Watch;

/// <summary>
/// All runs of a folder as they stand. They are looked at again and again while somebody follows them, and not at all while nobody does.
/// </summary>
/// <param name="folder">The folder, absolute.</param>
/// <param name="clock">Tells the time and when to look.</param>
/// <param name="pause">How long between two looks.</param>
internal sealed class RunBoard(string folder, TimeProvider clock, TimeSpan pause)
{
    // Runs that are done are seldom taken up again. A search for new ones takes at most this share of the time.
    private const int RarelyEvery = 5;
    private const double LargestShare = 0.003;

    // Looking leaves little behind each time, but a page may stay open for days beside a training that needs the memory.
    private const int TidyEvery = 30;

    // What is read first is shown while the rest is being read.
    private const int MostRead = 16;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, RunCard> _cards = new(StringComparer.Ordinal);
    private ImmutableArray<string> _folders = [];
    private long _version, _looks, _lastLook, _nextSearch;
    private bool _hasMore;

    /// <summary>Where the runs lie.</summary>
    public string Folder => folder;

    /// <summary>The run of that name; null where there is none.</summary>
    public RunCard? Find(string name)
    {
        lock (_lock) return _cards.GetValueOrDefault(name);
    }

    /// <summary>Looks, unless somebody has just done so, and tells what is new.</summary>
    /// <param name="known">The number of the last change that is known; 0 for none.</param>
    /// <returns>
    /// The runs that changed since, the names of all, the number of the last change, and whether another look finds more at once.
    /// </returns>
    public (ImmutableArray<RunCard> News, ImmutableArray<string> Names, long Version, bool HasMore) Look(long known)
    {
        lock (_lock)
        {
            Refresh();
            return ([.. _cards.Values.Where(card => card.Version > known)], [.. _cards.Keys], _version, _hasMore);
        }
    }

    private void Refresh()
    {
        long now = clock.GetTimestamp();
        if (!_hasMore && _looks > 0 && clock.GetElapsedTime(_lastLook, now) < pause / 2) return;
        (_lastLook, bool rarely) = (now, _looks++ % RarelyEvery == 0);
        if (now >= _nextSearch) Search(now);
        _hasMore = false;
        int read = 0;
        HashSet<string> above = new(StringComparer.Ordinal);
        foreach (string run in _folders)
        {
            if (!IsNew(run, rarely, out RunSign sign)) continue;
            if (_hasMore = ++read > MostRead) break;
            Read(run, sign);
            above.Add(Path.GetDirectoryName(run) ?? "");
        }
        // A comparison goes on in the folders of its runs.
        foreach (string run in _folders)
            if (above.Contains(run)) Read(run, RunSign.Of(run));
        if (_hasMore || _looks % TidyEvery == 1)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private void Search(long started)
    {
        _folders = Directory.Exists(folder) ? RunFolders.Below(folder) : [];
        HashSet<string> names = [.. _folders.Select(NameOf)];
        foreach (string gone in _cards.Keys.Where(name => !names.Contains(name)).ToArray())
        {
            _cards.Remove(gone);
            _version++;
        }
        // The first search also warms up, and says nothing of the next.
        double took = _looks <= 1 ? 0 : clock.GetElapsedTime(started).TotalSeconds;
        _nextSearch = started + (long)(took / LargestShare * clock.TimestampFrequency);
    }

    private bool IsNew(string run, bool rarely, out RunSign sign)
    {
        RunCard? known = _cards.GetValueOrDefault(NameOf(run));
        sign = known?.Sign ?? default;
        if (known is { State: RunState.Done } && !rarely) return false;
        sign = RunSign.Of(run);
        // A damaged file may be mended in its place.
        return known is null || known.Sign != sign || (known.State == RunState.Damaged && rarely);
    }

    private void Read(string run, RunSign sign)
    {
        string name = NameOf(run);
        _cards[name] = RunCard.Read(run, name, sign, ++_version, clock.GetUtcNow());
    }

    private string NameOf(string run) => Path.GetRelativePath(folder, run).Replace(Path.DirectorySeparatorChar, '/');
}
