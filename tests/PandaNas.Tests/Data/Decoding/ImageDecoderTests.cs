using System.Buffers.Binary;
using PandaNas.Data.Decoding;
using PandaNas.Data.Resizing;
using SkiaSharp;

namespace PandaNas.Tests.Data.Decoding;

public sealed class ImageDecoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ImageDecoder _decoder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Names => [.. Pictures.Names];

    // Another JPEG decoder may round otherwise, and the palette of a moving picture may be read otherwise at its edges.
    [Theory]
    [MemberData(nameof(Names))]
    public void EveryKindOfPicture_IsWhatPillowShows(string name)
    {
        (int width, int height, byte[] rgb) = Pictures.Shown(name);
        Assert.Equal((width, height, ImageFault.None), (Inspect(name).Width, Inspect(name).Height, Inspect(name).Fault));
        byte[] found = Rgb(_decoder.Decode(Pictures.PathOf(name), new ImageShape(3, height, width), 8, Colour.White));
        int allowed = Path.GetExtension(name) == ".jpg" ? 3 : name.StartsWith("transparent", StringComparison.Ordinal) ? 1 : 0;
        Assert.Equal(rgb.Length, found.Length);
        for (int i = 0; i < rgb.Length; i++) Assert.InRange(found[i] - rgb[i], -allowed, allowed);
    }

    [Theory]
    [InlineData("turned1.jpg", "JPEG", ImageFlags.None)]
    [InlineData("turned6.jpg", "JPEG", ImageFlags.Rotated)]
    [InlineData("turned3.png", "PNG", ImageFlags.Rotated)]
    [InlineData("turned8.webp", "WebP", ImageFlags.Rotated)]
    [InlineData("progressive.jpg", "JPEG", ImageFlags.None)]
    [InlineData("bitmap.bmp", "BMP", ImageFlags.None)]
    [InlineData("printed.jpg", "JPEG", ImageFlags.Cmyk)]
    [InlineData("grey.jpg", "JPEG", ImageFlags.Grey)]
    [InlineData("grey16.png", "PNG", ImageFlags.Grey | ImageFlags.SixteenBit)]
    [InlineData("colour16.png", "PNG", ImageFlags.SixteenBit)]
    [InlineData("moving.gif", "GIF", ImageFlags.Animated)]
    [InlineData("transparent.png", "PNG", ImageFlags.Transparent)]
    [InlineData("transparent.webp", "WebP", ImageFlags.Transparent)]
    [InlineData("hole.gif", "GIF", ImageFlags.Transparent)]
    public void FormatAndFlags_AreTold(string name, string format, object flags) =>
        Assert.Equal((format, (ImageFlags)flags), (Inspect(name).Format, Inspect(name).Flags));

    [Fact]
    public void SamePixels_HaveTheSameDigest_WhateverFormatAndOrientation()
    {
        Assert.Equal(Inspect("turned1.png").PixelDigest, Inspect("bitmap.bmp").PixelDigest);
        Assert.Equal(Inspect("turned1.png").PixelDigest, Inspect("turned1.webp").PixelDigest);
        Assert.NotEqual(Inspect("turned1.png").PixelDigest, Inspect("turned3.png").PixelDigest);
        Assert.NotEqual(Inspect("turned1.png").ContentDigest, Inspect("bitmap.bmp").ContentDigest);
        // The pixels of turned6 as stored are those of turned1, but shown they are not.
        Assert.NotEqual(Inspect("turned1.png").PixelDigest, Inspect("turned6.png").PixelDigest);
    }

    [Fact]
    public void TheContent_DecidesOnTheFormat_NotTheName()
    {
        ImageFinding found = InspectCopy("photo.jpg", File.ReadAllBytes(Pictures.PathOf("turned1.webp")));
        Assert.Equal(("WebP", ImageFlags.Misnamed, ImageFault.None), (found.Format, found.Flags, found.Fault));
    }

    [Fact]
    public void Background_ShowsThrough()
    {
        string hole = Pictures.PathOf("hole.gif");
        Assert.Equal([255, 255, 255], Rgb(_decoder.Decode(hole, new ImageShape(3, 16, 24), 8, Colour.White))[..3]);
        Assert.Equal([10, 20, 30], Rgb(_decoder.Decode(hole, new ImageShape(3, 16, 24), 8, new Colour(10, 20, 30)))[..3]);
    }

    [Theory]
    [InlineData("tagged.tif", "TIFF")]
    [InlineData("film", "MP4 video", "....ftypisom....")]
    [InlineData("photo.heic", "HEIC", "....ftypheic....")]
    [InlineData("photo.avif", "AVIF", "....ftypavif....")]
    [InlineData("paper.pdf", "PDF", "%PDF-1.7 and more of it")]
    [InlineData("drawing.psd", "Photoshop", "8BPS and more of it")]
    [InlineData("page.jpg", "XML or HTML", "<!DOCTYPE html><p>Not found")]
    [InlineData("BM.txt", "", "BM begins this text, which is no bitmap")]
    [InlineData("notes.txt", "", "nothing in particular")]
    public void WhatIsNotDecoded_IsNamed(string name, string format, string? content = null)
    {
        ImageFinding found = content is null ? Inspect(name) : InspectCopy(name, System.Text.Encoding.Latin1.GetBytes(content));
        Assert.Equal((format, ImageFault.Unsupported), (found.Format, found.Fault));
        Assert.Contains(name, found.Reason);
        if (format.Length > 0) Assert.Contains($"{format}, which is not decoded", found.Reason);
        if (format.Length > 0) Assert.Contains("Convert it to JPEG or PNG", found.Reason);
        Assert.DoesNotContain("damaged", found.Reason);
    }

    [Theory]
    [InlineData("turned6.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("grey.jpg")]
    [InlineData("printed.jpg")]
    public void JpegWithoutItsEndMarker_IsTakenIfEveryPixelIsThere(string name)
    {
        byte[] whole = File.ReadAllBytes(Pictures.PathOf(name));
        Assert.Equal([0xff, 0xd9], whole[^2..]);
        ImageFinding expected = Inspect(name), found = InspectCopy("open.jpg", whole[..^2]);
        Assert.Equal((ImageFault.None, expected.Flags | ImageFlags.NoEndMarker), (found.Fault, found.Flags));
        Assert.Equal(expected.PixelDigest, found.PixelDigest);
        Assert.Equal(ImageFault.None, InspectCopy("trailing.jpg", [.. whole, .. new byte[100]]).Fault);
        Assert.Equal(expected.Flags, InspectCopy("trailing.jpg", [.. whole, .. new byte[100]]).Flags);
    }

    // Whether the file just stops or is filled up with zeros.
    [Theory]
    [InlineData("turned1.jpg")]
    [InlineData("grey.jpg")]
    [InlineData("progressive.jpg")]
    public void TruncatedJpeg_IsRefused_WhereverItEnds(string name)
    {
        byte[] whole = File.ReadAllBytes(Pictures.PathOf(name));
        int scan = whole.AsSpan().LastIndexOf([(byte)0xff, (byte)0xda]);
        for (int end = scan + 12; end < whole.Length - 8; end++)
        {
            Assert.True(InspectCopy("cut.jpg", whole[..end]).Fault == ImageFault.Damaged, $"cut at {end} of {whole.Length}");
            Assert.True(
                InspectCopy("filled.jpg", [.. whole[..end], .. new byte[200]]).Fault == ImageFault.Damaged,
                $"filled from {end} of {whole.Length} on");
        }
    }

    [Fact]
    public void TruncatedJpeg_WithAnEndMarkerAllTheSame_IsRefused()
    {
        byte[] whole = Sample.Encoded(300, 300, "ended", SKEncodedImageFormat.Jpeg, out _);
        foreach (double share in new[] { 0.1, 0.3, 0.5, 0.9, 0.98 })
            Assert.Equal(ImageFault.Damaged, InspectCopy("ended.jpg", [.. whole[..(int)(share * whole.Length)], 0xff, 0xd9]).Fault);
        Assert.Equal(ImageFault.None, InspectCopy("whole.jpg", whole).Fault);
    }

    [Fact]
    public void ProgressiveJpeg_WithoutItsLastScans_IsRefused()
    {
        byte[] whole = File.ReadAllBytes(Pictures.PathOf("progressive.jpg"));
        int lastScan = whole.AsSpan().LastIndexOf([(byte)0xff, (byte)0xda]);
        Assert.Equal(ImageFault.Damaged, InspectCopy("cut.jpg", whole[..lastScan]).Fault);
    }

    [Fact]
    public void MiddleGreyJpeg_IsNotTakenForTruncated()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(40, 40, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Erase(new SKColor(128, 128, 128));
        using SKData jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95);
        Assert.Equal(ImageFault.None, InspectCopy("grey.jpg", jpeg.ToArray()).Fault);
    }

    [Theory]
    [InlineData(14143, 14143, true)]
    [InlineData(20000, 9999, false)]
    [InlineData(4097, 1, false)]
    public void TheLimitIsOnPixels_AndIsNamedAsALimit(int width, int height, bool refused)
    {
        byte[] png = File.ReadAllBytes(Pictures.PathOf("turned1.png"));
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc(png.AsSpan(12, 17)));
        ImageFinding found = InspectCopy("large.png", png);
        Assert.Equal((refused ? ImageFault.TooLarge : ImageFault.Damaged, width, height), (found.Fault, found.Width, found.Height));
        if (!refused) return;
        Assert.Contains("14143x14143 pixels, which is above the limit of 200 million", found.Reason);
        Assert.DoesNotContain("damaged", found.Reason);
    }

    [Theory]
    [InlineData(1, 5000, 3000, 8, 625, 375)]
    [InlineData(6, 3000, 5000, 8, 375, 625)]
    [InlineData(6, 3000, 5000, 2, 1500, 2500)]
    public void LargePhotos_AreDecodedScaled(int orientation, int width, int height, int divisor, int scaledWidth, int scaledHeight)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(5000, 3000, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Erase(SKColors.Blue);
        bitmap.Erase(SKColors.Red, new SKRectI(0, 0, 2500, 3000));
        using SKData jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        ImageFinding found = InspectCopy("photo.jpg", Pictures.WithOrientation(jpeg.ToArray(), orientation));
        Assert.Equal((ImageFault.None, width, height), (found.Fault, found.Width, found.Height));
        DecodedPixels pixels = _decoder.Decode(_folder["photo.jpg"], found.Shape, 8 / divisor, Colour.White);
        Assert.Equal((scaledWidth, scaledHeight), (pixels.Width, pixels.Height));
        // Turned by a quarter to the right, left is on top.
        Assert.InRange(pixels.Rgba[0], 250, 255);
        int other = orientation == 1 ? pixels.Width - 1 : (pixels.Height - 1) * pixels.Width;
        Assert.InRange(pixels.Rgba[4 * other + 2], 250, 255);
    }

    [Fact]
    public void ColourProfile_IsConvertedToSrgb()
    {
        using var wide = SKColorSpace.CreateRgb(SKColorSpaceTransferFn.Srgb, SKColorSpaceXyz.DisplayP3);
        foreach (SKEncodedImageFormat format in new[] { SKEncodedImageFormat.Png, SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Webp })
        {
            byte[] file = Uniform(new SKColor(200, 100, 50), wide, format);
            ImageFinding found = InspectCopy("wide", file);
            Assert.Equal(ImageFlags.ColourProfile, found.Flags);
            byte[] rgb = Rgb(_decoder.Decode(_folder["wide"], found.Shape, 8, Colour.White))[..3];
            // The same colour has more extreme numbers in the smaller space: 215, 95, 30 by the published matrices.
            Assert.InRange(rgb[0], 211, 218);
            Assert.InRange(rgb[1], 91, 99);
            Assert.InRange(rgb[2], 26, 38);
        }
    }

    // The bits of plain JPEG files, and of those that name sRGB's profile, are those of before colours were converted.
    [Fact]
    public void PlainJpegs_GiveTheBitsOfSkiasBitmaps_WithAndWithoutSrgbsProfile()
    {
        for (int number = 0; number < 20; number++)
        {
            byte[] plain = Sample.Encoded(17 + number, 31, $"plain {number}", SKEncodedImageFormat.Jpeg, out _);
            using SKBitmap expected = SKBitmap.Decode(plain, new SKImageInfo(31, 17 + number, SKColorType.Rgba8888, SKAlphaType.Unpremul));
            File.WriteAllBytes(_folder["x"], plain);
            Assert.Equal(
                expected.GetPixelSpan().ToArray(),
                _decoder.Decode(_folder["x"], new ImageShape(3, 17 + number, 31), 8, Colour.White).Bytes.ToArray());
        }
        using SKColorSpace srgb = SKColorSpace.CreateSrgb();
        ImageFinding named = InspectCopy("named", Uniform(new SKColor(200, 100, 50), srgb, SKEncodedImageFormat.Jpeg));
        ImageFinding bare = InspectCopy("bare", Uniform(new SKColor(200, 100, 50), null, SKEncodedImageFormat.Jpeg));
        Assert.Equal((ImageFlags.None, bare.PixelDigest), (named.Flags, named.PixelDigest));
    }

    [Fact]
    public void DamagedFiles_OfEveryFormat_AreNamedAsDamaged()
    {
        foreach (string name in new[] { "turned1.png", "turned1.webp", "bitmap.bmp", "moving.gif" })
        {
            byte[] whole = File.ReadAllBytes(Pictures.PathOf(name));
            ImageFinding found = InspectCopy(name, whole[..(whole.Length / 3)]);
            Assert.Equal(ImageFault.Damaged, found.Fault);
            Assert.Contains(_folder[name], found.Reason);
        }
    }

    [Fact]
    public void AFolderOrMissingFile_IsUnreadable()
    {
        Assert.Equal(ImageFault.Unreadable, _decoder.Inspect(_folder["none.jpg"]).Fault);
        Assert.Equal(ImageFault.Unreadable, _decoder.Inspect(_folder.Path).Fault);
    }

    private ImageFinding Inspect(string name) => _decoder.Inspect(Pictures.PathOf(name));

    private ImageFinding InspectCopy(string name, byte[] content)
    {
        File.WriteAllBytes(_folder[name], content);
        return _decoder.Inspect(_folder[name]);
    }

    private static byte[] Rgb(DecodedPixels pixels) => [.. pixels.Bytes.ToArray().Where((_, i) => i % 4 != 3)];

    private static byte[] Uniform(SKColor colour, SKColorSpace? space, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(16, 16, SKColorType.Rgba8888, SKAlphaType.Opaque, space));
        Span<byte> pixels = bitmap.GetPixelSpan();
        for (int i = 0; i < pixels.Length; i += 4)
            (pixels[i], pixels[i + 1], pixels[i + 2], pixels[i + 3]) = (colour.Red, colour.Green, colour.Blue, 255);
        using SKData data = bitmap.Encode(format, 100);
        return data.ToArray();
    }

    // Of PNG's chunks.
    private static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xedb88320 & (0u - (crc & 1)));
        }
        return ~crc;
    }
}
