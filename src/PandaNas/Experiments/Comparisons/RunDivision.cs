using System.Text;
using PandaNas.Distributed;
using PandaNas.Experiments.Runs;
using PandaNas.Runtime.Files;

namespace PandaNas.Experiments.Comparisons;

/// <summary>What the two files of a run say, before they are written.</summary>
/// <param name="Report">How it ranked, as JSON.</param>
/// <param name="Predictions">Its ranking, as CSV.</param>
internal sealed record MadeRun(string Report, string Predictions)
{
    // Neither text has one.
    private const char Separator = '\0';

    /// <summary>Both as rank 0 receives them.</summary>
    public byte[] ToMessage() => Encoding.UTF8.GetBytes(Report + Separator + Predictions);

    /// <summary>What <see cref="ToMessage"/> sent.</summary>
    public static MadeRun Of(byte[] message)
    {
        string[] texts = Encoding.UTF8.GetString(message).Split(Separator);
        return new MadeRun(texts[0], texts[1]);
    }
}

/// <summary>
/// Who makes which run of a comparison: this process, one after the other; ranks, as they ask for more; or processes that know nothing of
/// each other and share the folder.
/// </summary>
/// <param name="folder">The comparison's folder.</param>
/// <param name="context">Ranks, progress, clock and the wish to stop.</param>
/// <param name="facts">What ranks must have in common for one to make what the other would.</param>
/// <param name="jobs">What the processes have claimed; null where the folder is not shared.</param>
/// <param name="make">Makes a run, unless it is asked to stop.</param>
internal sealed class RunDivision(
    RunDirectory folder, RunContext context, IReadOnlyList<(string What, string Value)> facts, JobDivision? jobs,
    Func<ComparedRun, CancellationToken, MadeRun> make)
{
    /// <summary>Makes all runs that are not made yet and that no other process is at, and writes their files.</summary>
    /// <param name="runs">All runs of the comparison.</param>
    /// <param name="update">Writes the table of all runs that are made: after each of them, and at least once.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public void MakeAll(IReadOnlyList<ComparedRun> runs, Action update)
    {
        if (jobs is not null)
        {
            MakeBesideOthers(jobs, runs, update);
            return;
        }
        ComparedRun[] left = [.. runs.Where(run => !File.Exists(run.Report))];
        if (left.Length < runs.Count) update();
        if (context.Ranks is { } ranks) MakeWithRanks(ranks, left, update);
        else
            foreach (ComparedRun run in left) Finish(run, make(run, context.Stop), update);
        context.EndStage(folder);
        // Of processes that divided the runs before.
        new JobDivision(folder.Path, context).End();
    }

    /// <summary>Makes, on another rank than 0, the runs that rank 0 asks for, until there are no more.</summary>
    /// <param name="ranks">All ranks.</param>
    /// <param name="runs">All runs of the comparison.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public void Serve(ICommunicator ranks, IReadOnlyList<ComparedRun> runs)
    {
        ranks.RequireSame(facts, context.Stop);
        TaskFarm.Serve(ranks, (task, stop) => make(runs[BitConverter.ToInt32(task)], stop).ToMessage(), context.Stop);
    }

    private void MakeWithRanks(ICommunicator ranks, ComparedRun[] left, Action update)
    {
        ranks.Broadcast(() => folder.Path, context.Stop);
        ranks.RequireSame(facts, context.Stop);
        using var farm = new TaskFarm(ranks, ahead: 0);
        farm.Run(
            left.Length,
            i => BitConverter.GetBytes(left[i].Number),
            (i, stop) => make(left[i], stop).ToMessage(),
            (i, message) => Finish(left[i], MadeRun.Of(message), update),
            context.Stop);
    }

    private void MakeBesideOthers(JobDivision jobs, IReadOnlyList<ComparedRun> runs, Action update)
    {
        IReadOnlyList<(ComparedRun Run, string Owner)> others = jobs.MakeAll(runs, (run, stop) =>
        {
            Write(run, make(run, stop));
            using FileClaim writes = jobs.WriteTable();
            update();
        });
        using (FileClaim writes = jobs.WriteTable())
        {
            update();
            folder.RemoveLeftovers(isAlone: others.Count == 0);
            context.EndStage(folder);
        }
        if (others.Count == 0) jobs.End();
        foreach ((ComparedRun run, string owner) in others)
            context.Note($"{run.Label} is left to {owner}; whoever is last writes the table of all runs");
    }

    private void Finish(ComparedRun run, MadeRun made, Action update)
    {
        Write(run, made);
        update();
    }

    private void Write(ComparedRun run, MadeRun made)
    {
        folder.RequireHeld();
        AtomicFile.CreateFolder(Path.GetDirectoryName(run.Report)!);
        folder.Write(run.Predictions, made.Predictions);
        // Last, because its presence is what makes the run done.
        folder.Write(run.Report, made.Report);
    }
}
