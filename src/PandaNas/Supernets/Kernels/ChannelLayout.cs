
namespace PandaNas.Supernets.Kernels;

/// <summary>
/// How channels repeat in channels-last memory. The memory is seen as periods, the least multiple of 64 values in which the
/// channels repeat, so that every vector of a period always holds the same channels whatever their number; and as blocks of some
/// periods that fit the first-level cache.
/// </summary>
/// <param name="Rows">How many rows of channels there are: images × height × width.</param>
/// <param name="Channels">Values per row.</param>
internal readonly record struct ChannelLayout(long Rows, int Channels)
{
    /// <summary>Values of a vector.</summary>
    public const int Lanes = 16;

    /// <summary>Values of the four vectors that the inner loops work on at a time.</summary>
    public const int Group = 4 * Lanes;

    // 16 KiB of floats.
    private const int BlockValues = 4096;

    /// <summary>A thread is worth starting for so many values.</summary>
    public const int LeastPart = 1 << 15;

    /// <summary>Whether a period of so many channels is small enough to work with.</summary>
    public static bool Handles(long channels) => channels is > 0 and <= 1 << 14 && LeastCommonMultiple((int)channels, Group) <= 1 << 14;

    /// <summary>All values.</summary>
    public long Length => Rows * Channels;

    /// <summary>Values per period.</summary>
    public int Period { get; } = LeastCommonMultiple(Channels, Group);

    /// <summary>Values per block, a multiple of the period.</summary>
    public int Block => Period * Math.Max(1, BlockValues / Period);

    /// <summary>Values in whole periods; the rest is less than one.</summary>
    public long Whole => Length / Period * Period;

    /// <summary>Blocks that hold the whole periods; the last may be shorter.</summary>
    public long Blocks => (Whole + Block - 1) / Block;

    /// <summary>Into how many parts to divide the blocks.</summary>
    public int Parts => (int)Math.Min(Math.Max(1, Blocks), Runtime.Threads.ParallelRegion.PartsFor(Length, LeastPart));

    /// <summary>Start and length of every block of a part.</summary>
    public IEnumerable<(long Start, int Length)> BlocksOf(int part, int parts)
    {
        for (long block = Blocks * part / parts; block < Blocks * (part + 1) / parts; block++)
            yield return (block * Block, (int)Math.Min(Block, Whole - block * Block));
    }

    /// <summary>The channels' values repeated to fill a period.</summary>
    public float[] Repeat(float[] values)
    {
        if (values.Length == Period) return values;
        var repeated = new float[Period];
        for (int i = 0; i < Period; i++) repeated[i] = values[i % Channels];
        return repeated;
    }

    /// <summary>The least number that both divide, both above 0.</summary>
    public static int LeastCommonMultiple(int a, int b)
    {
        (int x, int y) = (a, b);
        while (y != 0) (x, y) = (y, x % y);
        return a / x * b;
    }
}
