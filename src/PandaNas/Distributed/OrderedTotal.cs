using System.Runtime.InteropServices;

namespace PandaNas.Distributed;

/// <summary>Sums over all ranks of a few numbers in double precision; <see cref="RankSum"/> is for many.</summary>
internal static class OrderedTotal
{
    /// <summary>Adds up, in the order of ranks, what each of them gives: the same bits on all.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="mine">As many numbers on every rank.</param>
    public static double[] Total(this ICommunicator ranks, double[] mine)
    {
        var all = new double[mine.Length * ranks.Size];
        // A rank's bytes are passed on as they are.
        ranks.Gather(MemoryMarshal.Cast<double, float>(mine), MemoryMarshal.Cast<double, float>(all.AsSpan()));
        var total = new double[mine.Length];
        for (int i = 0; i < all.Length; i++) total[i % mine.Length] += all[i];
        return total;
    }
}
