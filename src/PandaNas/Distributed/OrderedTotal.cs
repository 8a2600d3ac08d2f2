using System.Runtime.InteropServices;

namespace PandaNas.Distributed;

/// <summary>A few numbers in double precision of all ranks; <see cref="RankSum"/> is for many.</summary>
internal static class OrderedTotal
{
    /// <summary>What every rank gives, by rank.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="mine">As many numbers on every rank.</param>
    public static double[][] Everybodys(this ICommunicator ranks, double[] mine)
    {
        var all = new double[mine.Length * ranks.Size];
        // A rank's bytes are passed on as they are.
        ranks.Gather(MemoryMarshal.Cast<double, float>(mine), MemoryMarshal.Cast<double, float>(all.AsSpan()));
        return [.. all.Chunk(mine.Length)];
    }

    /// <summary>Adds up, in the order of ranks, what each of them gives: the same bits on all.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="mine">As many numbers on every rank.</param>
    public static double[] Total(this ICommunicator ranks, double[] mine)
    {
        var total = new double[mine.Length];
        foreach (double[] one in ranks.Everybodys(mine))
            for (int i = 0; i < total.Length; i++) total[i] += one[i];
        return total;
    }
}
