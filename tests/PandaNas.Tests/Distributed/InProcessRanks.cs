using System.Collections.Concurrent;
using PandaNas.Distributed;

namespace PandaNas.Tests.Distributed;

/// <summary>Ranks that are threads of this process.</summary>
internal sealed class InProcessRanks : IDisposable
{
    private readonly ConcurrentDictionary<(int To, int Tag), ConcurrentQueue<(int From, byte[] Message)>> _mail = new();
    private readonly float[][] _given;
    private readonly Barrier _barrier;

    private InProcessRanks(int size) => (_given, _barrier) = (new float[size][], new Barrier(size));

    /// <summary>The exit codes of those that aborted.</summary>
    public ConcurrentQueue<int> Aborted { get; } = new();

    /// <summary>Runs a body on every rank, each on a thread of its own, and throws the first of their errors.</summary>
    public static InProcessRanks Run(int size, Action<ICommunicator> body)
    {
        var ranks = new InProcessRanks(size);
        var errors = new ConcurrentQueue<Exception>();
        Thread[] threads =
        [
            .. Enumerable.Range(0, size).Select(rank => new Thread(() =>
            {
                try
                {
                    body(new Place(ranks, rank));
                }
                catch (Exception error)
                {
                    errors.Enqueue(error);
                }
            })),
        ];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        if (errors.TryDequeue(out Exception? first)) throw first;
        return ranks;
    }

    public void Dispose() => _barrier.Dispose();

    public sealed class Place(InProcessRanks ranks, int rank) : ICommunicator
    {
        public InProcessRanks All => ranks;

        public int Rank => rank;

        public int Size => ranks._given.Length;

        public CollectiveTime Time { get; } = new(TimeProvider.System);

        public void Send(int to, int tag, ReadOnlySpan<byte> message) =>
            ranks._mail.GetOrAdd((to, tag), _ => new()).Enqueue((rank, message.ToArray()));

        public bool TryReceive(int tag, out int from, out byte[] message)
        {
            bool isThere = ranks._mail.GetOrAdd((rank, tag), _ => new()).TryDequeue(out (int From, byte[] Message) mail);
            (from, message) = isThere ? mail : (-1, []);
            return isThere;
        }

        public void Exchange(ReadOnlySpan<float> parts, Span<float> received)
        {
            Time.Enter();
            ranks._given[rank] = parts.ToArray();
            ranks._barrier.SignalAndWait();
            int part = parts.Length / Size;
            for (int other = 0; other < Size; other++)
                ranks._given[other].AsSpan(rank * part, part).CopyTo(received[(other * part)..]);
            ranks._barrier.SignalAndWait();
            Time.Leave();
        }

        public void Gather(ReadOnlySpan<float> mine, Span<float> all)
        {
            Time.Enter();
            ranks._given[rank] = mine.ToArray();
            ranks._barrier.SignalAndWait();
            for (int other = 0; other < Size; other++) ranks._given[other].CopyTo(all[(other * mine.Length)..]);
            ranks._barrier.SignalAndWait();
            Time.Leave();
        }

        public void Abort(int exitCode) => ranks.Aborted.Enqueue(exitCode);

        public void Finish(int exitCode)
        {
        }
    }
}
