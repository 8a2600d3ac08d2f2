using System.Buffers.Binary;
using SkiaSharp;

namespace PandaNas.Cli.Tests;

/// <summary>
/// A flat folder of photos as people have them: three classes that differ in colour, two sizes, some turned by EXIF, one grey, one
/// transparent, one TIFF, one broken, and files that are no photos.
/// </summary>
internal static class PhotoFolder
{
    /// <summary>Files that cannot be used: the TIFF and the broken one.</summary>
    public const int Unusable = 2;

    private static readonly string[] s_classes = ["cat", "dog", "emu"];
    private static readonly SKColor[] s_colours = [SKColors.Firebrick, SKColors.SeaGreen, SKColors.SteelBlue];

    /// <summary>Writes it.</summary>
    /// <param name="folder">Its place.</param>
    /// <param name="count">Photos in all, at least 12, those that cannot be used included.</param>
    public static void Write(string folder, int count)
    {
        foreach (string name in s_classes) Directory.CreateDirectory(Path.Combine(folder, name));
        var random = new Random(0);
        for (int i = 0; i < count; i++)
        {
            (string extension, byte[] content) = (count - i) switch
            {
                1 => (".tif", [.. "II"u8, 42, 0, .. new byte[100]]),
                2 => (".jpg", Jpeg(i, random)[..200]),
                3 => (".png", Encoded(i, random, SKColorType.Gray8, SKEncodedImageFormat.Png)),
                4 => (".png", Transparent(i)),
                _ => (".jpg", i % 7 == 0 ? Turned(Jpeg(i, random)) : Jpeg(i, random)),
            };
            File.WriteAllBytes(Path.Combine(folder, s_classes[i % s_classes.Length], $"{i:D4}{extension}"), content);
        }
        File.WriteAllText(Path.Combine(folder, s_classes[0], "Thumbs.db"), "x");
        File.WriteAllText(Path.Combine(folder, s_classes[1], "notes.txt"), "x");
    }

    private static byte[] Jpeg(int number, Random random) => Encoded(number, random, SKColorType.Rgba8888, SKEncodedImageFormat.Jpeg);

    private static byte[] Encoded(int number, Random random, SKColorType colours, SKEncodedImageFormat format)
    {
        (int width, int height) = number % 4 == 0 ? (40, 30) : (32, 32);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, colours, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { Color = SKColors.White })
        {
            canvas.Clear(s_colours[number % s_colours.Length]);
            canvas.DrawCircle(random.Next(width), random.Next(height), 3 + random.Next(8), paint);
        }
        using SKData data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    private static byte[] Transparent(int number)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(32, 32, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { Color = s_colours[number % s_colours.Length] })
        {
            canvas.Clear(SKColors.Transparent);
            canvas.DrawCircle(16, 16, 10, paint);
        }
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    // An APP1 segment after the start marker: one big-endian directory with the orientation 6, a quarter turn.
    private static byte[] Turned(byte[] jpeg)
    {
        byte[] segment = new byte[36];
        segment[0] = 0xff;
        segment[1] = 0xe1;
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), 34);
        "Exif\0\0MM\0*"u8.CopyTo(segment.AsSpan(4));
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(14), 8);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(18), 1);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(20), 0x112);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(22), 3);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(24), 1);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(28), 6);
        return [.. jpeg.AsSpan(0, 2), .. segment, .. jpeg.AsSpan(2)];
    }
}
