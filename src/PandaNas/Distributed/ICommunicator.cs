namespace PandaNas.Distributed;

/// <summary>
/// The processes (ranks) of one job, and what they tell each other. Every member may be called from several threads of a rank, but each
/// tag is received by one of them only, and all ranks make the calls of <see cref="Exchange"/> and <see cref="Gather"/> in the same order.
/// </summary>
internal interface ICommunicator
{
    /// <summary>The number of this process, from 0.</summary>
    int Rank { get; }

    /// <summary>How many there are.</summary>
    int Size { get; }

    /// <summary>How long <see cref="Exchange"/> and <see cref="Gather"/> take.</summary>
    CollectiveTime Time { get; }

    /// <summary>Sends a message. Those of one tag from one rank arrive in the order of sending.</summary>
    void Send(int to, int tag, ReadOnlySpan<byte> message);

    /// <summary>Takes the next message of a tag from any rank, if there is one; never waits for one.</summary>
    bool TryReceive(int tag, out int from, out byte[] message);

    /// <summary>
    /// Every rank gives as many parts of equal length as there are ranks, and gets part r of every rank where it is rank r, in the order
    /// of ranks (MPI's all-to-all).
    /// </summary>
    void Exchange(ReadOnlySpan<float> parts, Span<float> received);

    /// <summary>Every rank gets what every rank gives, in the order of ranks (MPI's all-gather).</summary>
    void Gather(ReadOnlySpan<float> mine, Span<float> all);

    /// <summary>Ends the processes of all ranks at once. Returns, if at all, when the launcher has been told.</summary>
    void Abort(int exitCode);

    /// <summary>Leaves the job in order; waits until all ranks do, or ends this process if they never seem to.</summary>
    /// <param name="exitCode">The exit code of this process then.</param>
    void Finish(int exitCode);
}
