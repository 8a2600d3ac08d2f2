using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using PandaNas.Cli.Display;
using PandaNas.Watch;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda watch</c>: a page that shows the runs of a folder while they go on.</summary>
internal static class WatchVerb
{
    private const int MostPort = 65535;

    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "watch",
            "Show the runs of a folder on a page, live: states, curves, time left, comparisons, reports.",
            """
            The page is for this machine and user only: it listens on 127.0.0.1, its
            address holds a random token, it reads and changes nothing, and requests that
            come from other pages are refused. From another machine use a tunnel:
              ssh -L 8080:127.0.0.1:8080 HOST panda watch runs --port 8080
            Ctrl-C ends it, with exit code 0: nothing is interrupted by that.
            """,
            "panda watch",
            "panda watch experiments --open",
            "panda watch runs --port 8080");
        Argument<string> folder = RunsVerb.FolderArgument();
        var port = new Option<string>("--port")
        {
            Description = $"port of 127.0.0.1, 1 to {MostPort} [default: any that is free]",
            HelpName = "NUMBER",
        };
        var open = new Option<bool>("--open") { Description = "show the page in the browser" };
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(folder);
        command.Add(port);
        command.Add(open);
        command.Add(json);
        command.SetAction(parsed => Watch(
            context, parsed.GetValue(folder)!, PortOf(parsed.GetValue(port)), parsed.GetValue(open), parsed.GetValue(json)));
        return command;
    }

    private static int PortOf(string? text)
    {
        if (text is null) return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= MostPort
            ? port
            : throw new BadOptionException($"--port is '{text}': expected a whole number from 1 to {MostPort}");
    }

    // By itself, so that no other verb loads the server.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Watch(VerbContext context, string folder, int port, bool open, bool json) =>
        WatchUntilStopped(context, folder, port, open, json).GetAwaiter().GetResult();

    private static async Task<int> WatchUntilStopped(VerbContext context, string folder, int port, bool open, bool json)
    {
        await using WatchServer server = await WatchServer.Start(folder, port, TimeProvider.System);
        string whole = Path.GetFullPath(folder);
        context.Print(json, new WatchedFolder(whole, server.Address, server.Port), output =>
        {
            output.WriteLine($"The runs in {whole} are shown at");
            output.WriteLine(server.Address);
            output.WriteLine("Ctrl-C ends this.");
        });
        context.Output.Flush();
        if (open) Browser.Open(context.Error, server.Address);
        await Task.Delay(Timeout.Infinite, context.Stop).ContinueWith(_ => { }, TaskScheduler.Default);
        return ExitCode.Done;
    }

    private sealed record WatchedFolder(string Folder, string Address, int Port);
}
