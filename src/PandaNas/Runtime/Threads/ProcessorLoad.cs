using System.Globalization;

namespace PandaNas.Runtime.Threads;

/// <summary>How busy the processors that this process may use are, by the kernel's accounts, and how much of that is not its own.</summary>
/// <param name="statistics">The file with the time of every processor, in ticks since the start.</param>
/// <param name="status">The file that says which processors this process may use.</param>
internal sealed class ProcessorLoad(string statistics = "/proc/stat", string status = "/proc/self/status")
{
    // sysconf(_SC_CLK_TCK), the same on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    // Columns of a processor's line after its name: user, nice, system, (idle, waiting,) interrupts, soft interrupts.
    private static readonly int[] BusyColumns = [1, 2, 3, 6, 7];

    private readonly HashSet<int> _processors = Allowed(status);

    /// <summary>How many processors this process may use.</summary>
    public int Processors => _processors.Count;

    /// <summary>Seconds in which those processors did something, for any process, since the machine started.</summary>
    public double BusySeconds()
    {
        double ticks = 0;
        foreach (string line in File.ReadLines(statistics))
        {
            string[] columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length < 8 || !columns[0].StartsWith("cpu", StringComparison.Ordinal)) break;
            if (int.TryParse(columns[0].AsSpan(3), CultureInfo.InvariantCulture, out int processor) && _processors.Contains(processor))
                ticks += BusyColumns.Sum(column => double.Parse(columns[column], CultureInfo.InvariantCulture));
        }
        return ticks / TicksPerSecond;
    }

    /// <summary>The numbers of a list such as <c>0-3,8</c>.</summary>
    internal static IEnumerable<int> Numbers(string list) => list.Split(',').SelectMany(range =>
    {
        int[] ends = Array.ConvertAll(range.Split('-'), end => int.Parse(end, CultureInfo.InvariantCulture));
        return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
    });

    private static HashSet<int> Allowed(string status)
    {
        const string Key = "Cpus_allowed_list:";
        string line = File.ReadLines(status).First(text => text.StartsWith(Key, StringComparison.Ordinal));
        return [.. Numbers(line[Key.Length..].Trim())];
    }
}
