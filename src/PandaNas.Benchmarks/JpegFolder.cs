using PandaNas.Sampling;
using SkiaSharp;

namespace PandaNas.Benchmarks;

/// <summary>Writes an image folder of JPEG files with smooth random content, so that files have the size of photographs.</summary>
internal static class JpegFolder
{
    /// <summary>The four ways in which files are damaged, in turn.</summary>
    private static readonly Func<byte[], byte[]>[] s_damages =
    [
        file => file[..(file.Length / 2)],
        _ => [],
        _ => "this is no image, whatever its name says"u8.ToArray(),
        file => [0, 0, .. file[2..]],
    ];

    /// <summary>Writes <c>train/CLASS/*.jpg</c> and <c>val/CLASS/*.jpg</c>; a tenth of the images is in the latter.</summary>
    /// <param name="folder">The folder; must not exist or be empty.</param>
    /// <param name="images">How many in all, at least 10 per class.</param>
    /// <param name="width">Their width in pixels.</param>
    /// <param name="height">Their height in pixels.</param>
    /// <param name="classes">How many classes; an image's main colour tells its class.</param>
    /// <param name="damaged">Share of the files that are truncated, empty, text, or of a damaged header, in [0, 1].</param>
    /// <returns>The paths of the damaged files, from the folder.</returns>
    public static IReadOnlyList<string> Write(string folder, int images, int width, int height, int classes, double damaged = 0)
    {
        int every = damaged > 0 ? (int)Math.Round(1 / damaged) : int.MaxValue;
        string?[] names = new string?[images];
        for (int label = 0; label < classes; label++)
            foreach (string part in (string[])["train", "val"]) Directory.CreateDirectory(Path.Combine(folder, part, $"class{label:D3}"));
        Parallel.For(0, images, number =>
        {
            int label = number % classes;
            string name = Path.Combine(number / classes % 10 == 9 ? "val" : "train", $"class{label:D3}", $"{number:D6}.jpg");
            byte[] file = Encode(width, height, (double)label / classes, RandomStream.Derive(number, "jpeg"));
            // Another place in every block, so that no class has more than its share.
            if (number % every == number / every * 7 % every)
            {
                file = s_damages[number / every % s_damages.Length](file);
                names[number] = name;
            }
            File.WriteAllBytes(Path.Combine(folder, name), file);
        });
        return [.. names.OfType<string>()];
    }

    // A coarse random picture, enlarged, plus noise: the enlarged part is smooth, the noise gives files their size.
    private static byte[] Encode(int width, int height, double hue, RandomStream random)
    {
        const int Coarse = 24;
        using var small = new SKBitmap(new SKImageInfo(Coarse, Coarse, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int i = 0; i < Coarse * Coarse; i++)
        {
            float degrees = (float)(360 * (hue + 0.1 * random.NextDouble()));
            small.SetPixel(i % Coarse, i / Coarse, SKColor.FromHsv(degrees, 30 + random.NextInt(70), 20 + random.NextInt(80)));
        }
        using SKBitmap large = small.Resize(
            new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque), new SKSamplingOptions(SKCubicResampler.Mitchell));
        foreach (ref byte value in large.GetPixelSpan()) value = (byte)Math.Clamp(value + random.NextInt(17) - 8, 0, 255);
        using SKData data = large.Encode(SKEncodedImageFormat.Jpeg, 85);
        return data.ToArray();
    }
}
