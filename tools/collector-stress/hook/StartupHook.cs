/// <summary>What DOTNET_STARTUP_HOOKS runs before a program: a thread that does nothing but collect and run finalizers.</summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        new Thread(static () =>
        {
            while (true)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        })
        { IsBackground = true, Name = "restless collector" }.Start();
    }
}
