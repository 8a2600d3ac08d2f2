using System.ComponentModel;
using System.Diagnostics;
using PandaNas.Messages;

namespace PandaNas.Cli.Display;

/// <summary>Shows files and pages in the user's browser.</summary>
internal static class Browser
{
    /// <summary>Opens a file or an address. Without a screen there is nothing to open it with: that is said, and no error.</summary>
    public static void Open(TextWriter error, string place)
    {
        try
        {
            using Process? started = Process.Start(new ProcessStartInfo(place) { UseShellExecute = true });
        }
        catch (Exception problem) when (problem is Win32Exception or InvalidOperationException or FileNotFoundException)
        {
            error.WriteLine($"panda: cannot open a browser: {Printable.Of(problem.Message)}. Open {place} yourself.");
        }
    }
}
