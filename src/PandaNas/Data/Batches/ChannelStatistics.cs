using System.Collections.Immutable;

namespace PandaNas.Data.Batches;

/// <summary>Mean and deviation of each channel, of pixel values scaled from 0..255 to [0, 1].</summary>
/// <param name="Mean">C means.</param>
/// <param name="Deviation">C population standard deviations; 0 for a channel whose pixels are all equal.</param>
internal sealed record ChannelStatistics(ImmutableArray<float> Mean, ImmutableArray<float> Deviation)
{
    /// <summary>Counts every pixel of every example; exact up to the final rounding to float, whatever the order.</summary>
    /// <param name="train">The training images, N×C×H×W.</param>
    /// <exception cref="ArgumentException">The set is empty.</exception>
    public static ChannelStatistics Of(ImageSet train)
    {
        if (train.Count == 0) throw new ArgumentException("the statistics of no images are not defined", nameof(train));
        return FromHistogram(CountValues(train), train.Channels);
    }

    /// <summary>From C×256 counts of values.</summary>
    internal static ChannelStatistics FromHistogram(long[] histogram, int channels)
    {
        float[] mean = new float[channels], deviation = new float[channels];
        for (int channel = 0; channel < channels; channel++)
            (mean[channel], deviation[channel]) = Moments(histogram.AsSpan(channel * 256, 256));
        return new ChannelStatistics([.. mean], [.. deviation]);
    }

    /// <summary>By what a channel's values are divided: its deviation, or 1 where all are equal and nothing is to be scaled.</summary>
    internal double Divisor(int channel) => Deviation[channel] > 0 ? Deviation[channel] : 1;

    /// <summary>Equal if all numbers are.</summary>
    public bool Equals(ChannelStatistics? other) =>
        other is not null && Mean.AsSpan().SequenceEqual(other.Mean.AsSpan()) && Deviation.AsSpan().SequenceEqual(other.Deviation.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (float value in Mean) hash.Add(value);
        foreach (float value in Deviation) hash.Add(value);
        return hash.ToHashCode();
    }

    // C×256 counts. Whole numbers, so the threads' parts add up to the same in any order.
    private static long[] CountValues(ImageSet images)
    {
        int channels = images.Channels, area = images.Height * images.Width;
        long[] total = new long[channels * 256];
        Parallel.For(0, images.Count, () => new long[channels * 256], (i, _, counts) =>
        {
            Count(images.Pixels(i), area, counts);
            return counts;
        }, counts =>
        {
            lock (total)
                for (int k = 0; k < total.Length; k++) total[k] += counts[k];
        });
        return total;
    }

    /// <summary>Adds an image's values to C×256 counts.</summary>
    /// <param name="pixels">C×H×W bytes.</param>
    /// <param name="area">H·W.</param>
    /// <param name="counts">The counts.</param>
    internal static void Count(ReadOnlySpan<byte> pixels, int area, Span<long> counts)
    {
        for (int start = 0; start < pixels.Length; start += area)
        {
            Span<long> bins = counts.Slice(start / area * 256, 256);
            foreach (byte value in pixels.Slice(start, area)) bins[value]++;
        }
    }

    private static (float Mean, float Deviation) Moments(ReadOnlySpan<long> bins)
    {
        long count = 0, sum = 0;
        for (int value = 0; value < 256; value++)
        {
            count += bins[value];
            sum += value * bins[value];
        }
        double mean = (double)sum / count, squares = 0;
        for (int value = 0; value < 256; value++) squares += bins[value] * (value - mean) * (value - mean);
        double deviation = Math.Sqrt(squares / count) / 255;
        return ((float)(mean / 255), (float)deviation);
    }
}
