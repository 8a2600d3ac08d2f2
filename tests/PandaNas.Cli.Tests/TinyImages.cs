using System.Buffers.Binary;

namespace PandaNas.Cli.Tests;

/// <summary>A tiny data set in IDX files: 8×8 grey images of three classes that differ in which stripe is bright.</summary>
internal static class TinyImages
{
    public const int Train = 60, Test = 30, Classes = 3;

    private const int Side = 8;

    /// <summary>Writes the four files; another seed gives other images.</summary>
    /// <returns>The value for <c>--data</c>.</returns>
    public static string Write(string folder, int seed = 0)
    {
        Directory.CreateDirectory(folder);
        var random = new Random(seed);
        foreach ((string part, int count) in new[] { ("train", Train), ("t10k", Test) })
        {
            byte[] pixels = new byte[count * Side * Side];
            random.NextBytes(pixels);
            for (int i = 0; i < pixels.Length; i++)
            {
                int label = i / (Side * Side) % Classes, row = i / Side % Side;
                pixels[i] = (byte)(pixels[i] / 2 + (row % Classes == label ? 120 : 0));
            }
            File.WriteAllBytes(Path.Combine(folder, $"{part}-images-idx3-ubyte"), Idx([count, Side, Side], pixels));
            File.WriteAllBytes(
                Path.Combine(folder, $"{part}-labels-idx1-ubyte"),
                Idx([count], [.. Enumerable.Range(0, count).Select(i => (byte)(i % Classes))]));
        }
        return $"idx:{folder}";
    }

    private static byte[] Idx(int[] sizes, byte[] content)
    {
        byte[] file = new byte[4 + 4 * sizes.Length + content.Length];
        file[2] = 8;
        file[3] = (byte)sizes.Length;
        for (int i = 0; i < sizes.Length; i++) BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + 4 * i), sizes[i]);
        content.CopyTo(file, 4 + 4 * sizes.Length);
        return file;
    }
}
