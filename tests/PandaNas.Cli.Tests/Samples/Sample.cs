using System.Diagnostics;

namespace PandaNas.Cli.Tests.Samples;

/// <summary>Samples that are programs, as the build made them.</summary>
internal static class Sample
{
    /// <summary>Starts one whose output is read.</summary>
    public static Process Start(string name, params string[] arguments)
    {
        string[] parts = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);
        string root = string.Join(Path.DirectorySeparatorChar, parts[..^5]);
        string program = Path.Combine([root, "samples", name, .. parts[^3..], $"{name}.dll"]);
        return Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }
}
