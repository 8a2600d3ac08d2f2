using CsCheck;
using PandaNas.Data.Reading;
using PandaNas.Data.Resizing;
using PandaNas.Sampling;

namespace PandaNas.Tests.Data.Resizing;

public sealed class CropBoxTests
{
    [Fact]
    public void Random_StaysInside_AndInItsRanges() =>
        Gen.Select(Gen.Int[1, 600], Gen.Int[1, 600], Gen.Double[0.01, 1], Gen.Long).Sample((width, height, scale, seed) =>
        {
            CropBox box = CropBox.Random(width, height, scale, RandomStream.Derive(seed, "crop"));
            Assert.True(box is { Left: >= 0, Top: >= 0, Width: >= 1, Height: >= 1 });
            Assert.True(box.Left + box.Width <= width && box.Top + box.Height <= height);
            // Sides are rounded to whole pixels, which matters for small ones only.
            if (Math.Min(box.Width, box.Height) < 30) return;
            Assert.InRange(box.Width / box.Height, 0.75 * 0.95, 4.0 / 3 * 1.05);
        });

    // Area even between its ends; logarithm of the ratio even and so symmetric about a square.
    [Fact]
    public void Random_IsDistributedAsTorchvisionSays()
    {
        RandomStream random = RandomStream.Derive(0, "crop");
        CropBox[] boxes = [.. Enumerable.Range(0, 20_000).Select(_ => CropBox.Random(2000, 2000, 0.08, random))];
        double[] areas = [.. boxes.Select(box => box.Width * box.Height / 4e6).Order()];
        Assert.InRange(areas[0], 0.079, 0.085);
        // Large areas of extreme ratio do not fit and are drawn again, so only the lower part is exactly even.
        double below = areas.Count(area => area < 0.31), between = areas.Count(area => area is >= 0.31 and < 0.54);
        Assert.Equal(1, below / between, 0.05);
        double[] logarithms = [.. boxes.Select(box => Math.Log(box.Width / box.Height))];
        Assert.Equal(0, logarithms.Average(), 0.01);
        Assert.Equal(Math.Log(4.0 / 3), logarithms.Max(), 0.01);
        Assert.Equal(0.5, boxes.Where(box => box.Width < 1000).Average(box => box.Left / (2000 - box.Width)), 0.02);
    }

    [Theory]
    [InlineData(1000, 10, 493, 0, 13, 10)]
    [InlineData(10, 1000, 0, 493, 10, 13)]
    public void Random_OfAnImageThatNothingFits_IsItsMiddle(
        int width, int height, double left, double top, double cropWidth, double cropHeight) =>
        Assert.Equal(new CropBox(left, top, cropWidth, cropHeight), CropBox.Random(width, height, 1, RandomStream.Derive(0, "crop")));

    [Theory]
    [InlineData(500, 375, 224, 8)]
    [InlineData(448, 500, 224, 4)]
    [InlineData(447, 500, 224, 8)]
    [InlineData(128, 128, 32, 2)]
    [InlineData(256, 256, 32, 1)]
    [InlineData(4000, 4000, 32, 1)]
    [InlineData(20, 20, 224, 8)]
    public void DecodedScale_KeepsThePartAtLeastAsLargeAsWanted(int width, int height, int side, int eighths) =>
        Assert.Equal(eighths, ImageWorkspace.Eighths(new CropBox(0, 0, width, height), side));
}
