using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PandaNas.Runtime.Threads;

/// <summary>
/// Lets torch's threads sleep while they wait for each other, as long as other programs want their processors. OpenMP's threads wait by
/// spinning for milliseconds, which is fastest on a machine of their own; beside a busy process the one that spins takes the time slice
/// from the one it waits for, and two threads become up to 17 times slower than they are alone.
/// </summary>
/// <remarks>
/// GNU's OpenMP sleeps almost at once when it has more threads than there are processors. So a team of idle threads is kept while
/// other programs take so much of the processors that torch's threads cannot have one each, and is sent away when they have left.
/// A user who sets <c>OMP_WAIT_POLICY</c> or <c>GOMP_SPINCOUNT</c> decides himself.
/// </remarks>
internal static unsafe class WaitingThreads
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private static int _threads;
    private static int _started;

    /// <summary>Begins to watch the processors, or goes on with another number of threads.</summary>
    /// <param name="threads">With how many threads torch computes.</param>
    public static void Watch(int threads)
    {
        Volatile.Write(ref _threads, threads);
        if (threads < 2 || !OpenMp.IsLoaded || DecidedByUser || Interlocked.Exchange(ref _started, 1) == 1) return;
        new Thread(Look) { IsBackground = true, Name = "watch for neighbours" }.Start();
    }

    private static bool DecidedByUser =>
        Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is not null
            || Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") is not null;

    private static void Look()
    {
        IdleTeam? team = null;
        try
        {
            var load = new ProcessorLoad();
            var neighbours = new Neighbours(load.Processors);
            // It only decides how threads wait, never what they compute.
            TimeProvider clock = TimeProvider.System;
            long started = clock.GetTimestamp();
            while (true)
            {
                double now = clock.GetElapsedTime(started).TotalSeconds;
                var reading = new LoadReading(now, load.BusySeconds(), Environment.CpuUsage.TotalTime.TotalSeconds);
                if (neighbours.Crowd(reading, Volatile.Read(ref _threads))) team ??= new IdleTeam();
                else
                {
                    team?.Dispose();
                    team = null;
                }
                Thread.Sleep(BetweenLooks);
            }
        }
        catch (Exception error) when (error
            is IOException or UnauthorizedAccessException or FormatException or InvalidOperationException or OverflowException)
        {
            // No such accounts here, for example in a sandbox: torch's threads then wait as OpenMP has it.
            team?.Dispose();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Nothing(nint _)
    {
    }

    /// <summary>Idle threads, so many that OpenMP has more threads than there are processors. They sleep.</summary>
    private sealed class IdleTeam : IDisposable
    {
        private const int Stack = 1 << 18;

        private readonly ManualResetEventSlim _end = new();
        private readonly Thread _leader;

        public IdleTeam()
        {
            _leader = new Thread(Lead, Stack) { IsBackground = true, Name = "idle team" };
            _leader.Start();
        }

        public void Dispose()
        {
            _end.Set();
            // The threads of its team end with it.
            _leader.Join();
            _end.Dispose();
        }

        private void Lead()
        {
            OpenMp.RunTeam(OpenMp.Processors + 1, &Nothing, 0);
            _end.Wait();
        }
    }
}
