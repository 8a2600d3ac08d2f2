using System.Collections.Immutable;
using System.Security.Cryptography;
using PandaNas.Data.Resizing;
using static TorchSharp.torch;

namespace PandaNas.Data.Batches;

/// <summary>
/// Labelled images of one shape from which batches come, whether their pixels are at hand or are decoded when a batch wants them
/// (streamed folders). An example's index, 0 to <see cref="Count"/> - 1, is stable: the
/// same data gives the same index in every run.
/// </summary>
/// <remarks>Whoever gets images disposes them, views included; what views share stays until the last of them is disposed.</remarks>
public abstract class LabelledImages : IDisposable
{
    // Examples that are decoded at a time where their bytes are wanted.
    private const int BytesBatch = 64;

    private readonly int[] _labels;

    private protected LabelledImages(int[] labels, ImageShape shape, ImmutableArray<string> classNames)
    {
        _labels = labels;
        Shape = shape;
        ClassNames = classNames;
    }

    /// <summary>Takes images that are in memory already; the array is used, not copied, and must not change.</summary>
    /// <param name="pixels">N×C×H×W bytes.</param>
    /// <param name="labels">N labels, 0 to K - 1.</param>
    /// <param name="channels">C, at least 1.</param>
    /// <param name="height">H in pixels, at least 1.</param>
    /// <param name="width">W in pixels, at least 1.</param>
    /// <param name="classNames">The K class names.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other, or a label is not below K.</exception>
    public static LabelledImages FromArray(
        byte[] pixels, ReadOnlySpan<int> labels, int channels, int height, int width, ImmutableArray<string> classNames) =>
        ImageSet.FromArray(pixels, labels, channels, height, width, classNames);

    /// <summary>N, the number of examples.</summary>
    public int Count => _labels.Length;

    /// <summary>C: 1 for grey images, 3 for red, green, blue.</summary>
    public int Channels => Shape.Channels;

    /// <summary>H, in pixels, as batches have it.</summary>
    public int Height => Shape.Height;

    /// <summary>W, in pixels, as batches have it.</summary>
    public int Width => Shape.Width;

    /// <summary>The name of each class, by label.</summary>
    public ImmutableArray<string> ClassNames { get; }

    /// <summary>K, the number of classes.</summary>
    public int Classes => ClassNames.Length;

    /// <summary>The label of each example, N numbers from 0 to K - 1.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>The padding, in pixels, of the random crop where none is asked for; 0 for images that are cropped otherwise.</summary>
    internal abstract int UsualCropPadding { get; }

    /// <summary>The shape of one image.</summary>
    internal ImageShape Shape { get; }

    /// <summary>A view of some examples, in the given order, re-indexed 0 to k - 1; an index may stand more than once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside this set.</exception>
    /// <exception cref="ObjectDisposedException">The images have been disposed.</exception>
    internal abstract LabelledImages Select(ReadOnlySpan<int> examples);

    /// <summary>Mean and deviation of each channel, by which batches are normalised.</summary>
    /// <param name="cancel">Stops the measurement.</param>
    /// <exception cref="BadDataException">An image can no longer be read.</exception>
    internal abstract ChannelStatistics MeasureStatistics(CancellationToken cancel);

    /// <summary>Makes batches of these images, which must outlive it.</summary>
    /// <param name="statistics">The training part's mean and deviation, C of each.</param>
    /// <param name="augmentation">What is changed at random.</param>
    /// <exception cref="BadOptionException">These images cannot be augmented so.</exception>
    internal abstract IBatchMaker Batches(ChannelStatistics statistics, Augmentation augmentation);

    /// <summary>Adds what identifies the content of one example to a digest.</summary>
    internal abstract void AppendContent(IncrementalHash hash, int example);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Refuses an index outside the set.</summary>
    private protected void CheckExample(int example, string parameter)
    {
        if ((uint)example >= (uint)Count)
            throw new ArgumentOutOfRangeException(parameter, example, $"the set has {Count} examples, indices 0 to {Count - 1}");
    }

    /// <summary>Refuses batches that cannot be.</summary>
    internal void CheckBatch(ReadOnlySpan<int> examples)
    {
        if (examples.IsEmpty) throw new ArgumentException("a batch has at least one example", nameof(examples));
        foreach (int example in examples) CheckExample(example, nameof(examples));
    }

    /// <summary>Refuses statistics of another number of channels.</summary>
    internal void CheckStatistics(ChannelStatistics statistics)
    {
        if (statistics.Mean.Length != Channels || statistics.Deviation.Length != Channels)
            throw new ArgumentException($"statistics of {statistics.Mean.Length} channels for images of {Channels}", nameof(statistics));
    }

    /// <summary>The labels of some examples, as torch takes them.</summary>
    internal long[] LabelsOf(ReadOnlySpan<int> examples)
    {
        long[] labels = new long[examples.Length];
        for (int i = 0; i < labels.Length; i++) labels[i] = _labels[examples[i]];
        return labels;
    }

    /// <summary>At most so many examples, evenly spread over all.</summary>
    internal int[] EvenlySpread(int most)
    {
        int count = Math.Min(most, Count);
        return [.. Enumerable.Range(0, count).Select(i => (int)((long)i * Count / count))];
    }

    /// <summary>The bytes of some examples as a network sees them, before they are normalised.</summary>
    /// <returns>N×C×H×W.</returns>
    internal byte[] BytesOf(int[] examples)
    {
        // Normalised by nothing they are the bytes over 255.
        float[] zeros = new float[Channels], ones = [.. zeros.Select(_ => 1f)];
        IBatchMaker maker = Batches(new ChannelStatistics([.. zeros], [.. ones]), Augmentation.None);
        var pixels = new List<byte>();
        foreach (int[] chunk in examples.Chunk(BytesBatch))
        {
            using Batch batch = maker.MakePlain(chunk, CPU);
            using Tensor plain = batch.Images.contiguous();
            pixels.AddRange(plain.data<float>().ToArray().Select(value => (byte)MathF.Round(value * 255)));
        }
        return [.. pixels];
    }
}
