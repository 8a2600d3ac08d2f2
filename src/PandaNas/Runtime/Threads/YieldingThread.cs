using System.Runtime.InteropServices;

namespace PandaNas.Runtime.Threads;

/// <summary>
/// Threads that step back for torch's: on a busy machine they get what torch's threads leave idle and a small share besides, because
/// torch's threads wait for one another at every operation and a delay of one delays all.
/// </summary>
internal static partial class YieldingThread
{
    private const int Process = 0;
    private const uint ThisThread = 0;

    // About a tenth of an ordinary thread's share where both want the same processor.
    private const int Niceness = 10;

    /// <summary>Starts a thread; it does not keep the process alive.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="work">What it does.</param>
    /// <param name="yield">Whether it steps back; else it is a thread as any.</param>
    public static Thread Start(string name, Action work, bool yield = true)
    {
        var thread = new Thread(() =>
        {
            if (yield) StepBack();
            work();
        })
        {
            Name = name,
            IsBackground = true,
        };
        thread.Start();
        return thread;
    }

    private static void StepBack()
    {
        // On Linux .NET ignores its own priorities, and this call is for one thread, although POSIX has it for processes.
        if (OperatingSystem.IsLinux()) _ = SetPriority(Process, ThisThread, Niceness);
        else Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
