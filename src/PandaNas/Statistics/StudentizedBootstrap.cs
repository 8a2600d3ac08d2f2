using MathNet.Numerics.Statistics;
using PandaNas.Sampling;

namespace PandaNas.Statistics;

/// <summary>
/// The studentized bootstrap (bootstrap-t; Efron and Tibshirani 1993, chapter 12): how far the means of resamples lie from the mean of
/// the sample, each in its own standard errors, takes the place of Student's t. The interval so follows a skewed sample, as that of
/// quantities with importance weights is; it is as wide as Student's for a normal one.
/// </summary>
/// <remarks>Quantities that were measured together take the same resamples.</remarks>
internal sealed class StudentizedBootstrap
{
    private const int Resamples = 2_000;

    // Below this share of the sample's deviation a resample has none but rounding.
    private const double Rounding = 1e-9;

    private readonly int[][] _resamples;

    /// <summary>Draws the resamples.</summary>
    /// <param name="size">Values of a sample, at least 2.</param>
    /// <param name="stream">Decides the resamples.</param>
    public StudentizedBootstrap(int size, RandomStream stream)
    {
        _resamples = new int[Resamples][];
        for (int i = 0; i < Resamples; i++) _resamples[i] = [.. Enumerable.Range(0, size).Select(_ => stream.NextInt(size))];
    }

    /// <summary>The 95% interval of an estimate whose error is that of the mean of a sample.</summary>
    /// <param name="estimate">The estimate, for example that mean.</param>
    /// <param name="sample">Independent values, as many as the resamples were drawn for.</param>
    /// <returns>The interval; without width for a sample of equal values.</returns>
    public Interval Around(double estimate, double[] sample)
    {
        double mean = sample.Average(), deviation = sample.StandardDeviation();
        var distances = new List<double>(Resamples);
        var drawn = new double[sample.Length];
        foreach (int[] resample in _resamples)
        {
            for (int i = 0; i < drawn.Length; i++) drawn[i] = sample[resample[i]];
            double spread = drawn.StandardDeviation();
            if (spread > Rounding * deviation) distances.Add((drawn.Average() - mean) / spread);
        }
        if (distances.Count == 0) return new Interval(estimate, estimate);
        Interval central = BootstrapInterval.Central(distances);
        return new Interval(estimate - deviation * central.Upper, estimate - deviation * central.Lower);
    }
}
