using PandaNas.Data.Batches;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Data.Resizing;
using PandaNas.Data.Streaming;
using PandaNas.Tests.Data.Decoding;
using SkiaSharp;
using TorchSharp;

namespace PandaNas.Tests.Data.Formats;

/// <summary>Folders of pictures of several sizes: which side trains, what is cut or added, and that caches and streams agree.</summary>
public sealed class PictureFitTests : IDisposable
{
    private static readonly ChannelStatistics s_plain = new([0, 0, 0], [1, 1, 1]);
    private readonly TemporaryFolder _folder = new(), _cache = new();

    public void Dispose()
    {
        _folder.Dispose();
        _cache.Dispose();
    }

    [Theory]
    [InlineData(0, 0, 32)]
    [InlineData(0, 20, 20)]
    [InlineData(0, 50, 50)]
    [InlineData(100, 0, 128)]
    [InlineData(300, 0, 224)]
    public void Side_IsTheOneAskedFor_OrFollowsFromTheSizes(int more, int asked, int side)
    {
        Write((40 + more, 30 + more), (33 + more, 60 + more), (50 + more, 45 + more), (31 + more, 31 + more));
        using ImageData data = Open(ImageFit.Auto, asked, StreamingChoice.Off);
        Assert.Equal((side, side, 3, 1), (data.Train.Width, data.Train.Height, data.Train.Count, data.Test.Count));
        string sizes = $"{31 + more}x{31 + more} to {50 + more}x{45 + more}";
        Assert.Equal($"pictures of {sizes} pixels are cropped to {side}x{side}", Assert.Single(data.Notes));
    }

    [Fact]
    public void OneSquareSize_IsKept_ScaledOrEnlargedWhole()
    {
        Write((40, 40), (40, 40));
        using ImageData kept = Open(ImageFit.Auto, 0, StreamingChoice.Off), scaled = Open(ImageFit.Auto, 20, StreamingChoice.Off);
        using ImageData enlarged = Open(ImageFit.Auto, 80, StreamingChoice.Off);
        Assert.Equal((40, 20, 80), (kept.Train.Width, scaled.Train.Width, enlarged.Train.Width));
        Assert.Empty(kept.Notes);
        Assert.Equal("pictures of 40x40 pixels are scaled to 20x20", Assert.Single(scaled.Notes));
        Assert.Equal("pictures of 40x40 pixels are scaled to 80x80", Assert.Single(enlarged.Notes));
        using ImageSet expected = ((ImageSet)kept.Train).Downscale(20);
        Assert.Equal(expected.Pixels(0), scaled.Train.Pixels(0));
        // The corner is a part of the middle only if nothing is cut off.
        Assert.Equal(kept.Train.Pixels(0)[0], enlarged.Train.Pixels(0)[0]);
    }

    // One size that is no square is fitted like mixed ones.
    [Fact]
    public void OneOblongSize_IsFitted()
    {
        Write((80, 60), (80, 60));
        using ImageData data = Open(ImageFit.Auto, 0, StreamingChoice.Off);
        Assert.Equal("pictures of 80x60 pixels are cropped to 32x32", Assert.Single(data.Notes));
    }

    [Theory]
    [InlineData(ImageFit.Auto)]
    [InlineData(ImageFit.Crop)]
    [InlineData(ImageFit.Squash)]
    [InlineData(ImageFit.Pad)]
    public void CachedAndStreamed_ShowTheSamePixels(ImageFit fit)
    {
        Write((90, 60), (33, 61), (50, 45), (64, 64), (400, 300), (20, 70));
        string[] special =
        [
            "turned5.jpg", "turned8.png", "turned2.webp", "transparent.png", "printed.jpg", "moving.gif", "bitmap.bmp", "grey16.png",
        ];
        foreach (string name in special)
            File.Copy(Pictures.PathOf(name), _folder["train", "a", $"z{name}"]);
        using ImageData cached = Open(fit, 24, StreamingChoice.Off), streamed = Open(fit, 24, StreamingChoice.On);
        Assert.IsType<StreamedImages>(streamed.Train);
        int[] all = [.. Enumerable.Range(0, cached.Train.Count)];
        using Batch one = cached.Train.Batches(s_plain, new Augmentation()).MakePlain(all, torch.CPU);
        using Batch other = streamed.Train.Batches(s_plain, new Augmentation()).MakePlain(all, torch.CPU);
        Assert.Equal(13, all.Length);
        Assert.True(one.Images.Equals(other.Images));
        Assert.Equal(cached.Notes, streamed.Notes);
    }

    // A red picture with a green quarter at its left edge, twice as wide as high.
    [Theory]
    [InlineData(ImageFit.Crop, "rrrr rrrr rrrr rrrr")]
    [InlineData(ImageFit.Squash, "grrr grrr grrr grrr")]
    [InlineData(ImageFit.Pad, "bbbb grrr grrr bbbb")]
    public void EachFit_ShowsItsPart(ImageFit fit, string expected)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(160, 80, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Erase(SKColors.Red);
        bitmap.Erase(new SKColor(0, 255, 0), new SKRectI(0, 0, 40, 80));
        WriteParts(bitmap.Encode(SKEncodedImageFormat.Png, 100));
        foreach (StreamingChoice streaming in new[] { StreamingChoice.Off, StreamingChoice.On })
        {
            using ImageData data = Open(fit, 40, streaming, new Colour(0, 0, 255));
            using Batch batch = data.Train.Batches(s_plain, new Augmentation()).MakePlain([0], torch.CPU);
            // The middle of each of 4×4 tiles.
            IEnumerable<char> Row(int y) => Enumerable.Range(0, 4).Select(x => ColourAt(batch, 10 * y + 5, 10 * x + 5));
            string found = string.Join(' ', Enumerable.Range(0, 4).Select(y => string.Concat(Row(y))));
            Assert.Equal(expected, found);
        }
    }

    private static char ColourAt(Batch batch, int y, int x)
    {
        using var scope = torch.NewDisposeScope();
        return "rgb"[(int)batch.Images[0, .., y, x].argmax().item<long>()];
    }

    // Random parts stay parts of the fitted square: padded ones see the background, squashed ones never do.
    [Theory]
    [InlineData(ImageFit.Crop, false)]
    [InlineData(ImageFit.Squash, false)]
    [InlineData(ImageFit.Pad, true)]
    public void RandomParts_SeeTheBackgroundOnlyWhenPadded(ImageFit fit, bool seen)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(160, 40, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Erase(SKColors.Red);
        WriteParts(bitmap.Encode(SKEncodedImageFormat.Png, 100));
        using ImageData data = Open(fit, 16, StreamingChoice.On, new Colour(0, 0, 255));
        IBatchMaker maker = data.Train.Batches(s_plain, new Augmentation());
        using Batch batch = maker.Make([.. new int[40]], PandaNas.Sampling.RandomStream.Derive(0, "fit"), torch.CPU);
        using var scope = torch.NewDisposeScope();
        Assert.Equal(seen, batch.Images[.., 2].max().item<float>() > 0.9);
        Assert.True(batch.Images[.., 0].max().item<float>() > 0.9);
    }

    [Fact]
    public void OtherFitsAndBackgrounds_AreKeptBesideEachOther_AndFoundAgain()
    {
        Write((40, 30), (60, 20));
        foreach (ImageFit fit in new[] { ImageFit.Crop, ImageFit.Pad, ImageFit.Crop, ImageFit.Pad })
            Open(fit, 16, StreamingChoice.Off).Dispose();
        Open(ImageFit.Pad, 16, StreamingChoice.Off, new Colour(1, 2, 3)).Dispose();
        Assert.Equal(3, Directory.GetFiles(_cache.Path, "*.cache").Length);
    }

    [Theory]
    [InlineData("white", 255, 255, 255)]
    [InlineData("Black", 0, 0, 0)]
    [InlineData("#0a141e", 10, 20, 30)]
    [InlineData("tomato", 255, 99, 71)]
    public void Colours_AreNamesOrNumbers(string text, byte red, byte green, byte blue)
    {
        Assert.Equal(new Colour(red, green, blue), Colour.Parse(text));
        Assert.Equal(new Colour(red, green, blue), Colour.Parse(Colour.Parse(text).ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("#12")]
    [InlineData("#zzzzzz")]
    [InlineData("transparent")]
    [InlineData("ButtonFace")]
    public void OtherColours_AreRefused(string text) =>
        Assert.Contains("#RRGGBB", Assert.Throws<BadOptionException>(() => Colour.Parse(text)).Message);

    private ImageData Open(ImageFit fit, int size, StreamingChoice streaming, Colour? background = null) => ImageDataReader.Open(
        new DataSource("images", _folder.Path),
        new ImageReadOptions(size, _cache.Path) { Fit = fit, Streaming = streaming, Workers = 2, Background = background ?? Colour.White },
        TestContext.Current.CancellationToken);

    private void WriteParts(SKData picture)
    {
        using (picture)
            foreach (string part in new[] { "train", "test" })
            {
                Directory.CreateDirectory(_folder[part, "a"]);
                File.WriteAllBytes(_folder[part, "a", "0.png"], picture.ToArray());
            }
    }

    // The last one is the test image.
    private void Write(params (int Width, int Height)[] sizes)
    {
        for (int i = 0; i < sizes.Length; i++)
        {
            string part = i < sizes.Length - 1 ? "train" : "test";
            Directory.CreateDirectory(_folder[part, "a"]);
            SKEncodedImageFormat format = i % 2 == 0 ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg;
            File.WriteAllBytes(_folder[part, "a", $"{i}.x"], Sample.Encoded(sizes[i].Height, sizes[i].Width, $"size {i}", format, out _));
        }
    }
}
