using PandaNas.Sampling;

namespace PandaNas.Tests.Statistics;

/// <summary>Random numbers of which the distribution is known.</summary>
internal static class Draw
{
    /// <summary>Standard normal (Box and Muller 1958).</summary>
    public static double Normal(RandomStream stream) =>
        Math.Sqrt(-2 * Math.Log(1 - stream.NextDouble())) * Math.Cos(2 * Math.PI * stream.NextDouble());
}
