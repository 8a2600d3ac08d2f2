using PandaNas.Latency;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Stages;

/// <summary>Latency tables as experiments use them.</summary>
internal static class LatencyTables
{
    /// <summary>Reads a table and makes sure that it holds for what is asked.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="wanted">What is asked for.</param>
    /// <param name="ignored">Names of conditions that may differ.</param>
    /// <param name="allowOtherMachine">Whether the machine may differ, too.</param>
    /// <exception cref="BadDataException">The table is damaged or holds for something else.</exception>
    public static LatencyTable Open(string path, LatencyConditions wanted, IReadOnlyCollection<string> ignored, bool allowOtherMachine)
    {
        LatencyTable table = LatencyTableFile.Read(path);
        table.Require(wanted, allowOtherMachine ? [.. ignored, LatencyConditions.OfMachine] : ignored, path);
        return table;
    }

    /// <summary>
    /// Reads a table for networks of a space and size, however they are run: its own batch, threads and precision are what it tells of.
    /// </summary>
    /// <exception cref="BadDataException">The table is damaged or holds for other networks or another machine.</exception>
    public static LatencyTable OpenFor(string path, SpaceFamily family, NetworkOptions sizes, bool allowOtherMachine) =>
        Open(
            path, LatencyConditions.OfThisMachine(family, sizes, batch: 1, threads: 1, Precision.Float32), LatencyConditions.OfRunning,
            allowOtherMachine);

    /// <summary>What a table predicts for an architecture's stand-alone network, in milliseconds for one batch.</summary>
    public static double PredictMs(LatencyTable table, SpaceFamily family, NetworkOptions sizes, Architecture architecture) =>
        table.PredictMs(family.Layers(sizes, architecture, liveOnly: true));
}
