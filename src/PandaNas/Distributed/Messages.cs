using System.Text;

namespace PandaNas.Distributed;

/// <summary>What ranks do with each other beyond single messages.</summary>
internal static class Messages
{
    /// <summary>Of tasks handed out; an empty one says that no more come.</summary>
    public const int Task = 1;

    /// <summary>Of results.</summary>
    public const int Result = 2;

    /// <summary>Of texts that rank 0 tells all others.</summary>
    public const int Told = 3;

    /// <summary>That the work shall be saved and stopped.</summary>
    public const int Stop = 4;

    /// <summary>That a rank has failed, and why.</summary>
    public const int Failure = 5;

    /// <summary>That a rank has nothing more to say; from rank 0, that none has.</summary>
    public const int Leave = 6;

    /// <summary>From rank 0, that the job ends for all, whose cause has been said.</summary>
    public const int End = 7;

    private static readonly int[] All = [Task, Result, Told, Stop, Failure, Leave, End];

    /// <summary>
    /// Waits for the next message of a tag. It sleeps in between, where MPI's own waiting would take a processor from a rank that works.
    /// </summary>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public static byte[] Receive(this ICommunicator ranks, int tag, CancellationToken stop)
    {
        var naps = new Naps();
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            if (ranks.TryReceive(tag, out _, out byte[] message)) return message;
            stop.WaitHandle.WaitOne(naps.Next());
        }
    }

    /// <summary>
    /// Waits, asleep, until all ranks are through, and drops what nobody has read: MPI would complain of it, on standard output.
    /// </summary>
    public static void LeaveTogether(this ICommunicator ranks)
    {
        if (ranks.Rank > 0) ranks.Send(0, Leave, []);
        for (int waiting = ranks.Rank > 0 ? 1 : ranks.Size - 1; waiting > 0; waiting--) ranks.Receive(Leave, CancellationToken.None);
        for (int rank = 1; rank < ranks.Size && ranks.Rank == 0; rank++) ranks.Send(rank, Leave, []);
        foreach (int tag in All)
            while (ranks.TryReceive(tag, out _, out _))
            {
            }
    }

    /// <summary>A text that rank 0 makes and all ranks get.</summary>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public static string Broadcast(this ICommunicator ranks, Func<string> make, CancellationToken stop)
    {
        if (ranks.Rank > 0) return Encoding.UTF8.GetString(ranks.Receive(Told, stop));
        string text = make();
        byte[] message = Encoding.UTF8.GetBytes(text);
        for (int rank = 1; rank < ranks.Size; rank++) ranks.Send(rank, Told, message);
        return text;
    }

    /// <summary>Makes sure that all ranks agree with rank 0.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="facts">What this rank has, as a subject and its value; in the same order on all.</param>
    /// <param name="stop">Asks to stop.</param>
    /// <exception cref="BadDataException">This rank has something else.</exception>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public static void RequireSame(this ICommunicator ranks, IReadOnlyList<(string What, string Value)> facts, CancellationToken stop)
    {
        string[] expected = ranks.Broadcast(() => string.Join('\n', facts.Select(fact => fact.Value)), stop).Split('\n');
        foreach (((string what, string value), string wanted) in facts.Zip(expected))
            if (value != wanted)
                throw new BadDataException(
                    $"{what} is '{value}' here and '{wanted}' on rank 0: start all ranks with the same program, options and files");
    }
}
