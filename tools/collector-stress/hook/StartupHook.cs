/// <summary>
/// What DOTNET_STARTUP_HOOKS runs before a program: a thread that does nothing but collect and run finalizers. At the end of the process
/// it says on standard error how often it did.
/// </summary>
internal static class StartupHook
{
    private static long _collections;

    public static void Initialize()
    {
        new Thread(static () =>
        {
            while (true)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                Interlocked.Increment(ref _collections);
            }
        })
        { IsBackground = true, Name = "restless collector" }.Start();
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => Console.Error.WriteLine(
            $"restless collector: {Interlocked.Read(ref _collections)} collections");
    }
}
