using PandaNas.Experiments.Runs;
using PandaNas.Runtime.Files;

namespace PandaNas.Experiments.Comparisons;

/// <summary>
/// How jobs that know nothing of each other divide a comparison: each run is made by the one that claims it, see <see cref="FileClaims"/>.
/// </summary>
/// <param name="folder">The comparison's folder.</param>
/// <param name="context">Clock, notes and the wish to stop.</param>
internal sealed class JobDivision(string folder, RunContext context)
{
    /// <summary>The folder of the claims.</summary>
    public const string ClaimsName = "claims";

    // What is claimed beside runs, whose names end in a seed.
    private const string Table = "table", Plan = "plan";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(300);

    private readonly FileClaims _claims = new(Path.Combine(folder, ClaimsName), context.Clock);

    /// <summary>Whether a job is at a part of a comparison that several divide.</summary>
    public static bool IsAnyAtWork(string folder) => FileClaims.IsAnyHeld(Path.Combine(folder, ClaimsName));

    /// <summary>Waits until no other job begins the comparison; null if one has, by then.</summary>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public FileClaim? BeginUnlessBegun() => Wait(Plan, () => File.Exists(Path.Combine(folder, ComparisonPlan.FileName)));

    /// <summary>Waits until no other job writes the table.</summary>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public FileClaim WriteTable() => Wait(Table, () => false)!;

    /// <summary>Makes runs until all are made or others are at those that are left.</summary>
    /// <param name="runs">All runs of the comparison.</param>
    /// <param name="make">Makes one, unless it is asked to stop.</param>
    /// <returns>What other jobs are at, and who they are; at least one run is done.</returns>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public IReadOnlyList<(ComparedRun Run, string Owner)> MakeAll(
        IReadOnlyList<ComparedRun> runs, Action<ComparedRun, CancellationToken> make)
    {
        while (true)
        {
            context.Stop.ThrowIfCancellationRequested();
            ComparedRun[] left = [.. Left(runs)];
            if (left.Any(run => TryMake(run, make))) continue;
            // Of a job on another machine it takes some time to tell that it is dead.
            if (left.Length < runs.Count && left.All(run => _claims.IsKnownAlive(NameOf(run))))
                return [.. left.Select(run => (run, _claims.OwnerOf(NameOf(run)) ?? "another process"))];
            Pause();
        }
    }

    /// <summary>Removes the claims, once all runs are done.</summary>
    public void End() => _claims.RemoveAll();

    private static string NameOf(ComparedRun run) => Path.GetFileName(run.Folder);

    // By listing their folder: whether a single file is there, a network file system may remember from before.
    private static IEnumerable<ComparedRun> Left(IReadOnlyList<ComparedRun> runs)
    {
        string rankings = Path.GetDirectoryName(runs[0].Report)!;
        HashSet<string> done = Directory.Exists(rankings) ? [.. Directory.GetFiles(rankings).Select(path => Path.GetFileName(path))] : [];
        return runs.Where(run => !done.Contains(Path.GetFileName(run.Report)));
    }

    private bool TryMake(ComparedRun run, Action<ComparedRun, CancellationToken> make)
    {
        using FileClaim? claim = _claims.TryTake(NameOf(run));
        if (claim is null) return false;
        // Its last owner may have finished it in the meantime.
        if (!Left([run]).Any()) return true;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Stop, claim.Lost);
        try
        {
            make(run, stop.Token);
        }
        catch (OperationCanceledException) when (claim.Lost.IsCancellationRequested && !context.Stop.IsCancellationRequested)
        {
            context.Note($"{run.Label} was taken over by another process, because this one showed no sign of life for a minute");
        }
        return true;
    }

    private FileClaim? Wait(string name, Func<bool> isDone)
    {
        bool said = false;
        while (!isDone())
        {
            context.Stop.ThrowIfCancellationRequested();
            if (_claims.TryTake(name) is { } claim)
            {
                if (!isDone()) return claim;
                claim.Dispose();
                return null;
            }
            if (name == Plan && !said && _claims.OwnerOf(name) is { } owner)
            {
                context.Note($"waits for {owner}, which begins the comparison");
                said = true;
            }
            Pause();
        }
        return null;
    }

    private void Pause() => context.Stop.WaitHandle.WaitOne(BetweenLooks);
}
