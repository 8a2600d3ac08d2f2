using System.Runtime.Intrinsics;
using PandaNas.Runtime.Threads;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Kernels.Depthwise;

/// <summary>The loops of depthwise convolutions on channels-last memory. All arithmetic is in float32.</summary>
internal static unsafe class DepthwiseKernels
{
    private const int Lanes = ChannelLayout.Lanes;

    // So many products are added in float32 before they go into a sum in float64.
    private const int SummedPixels = 256;

    /// <summary>Correlates every channel of the images with its kernel.</summary>
    /// <param name="shape">The operation.</param>
    /// <param name="input">N×C×H×W in channels-last memory.</param>
    /// <param name="weights">A period for every tap, see <see cref="Repeat"/>.</param>
    public static Tensor Correlate<T>(DepthwiseShape shape, Tensor input, float[] weights)
        where T : struct, IElement
    {
        int images = (int)input.shape[0];
        Tensor output = ChannelsLast.Empty([images, shape.Channels, shape.OutputHeight, shape.OutputWidth], T.Type);
        byte* x = (byte*)ChannelsLast.Pointer(input), y = (byte*)ChannelsLast.Pointer(output);
        (long inputImage, long outputImage) = Sizes(shape);
        int parts = PartsFor(images, inputImage, outputImage);
        using Scratch windows = new(parts, RowWindow<T>.LengthFor(shape)), rows = new(parts, shape.OutputLength);
        ParallelRegion.For(parts, part =>
        {
            var window = new RowWindow<T>(shape, windows.ZeroedSlice(part));
            float* sums = rows.Slice(part);
            fixed (float* kernel = weights)
                for (int image = First(images, part, parts); image < First(images, part + 1, parts); image++)
                {
                    window.Start(x + image * inputImage * T.Size);
                    for (int h = 0; h < shape.OutputHeight; h++)
                    {
                        long row = image * outputImage + (long)h * shape.OutputWidth * shape.Channels;
                        for (int phase = 0; phase < shape.Spread; phase++)
                        {
                            AddTaps(window.At(h, phase, kernel), sums, shape.Period, shape.LengthOf(shape.PhaseColumns(phase)));
                            Scatter<T>(sums, y, row, phase, shape);
                        }
                    }
                }
        });
        return output;
    }

    /// <summary>The gradient of the weights, C×1×K×K in float32.</summary>
    /// <param name="shape">The convolution.</param>
    /// <param name="input">Its input.</param>
    /// <param name="gradient">The gradient of its output, of the input's type and in channels-last memory.</param>
    public static Tensor WeightGradient<T>(DepthwiseShape shape, Tensor input, Tensor gradient)
        where T : struct, IElement
    {
        int images = (int)input.shape[0], length = shape.Taps * shape.Period;
        byte* x = (byte*)ChannelsLast.Pointer(input), y = (byte*)ChannelsLast.Pointer(gradient);
        (long inputImage, long outputImage) = Sizes(shape);
        int parts = PartsFor(images, inputImage, outputImage);
        var totals = new double[parts][];
        using Scratch windows = new(parts, RowWindow<T>.LengthFor(shape));
        using Scratch rows = new(parts, shape.OutputLength);
        using Scratch ofImages = new(parts, length);
        int together = Math.Max(1, SummedPixels / (shape.OutputHeight * shape.OutputWidth));
        ParallelRegion.For(parts, part =>
        {
            double[] total = totals[part] = new double[length];
            var window = new RowWindow<T>(shape, windows.ZeroedSlice(part));
            // Zeros stay behind the end of the row.
            float* gradients = rows.ZeroedSlice(part);
            int first = First(images, part, parts), end = First(images, part + 1, parts);
            for (int next, image = first; image < end; image = next)
            {
                next = Math.Min(end, image + together);
                float* sums = ofImages.ZeroedSlice(part);
                for (int i = image; i < next; i++)
                {
                    window.Start(x + i * inputImage * T.Size);
                    for (int h = 0; h < shape.OutputHeight; h++)
                    {
                        int values = shape.OutputWidth * shape.Channels;
                        RowWindow<T>.Widen(y, i * outputImage + (long)h * values, gradients, values);
                        AddProducts(window.At(h, phase: 0, sums), gradients, shape);
                    }
                }
                Empty(sums, total);
            }
        });
        return Fold(shape, totals);
    }

    /// <summary>Every tap's weights repeated to fill a period, tap after tap.</summary>
    /// <param name="shape">The operation.</param>
    /// <param name="weights">C×1×K×K.</param>
    /// <param name="turned">Whether the kernel is turned by 180°.</param>
    public static float[] Repeat(DepthwiseShape shape, Tensor weights, bool turned)
    {
        using Tensor plain = weights.detach().contiguous();
        float[] values = plain.data<float>().ToArray();
        var repeated = new float[shape.Taps * shape.Period];
        for (int tap = 0; tap < shape.Taps; tap++)
            for (int i = 0; i < shape.Period; i++)
                repeated[tap * shape.Period + i] = values[i % shape.Channels * shape.Taps + (turned ? shape.Taps - 1 - tap : tap)];
        return repeated;
    }

    private static (long Input, long Output) Sizes(DepthwiseShape shape) => (
        (long)shape.InputHeight * shape.InputWidth * shape.Channels, (long)shape.OutputHeight * shape.OutputWidth * shape.Channels);

    private static int PartsFor(int images, long input, long output) =>
        Math.Min(ParallelRegion.PartsFor(images * Math.Max(input, output), ChannelLayout.LeastPart), images);

    private static int First(int images, int part, int parts) => (int)((long)images * part / parts);

    // Four outputs that share their weights are summed side by side: enough to hide how long an addition takes.
    private static void AddTaps(ReadOnlySpan<Tap> taps, float* sums, int period, int length)
    {
        for (int start = 0; start < period; start += Lanes)
        {
            int i = start;
            for (; i + 3 * period < length; i += 4 * period)
            {
                Vector512<float> a = default, b = default, c = default, d = default;
                foreach (ref readonly Tap tap in taps)
                {
                    Vector512<float> weight = Vector512.Load(tap.Weights + start);
                    float* source = tap.Source + i;
                    a = Vector512.FusedMultiplyAdd(Vector512.Load(source), weight, a);
                    b = Vector512.FusedMultiplyAdd(Vector512.Load(source + period), weight, b);
                    c = Vector512.FusedMultiplyAdd(Vector512.Load(source + 2 * period), weight, c);
                    d = Vector512.FusedMultiplyAdd(Vector512.Load(source + 3 * period), weight, d);
                }
                Vector512.Store(a, sums + i);
                Vector512.Store(b, sums + i + period);
                Vector512.Store(c, sums + i + 2 * period);
                Vector512.Store(d, sums + i + 3 * period);
            }
            for (; i < length; i += period)
            {
                Vector512<float> sum = default;
                foreach (ref readonly Tap tap in taps)
                    sum = Vector512.FusedMultiplyAdd(Vector512.Load(tap.Source + i), Vector512.Load(tap.Weights + start), sum);
                Vector512.Store(sum, sums + i);
            }
        }
    }

    // Four taps side by side; what lies behind the row's end is multiplied by zeros.
    private static void AddProducts(ReadOnlySpan<Tap> taps, float* gradients, DepthwiseShape shape)
    {
        int period = shape.Period, length = shape.OutputLength;
        for (int start = 0; start < period; start += Lanes)
        {
            int tap = 0;
            for (; tap <= taps.Length - 4; tap += 4)
            {
                float* first = taps[tap].Source, second = taps[tap + 1].Source, third = taps[tap + 2].Source, fourth = taps[tap + 3].Source;
                Vector512<float> a = default, b = default, c = default, d = default;
                for (int i = start; i < length; i += period)
                {
                    Vector512<float> gradient = Vector512.Load(gradients + i);
                    a = Vector512.FusedMultiplyAdd(Vector512.Load(first + i), gradient, a);
                    b = Vector512.FusedMultiplyAdd(Vector512.Load(second + i), gradient, b);
                    c = Vector512.FusedMultiplyAdd(Vector512.Load(third + i), gradient, c);
                    d = Vector512.FusedMultiplyAdd(Vector512.Load(fourth + i), gradient, d);
                }
                Add(taps[tap].Weights + start, a);
                Add(taps[tap + 1].Weights + start, b);
                Add(taps[tap + 2].Weights + start, c);
                Add(taps[tap + 3].Weights + start, d);
            }
            for (; tap < taps.Length; tap++)
            {
                Vector512<float> sum = default;
                for (int i = start; i < length; i += period)
                    sum = Vector512.FusedMultiplyAdd(Vector512.Load(taps[tap].Source + i), Vector512.Load(gradients + i), sum);
                Add(taps[tap].Weights + start, sum);
            }
        }
    }

    private static void Empty(float* sums, double[] totals)
    {
        int at = 0;
        fixed (double* total = totals)
            for (; at <= totals.Length - Lanes; at += Lanes)
            {
                (Vector512<double> low, Vector512<double> high) = Vector512.Widen(Vector512.Load(sums + at));
                Vector512.Store(Vector512.Load(total + at) + low, total + at);
                Vector512.Store(Vector512.Load(total + at + Lanes / 2) + high, total + at + Lanes / 2);
            }
        for (; at < totals.Length; at++) totals[at] += sums[at];
    }

    private static void Add(float* sums, Vector512<float> values) => Vector512.Store(Vector512.Load(sums) + values, sums);

    // The outputs of a phase lie side by side in the sums and apart in the row.
    private static void Scatter<T>(float* sums, void* to, long row, int phase, DepthwiseShape shape)
        where T : struct, IElement
    {
        int columns = shape.PhaseColumns(phase), channels = shape.Channels;
        if (shape.Spread == 1) Narrow<T>(sums, to, row, columns * channels);
        else for (int x = 0; x < columns; x++) Narrow<T>(sums + x * channels, to, row + (phase + shape.Spread * x) * channels, channels);
    }

    private static void Narrow<T>(float* values, void* to, long start, int length)
        where T : struct, IElement
    {
        int i = 0;
        for (; i <= length - Lanes; i += Lanes) T.Store(Vector512.Load(values + i), to, start + i);
        for (; i < length; i++) T.StoreOne(values[i], to, start + i);
    }

    // Part after part and place after place, so the same parts give the same bits.
    private static Tensor Fold(DepthwiseShape shape, double[][] totals)
    {
        var sums = new double[shape.Channels * shape.Taps];
        foreach (double[] total in totals)
            for (int tap = 0; tap < shape.Taps; tap++)
                for (int i = 0; i < shape.Period; i++)
                    sums[i % shape.Channels * shape.Taps + tap] += total[tap * shape.Period + i];
        return tensor(Array.ConvertAll(sums, sum => (float)sum), [shape.Channels, 1, shape.Kernel, shape.Kernel]);
    }
}
