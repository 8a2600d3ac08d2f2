using System.Runtime.InteropServices;
using SkiaSharp;
using TorchSharp;

namespace PandaNas.Data.Batches;

/// <summary>Shows an image of a batch as people see it.</summary>
internal static class BatchPicture
{
    /// <summary>The picture of one image; grey where it has one channel. The caller disposes it.</summary>
    /// <param name="batch">The batch, on any device.</param>
    /// <param name="example">Which of its images.</param>
    /// <param name="statistics">By which its pixels were normalised.</param>
    public static SKBitmap Of(Batch batch, int example, ChannelStatistics statistics)
    {
        using torch.Tensor image = batch.Images[example], here = image.cpu(), plain = here.contiguous();
        int channels = (int)plain.shape[0], height = (int)plain.shape[1], width = (int)plain.shape[2], area = height * width;
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(plain.bytes);
        var picture = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> pixels = picture.GetPixelSpan();
        for (int place = 0; place < 3; place++)
        {
            int channel = Math.Min(place, channels - 1);
            double scale = statistics.Divisor(channel), shift = statistics.Mean[channel];
            ReadOnlySpan<float> plane = values.Slice(channel * area, area);
            for (int i = 0; i < area; i++) pixels[4 * i + place] = (byte)Math.Clamp(Math.Round(255 * (plane[i] * scale + shift)), 0, 255);
        }
        for (int i = 0; i < area; i++) pixels[4 * i + 3] = 255;
        return picture;
    }
}
