using System.Runtime.InteropServices;

namespace PandaNas.Runtime.Threads;

/// <summary>The machine that this process runs on, in words.</summary>
public static class Machine
{
    private const string Information = "/proc/cpuinfo";

    /// <summary>The processor's name as the system tells it, else its architecture.</summary>
    public static string ProcessorName { get; } = ReadProcessorName();

    /// <summary>Processor, how many of them this process may use, and the operating system: what decides how fast a network runs.</summary>
    public static string Description { get; } = $"{ProcessorName}, {Environment.ProcessorCount} logical processors, {RuntimeInformation.RuntimeIdentifier}";

    private static string ReadProcessorName()
    {
        string? line = File.Exists(Information) ? File.ReadLines(Information).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }
}
