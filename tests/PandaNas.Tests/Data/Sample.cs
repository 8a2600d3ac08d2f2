using System.Buffers.Binary;
using System.IO.Compression;
using PandaNas.Data.Batches;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Sampling;
using SkiaSharp;

namespace PandaNas.Tests.Data;

/// <summary>Writes small data sets of every format.</summary>
internal static class Sample
{
    public static readonly string[] Cifar10Names =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    public static ImageData Open(string source, int size = 0, string? cache = null, IProgress<RunProgress>? progress = null) =>
        ImageDataReader.Open(
            DataSource.Parse(source), new ImageReadOptions(size, cache, Threads: 2), TestContext.Current.CancellationToken, progress);

    /// <summary>The bytes of an example of images that are in memory.</summary>
    public static ReadOnlySpan<byte> Pixels(this LabelledImages images, int example) => Assert.IsType<ImageSet>(images).Pixels(example);

    public static BadDataException Refused(string source, string? cache = null) =>
        Assert.Throws<BadDataException>(() => Open(source, cache: cache).Dispose());

    public static byte[] Bytes(int count, string purpose)
    {
        RandomStream random = RandomStream.Derive(0, purpose);
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) bytes[i] = (byte)random.NextInt(256);
        return bytes;
    }

    public static ImageSet Images(int count, int channels, int height, int width, int classes, string purpose = "images") =>
        ImageSet.FromArray(
        Bytes(count * channels * height * width, purpose), [.. Enumerable.Range(0, count).Select(i =>
            i % classes)], channels, height, width,
        [.. Enumerable.Range(0, classes).Select(label => $"class{label}")]);

    public static byte[] Idx(int[] sizes, byte[] content)
    {
        byte[] file = new byte[4 + 4 * sizes.Length + content.Length];
        file[2] = 8;
        file[3] = (byte)sizes.Length;
        for (int i = 0; i < sizes.Length; i++) BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + 4 * i), sizes[i]);
        content.CopyTo(file, 4 + 4 * sizes.Length);
        return file;
    }

    public static byte[] Gzip(byte[] content)
    {
        using var target = new MemoryStream();
        using (var zip = new GZipStream(target, CompressionLevel.Optimal)) zip.Write(content);
        return target.ToArray();
    }

    /// <summary>12 training and 6 test images of 5×4 pixels (H×W) in three classes.</summary>
    public static void WriteIdx(TemporaryFolder folder, bool zipped = false, bool dotted = false)
    {
        foreach ((string part, int count) in new[] { ("train", 12), ("t10k", 6) })
        {
            Write($"{part}-images-idx3-ubyte", Idx([count, 5, 4], Bytes(count * 20, part)));
            Write($"{part}-labels-idx1-ubyte", Idx([count], [.. Enumerable.Range(0, count).Select(i => (byte)(i % 3))]));
        }
        void Write(string name, byte[] content)
        {
            if (dotted) name = name.Replace("-idx", ".idx", StringComparison.Ordinal);
            File.WriteAllBytes(folder[zipped ? name + ".gz" : name], zipped ? Gzip(content) : content);
        }
    }

    public static void WriteCifar10(TemporaryFolder folder, int records = 4)
    {
        string[] files = [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin"), "test_batch.bin"];
        foreach (string file in files) File.WriteAllBytes(folder[file], CifarRecords(records, file, limits: [10]));
        File.WriteAllText(folder["batches.meta.txt"], string.Join("\n", Cifar10Names) + "\n\n");
    }

    public static void WriteCifar100(TemporaryFolder folder, int testRecords = 3)
    {
        File.WriteAllBytes(folder["train.bin"], CifarRecords(5 * testRecords, "train.bin", limits: [20, 100]));
        File.WriteAllBytes(folder["test.bin"], CifarRecords(testRecords, "test.bin", limits: [20, 100]));
        File.WriteAllLines(folder["fine_label_names.txt"], CifarClassNames.Cifar100);
    }

    private static byte[] CifarRecords(int records, string purpose, int[] limits)
    {
        int length = limits.Length + 3072;
        byte[] file = Bytes(records * length, purpose);
        for (int i = 0; i < records; i++)
            for (int k = 0; k < limits.Length; k++) file[i * length + k] %= (byte)limits[k];
        return file;
    }

    /// <summary>An opaque colour image of random pixels; the planes are what a reader must give.</summary>
    public static byte[] Encoded(int height, int width, string purpose, SKEncodedImageFormat format, out byte[] planes, byte alpha = 255)
    {
        byte[] values = Bytes(3 * height * width, purpose);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        int area = height * width;
        for (int i = 0; i < area; i++)
            bitmap.SetPixel(i % width, i / width, new SKColor(values[i], values[area + i], values[2 * area + i], alpha));
        planes = values;
        using SKData data = bitmap.Encode(format, 100);
        return data.ToArray();
    }

    public static byte[] GreyPng(int height, int width, string purpose, out byte[] plane)
    {
        plane = Bytes(height * width, purpose);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        plane.CopyTo(bitmap.GetPixelSpan());
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>PNG files train/CLASS/0.png... and test/CLASS/0.png of random pixels, each named by its path.</summary>
    public static void WriteImageFolder(
        TemporaryFolder folder, string[] classes, int height = 8, int width = 8, int train = 3, int test = 1, string testName = "test")
    {
        foreach (string name in classes)
            foreach ((string part, int count) in new[] { ("train", train), (testName, test) })
            {
                Directory.CreateDirectory(folder[part, name]);
                for (int i = 0; i < count; i++)
                    File.WriteAllBytes(
                        folder[part, name, $"{i}.png"], Encoded(height, width, $"{part}/{name}/{i}", SKEncodedImageFormat.Png, out _));
            }
    }
}
