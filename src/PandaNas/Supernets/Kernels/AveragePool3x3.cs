using System.Runtime.Intrinsics;
using PandaNas.Runtime;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Kernels;

/// <summary>
/// 3×3 average pooling of stride 1 that leaves the padding out of the mean, on channels-last memory. Rows are added first, then
/// columns, so a value is read three times instead of nine; the gradient is the same operation with the counts applied first.
/// </summary>
internal sealed class AveragePool3x3 : autograd.SingleTensorFunction<AveragePool3x3>
{
    private const int Lanes = 16;
    private const int LeastPart = 1 << 15;

    /// <inheritdoc/>
    public override string Name => nameof(AveragePool3x3);

    /// <summary>Pools N×C×H×W in channels-last memory.</summary>
    public static Tensor Apply(Tensor input) => apply(input);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => Pool((Tensor)vars[0], backward: false);

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [Pool(ChannelsLast.Of(grad_output), backward: true)];

    private static unsafe Tensor Pool(Tensor input, bool backward)
    {
        long[] shape = input.shape;
        (int images, int channels, int height, int width) = ((int)shape[0], (int)shape[1], (int)shape[2], (int)shape[3]);
        Tensor output = ChannelsLast.Empty(shape);
        float* x = ChannelsLast.Pointer(input), y = ChannelsLast.Pointer(output);
        long image = (long)height * width * channels;
        int parts = Math.Min(ParallelRegion.PartsFor(images * image, LeastPart), images);
        ParallelRegion.For(parts, part =>
        {
            // A row of column sums with a pixel of zeros at either end, so that the edges need no case of their own.
            float[] sums = new float[(width + 2) * channels];
            fixed (float* padded = sums)
                for (int i = (int)((long)images * part / parts); i < (int)((long)images * (part + 1) / parts); i++)
                    PoolImage(x + i * image, y + i * image, padded, channels, height, width, backward);
        });
        return output;
    }

    private static unsafe void PoolImage(float* x, float* y, float* padded, int channels, int height, int width, bool backward)
    {
        int row = width * channels;
        float* sums = padded + channels;
        for (int h = 0; h < height; h++)
        {
            float* above = h > 0 ? x + (long)(h - 1) * row : null;
            float* here = x + (long)h * row;
            float* below = h < height - 1 ? x + (long)(h + 1) * row : null;
            if (backward)
            {
                AddRows(above, here, below, sums, row, Inverse(h - 1, height), Inverse(h, height), Inverse(h + 1, height));
                ScaleColumns(sums, channels, width);
                AddColumns(sums, y + (long)h * row, row, channels);
            }
            else
            {
                float factor = Inverse(h, height);
                AddRows(above, here, below, sums, row, factor, factor, factor);
                AddColumns(sums, y + (long)h * row, row, channels);
                ScaleColumns(y + (long)h * row, channels, width);
            }
        }
    }

    // 1 over the number of rows (columns) that the window at a place has.
    private static float Inverse(int place, int size) => 1f / ((place > 0 ? 1 : 0) + 1 + (place < size - 1 ? 1 : 0));

    private static unsafe void AddRows(float* above, float* here, float* below, float* sums, int length, float a, float b, float c)
    {
        // A row that is not there takes part as the middle one with weight 0.
        if (above == null)
        {
            above = here;
            a = 0;
        }
        if (below == null)
        {
            below = here;
            c = 0;
        }
        int i = 0;
        for (; i <= length - Lanes; i += Lanes)
            Vector512.Store(Vector512.Load(above + i) * a + Vector512.Load(here + i) * b + Vector512.Load(below + i) * c, sums + i);
        for (; i < length; i++) sums[i] = above[i] * a + here[i] * b + below[i] * c;
    }

    private static unsafe void AddColumns(float* sums, float* y, int length, int channels)
    {
        int i = 0;
        for (; i <= length - Lanes; i += Lanes)
            Vector512.Store(Vector512.Load(sums + i - channels) + Vector512.Load(sums + i) + Vector512.Load(sums + i + channels), y + i);
        for (; i < length; i++) y[i] = sums[i - channels] + sums[i] + sums[i + channels];
    }

    private static unsafe void ScaleColumns(float* values, int channels, int width)
    {
        int row = width * channels;
        float edge = Inverse(0, width), middle = Inverse(1, Math.Max(width, 3));
        for (int i = 0; i < channels; i++) values[i] *= edge;
        if (width == 1) return;
        int last = row - channels, at = channels;
        for (; at <= last - Lanes; at += Lanes) Vector512.Store(Vector512.Load(values + at) * middle, values + at);
        for (; at < last; at++) values[at] *= middle;
        for (; at < row; at++) values[at] *= edge;
    }
}
