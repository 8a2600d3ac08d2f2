using PandaNas.Data.Resizing;

namespace PandaNas.Data.Batches;

/// <summary>
/// Turns one image's bytes into normalised floats in channels-last order. Every possible value of a channel is computed once, so a
/// pixel costs one look-up.
/// </summary>
internal sealed unsafe class ImageWriter
{
    private readonly ImageShape _shape;
    private readonly Augmentation _augmentation;
    private readonly float[] _table;

    /// <summary>Prepares the look-up tables, C×256 floats: (value / 255 - mean) / deviation.</summary>
    public ImageWriter(ImageShape shape, ChannelStatistics statistics, Augmentation augmentation)
    {
        _shape = shape;
        _augmentation = augmentation;
        _table = new float[shape.Channels * 256];
        for (int k = 0; k < _table.Length; k++)
            _table[k] = (float)((k % 256 / 255.0 - statistics.Mean[k / 256]) / statistics.Divisor(k / 256));
    }

    /// <summary>Writes one image.</summary>
    /// <param name="pixels">C×H×W bytes.</param>
    /// <param name="draw">Its crop, flip and cutout.</param>
    /// <param name="target">H×W×C floats.</param>
    public void Write(ReadOnlySpan<byte> pixels, in AugmentationDraw draw, float* target)
    {
        int padding = _augmentation.CropPadding;
        fixed (byte* source = pixels)
        fixed (float* table = _table)
        {
            for (int channel = 0; channel < _shape.Channels; channel++)
            {
                byte* plane = source + channel * _shape.Height * _shape.Width;
                for (int y = 0; y < _shape.Height; y++)
                {
                    int sourceY = y + draw.Top - padding;
                    byte* row = (uint)sourceY < (uint)_shape.Height ? plane + sourceY * _shape.Width : null;
                    float* to = target + y * _shape.Width * _shape.Channels + channel;
                    WriteRow(row, draw.Left - padding, draw.Mirrored, table + channel * 256, to);
                }
            }
        }
        if (_augmentation.Cutout > 0) CutOut(draw, target);
    }

    /// <summary>Writes one image plane by plane, without random changes.</summary>
    /// <param name="pixels">C×H×W bytes.</param>
    /// <param name="target">C×H×W floats.</param>
    public void WritePlanes(ReadOnlySpan<byte> pixels, Span<float> target)
    {
        int area = _shape.Height * _shape.Width;
        for (int channel = 0; channel < _shape.Channels; channel++)
        {
            ReadOnlySpan<float> values = _table.AsSpan(channel * 256, 256);
            ReadOnlySpan<byte> from = pixels.Slice(channel * area, area);
            Span<float> to = target.Slice(channel * area, area);
            for (int i = 0; i < from.Length; i++) to[i] = values[from[i]];
        }
    }

    // One channel of one row: target pixel x shows source pixel x + shift, or W - 1 - x + shift when mirrored, or the padding.
    private void WriteRow(byte* row, int shift, bool mirrored, float* table, float* target)
    {
        int width = _shape.Width, step = _shape.Channels;
        int first = row is null ? width : Math.Clamp(-shift, 0, width), last = row is null ? width : Math.Clamp(width - shift, 0, width);
        // The crop is filled from its left; mirrored, the writing goes from right to left.
        float* to = mirrored ? target + (width - 1) * step : target;
        if (mirrored) step = -step;
        float padding = table[0];
        for (int x = 0; x < first; x++, to += step) *to = padding;
        for (byte* from = row + first + shift, end = row + last + shift; from < end; from++, to += step) *to = table[*from];
        for (int x = Math.Max(first, last); x < width; x++, to += step) *to = padding;
    }

    private void CutOut(in AugmentationDraw draw, float* target)
    {
        int top = draw.CutoutY - _augmentation.Cutout / 2, left = draw.CutoutX - _augmentation.Cutout / 2;
        int bottom = Math.Min(_shape.Height, top + _augmentation.Cutout), right = Math.Min(_shape.Width, left + _augmentation.Cutout);
        top = Math.Max(0, top);
        left = Math.Max(0, left);
        for (int y = top; y < bottom; y++)
            new Span<float>(target + (y * _shape.Width + left) * _shape.Channels, Math.Max(0, right - left) * _shape.Channels).Clear();
    }
}
