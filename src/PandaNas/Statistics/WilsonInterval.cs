using MathNet.Numerics.Distributions;

namespace PandaNas.Statistics;

/// <summary>The interval of a share that was counted on a sample (Wilson 1927), for example of an accuracy on so many images.</summary>
internal static class WilsonInterval
{
    /// <summary>The 95% interval; it lies in [0, 1], also for shares of 0 and 1.</summary>
    /// <param name="share">The share found, in [0, 1].</param>
    /// <param name="count">On how many it was counted, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static Interval Of(double share, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!(share is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "expected a share in [0, 1]");
        double z = Normal.InvCDF(0, 1, (1 + BootstrapInterval.Confidence) / 2), perCount = z * z / count;
        double centre = (share + perCount / 2) / (1 + perCount);
        double half = z / (1 + perCount) * Math.Sqrt((share * (1 - share) + perCount / 4) / count);
        return new Interval(Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}
