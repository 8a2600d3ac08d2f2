using CsCheck;
using PandaNas.Data.Batches;
using PandaNas.Data.Formats;

namespace PandaNas.Tests.Data.Batches;

public sealed class ImageSetTests
{
    [Fact]
    public void Select_ReindexesAndComposes()
    {
        using ImageSet images = Sample.Images(10, 2, 3, 4, classes: 5);
        using ImageSet view = images.Select([7, 2, 2, 9]);
        using ImageSet viewOfView = view.Select([3, 0]);
        Assert.Equal([2, 2, 2, 4], view.Labels.ToArray());
        Assert.Equal([4, 2], viewOfView.Labels.ToArray());
        Assert.True(images.Pixels(9).SequenceEqual(viewOfView.Pixels(0)));
        Assert.True(images.Pixels(7).SequenceEqual(viewOfView.Pixels(1)));
        Assert.Equal((2, 3, 4, 5), (viewOfView.Channels, viewOfView.Height, viewOfView.Width, viewOfView.Classes));
    }

    [Fact]
    public void IndexOutside()
    {
        using ImageSet images = Sample.Images(3, 1, 2, 2, classes: 1);
        foreach (int bad in new[] { -1, 3, int.MinValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => images.Pixels(bad).Length);
            Assert.Throws<ArgumentOutOfRangeException>(() => images.Select([0, bad]));
        }
    }

    [Fact]
    public void Dispose_TwiceIsFine_UseAfterIsNot()
    {
        ImageSet images = Sample.Images(3, 1, 2, 2, classes: 1);
        images.Dispose();
        images.Dispose();
        Assert.Throws<ObjectDisposedException>(() => images.Pixels(0).Length);
        Assert.Throws<ObjectDisposedException>(() => images.Select([0]));
        Assert.Throws<ObjectDisposedException>(() => images.Downscale(1));
    }

    // Pixels are read from the cache when they are asked for.
    [Fact]
    public void View_KeepsTheCacheOpen_AndTheLastOneLetsItGo()
    {
        using var folder = new TemporaryFolder();
        Sample.WriteImageFolder(folder, ["a", "b"]);
        LabelledImages view;
        byte[] expected;
        using (ImageData data = Sample.Open($"images:{folder.Path}", cache: folder["cache"]))
        {
            view = data.Train.Select([4, 1]);
            expected = data.Train.Pixels(4).ToArray();
        }
        Assert.Equal(expected, view.Pixels(0).ToArray());
        if (OperatingSystem.IsLinux()) Assert.Contains(OpenFiles(), file => file.StartsWith(folder.Path, StringComparison.Ordinal));
        view.Dispose();
        if (OperatingSystem.IsLinux()) Assert.DoesNotContain(OpenFiles(), file => file.StartsWith(folder.Path, StringComparison.Ordinal));

        // Others' may be closed meanwhile.
        static IEnumerable<string> OpenFiles() => Directory.GetFiles("/proc/self/fd").Select(name => new FileInfo(name).LinkTarget ?? "");
    }

    [Fact]
    public void FromArray_ChecksItsArguments()
    {
        Assert.Throws<ArgumentException>(() => ImageSet.FromArray(new byte[5], [0], 1, 2, 2, ["a"]));
        Assert.Throws<ArgumentException>(() => ImageSet.FromArray(new byte[4], [1], 1, 2, 2, ["a"]));
        Assert.Throws<ArgumentException>(() => ImageSet.FromArray(new byte[4], [-1], 1, 2, 2, ["a"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageSet.FromArray([], [], 0, 2, 2, ["a"]));
    }

    [Fact]
    public void Downscale_AveragesTwoByTwoExactly()
    {
        using ImageSet images = ImageSet.FromArray([0, 1, 10, 20, 1, 0, 30, 41, 255, 255, 0, 0, 255, 255, 0, 3], [0], 1, 4, 4, ["a"]);
        using ImageSet half = images.Downscale(2);
        // 2/4 = 0.5 rounds up to 1; 101/4 = 25.25; 3/4 = 0.75.
        Assert.Equal([1, 25, 255, 1], half.Pixels(0).ToArray());
    }

    [Fact]
    public void Downscale_EqualsAPlainRecomputation() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 12], Gen.Int[1, 12], Gen.Int[1, 3], Gen.Int[0, 1000])
            .Where((height, width, size, _, _) => size <= Math.Min(height, width))
            .Sample((height, width, size, channels, seed) =>
            {
                using ImageSet images = Sample.Images(2, channels, height, width, classes: 2, $"{seed}");
                using ImageSet small = images.Downscale(size);
                for (int i = 0; i < 2; i++)
                    for (int c = 0; c < channels; c++)
                        for (int k = 0; k < size * size; k++)
                        {
                            double area = Area(
                                images.Pixels(i).Slice(c * height * width, height * width), height, width, size, k / size, k % size);
                            Assert.InRange(small.Pixels(i)[c * size * size + k] - area, -0.5 - 1e-9, 0.5 + 1e-9);
                        }
            }, iter: 200);

    [Fact]
    public void Downscale_OfAView_KeepsItsOrderAndLabels()
    {
        using ImageSet images = Sample.Images(6, 3, 4, 4, classes: 3);
        using ImageSet view = images.Select([5, 1]), small = view.Downscale(2), all = images.Downscale(2), same = view.Downscale(4);
        Assert.Equal([2, 1], small.Labels.ToArray());
        Assert.True(all.Pixels(5).SequenceEqual(small.Pixels(0)));
        Assert.True(view.Pixels(1).SequenceEqual(same.Pixels(1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(5)]
    public void Downscale_RefusesOtherSizes(int size)
    {
        using ImageSet images = Sample.Images(1, 1, 4, 6, classes: 1);
        Assert.Contains("6x4", Assert.Throws<BadOptionException>(() => images.Downscale(size)).Message);
    }

    // Integrates the image over one target pixel in real numbers.
    private static double Area(ReadOnlySpan<byte> plane, int height, int width, int size, int i, int j)
    {
        double stepY = (double)height / size, stepX = (double)width / size, sum = 0;
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                double coveredY = Math.Min(y + 1, (i + 1) * stepY) - Math.Max(y, i * stepY);
                double coveredX = Math.Min(x + 1, (j + 1) * stepX) - Math.Max(x, j * stepX);
                if (coveredY > 0 && coveredX > 0) sum += coveredY * coveredX * plane[y * width + x];
            }
        return sum / (stepY * stepX);
    }
}
