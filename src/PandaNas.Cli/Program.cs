namespace PandaNas.Cli;

/// <summary>The entry point of <c>panda</c>.</summary>
internal static class Program
{
    private static int Main(string[] arguments) => PandaCommand.RunAtConsole(arguments);
}
