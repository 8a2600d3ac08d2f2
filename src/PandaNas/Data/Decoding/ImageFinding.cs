using PandaNas.Data.Resizing;

namespace PandaNas.Data.Decoding;

/// <summary>What is special about an image file that can be used; shown by <c>data inspect</c>.</summary>
[Flags]
internal enum ImageFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Its EXIF orientation is not the stored one: it is turned or mirrored to what a viewer shows.</summary>
    Rotated = 1,

    /// <summary>At least one pixel is not opaque: the background shows through.</summary>
    Transparent = 2,

    /// <summary>Stored with one channel; its red, green and blue are equal.</summary>
    Grey = 4,

    /// <summary>Stored with 16 bits per channel; reduced to 8.</summary>
    SixteenBit = 8,

    /// <summary>Stored as cyan, magenta, yellow and black; converted to red, green and blue.</summary>
    Cmyk = 16,

    /// <summary>A JPEG file whose end marker is missing although every pixel is there.</summary>
    NoEndMarker = 32,

    /// <summary>Its colour profile is not sRGB's; converted to sRGB.</summary>
    ColourProfile = 64,

    /// <summary>It holds several pictures (an animation), of which the first is taken.</summary>
    Animated = 128,

    /// <summary>Its name ends as another format's does: a WebP image that is called <c>.jpg</c>.</summary>
    Misnamed = 256,
}

/// <summary>Why an image file cannot be used.</summary>
internal enum ImageFault
{
    /// <summary>It can.</summary>
    None,

    /// <summary>It is truncated, its header or its pixels are damaged, or it is empty.</summary>
    Damaged,

    /// <summary>It is not an image, or an image in a format that is not decoded (TIFF, HEIC, AVIF): convert it to JPEG or PNG.</summary>
    Unsupported,

    /// <summary>It is sound as far as one knows, but has more pixels or bytes than are read.</summary>
    TooLarge,

    /// <summary>It cannot be opened or read: permissions, a folder of that name, an error of the disk.</summary>
    Unreadable,
}

/// <summary>What was found in an image file; kept in the cache folder, so that a second look opens no file.</summary>
/// <param name="Format">The format by content, whatever the name says: <c>JPEG</c>, <c>PNG</c>, <c>TIFF</c>, …; empty if unknown.</param>
/// <param name="Width">Width in pixels, upright as a viewer shows it; 0 if unknown.</param>
/// <param name="Height">Height in pixels, upright; 0 if unknown.</param>
/// <param name="Flags">What is special about it.</param>
/// <param name="Fault">Why it cannot be used.</param>
/// <param name="Reason">The fault as a sentence or two that name the file and say what to do; null without a fault.</param>
/// <param name="ContentDigest">The first 16 bytes of the SHA-256 of the file's bytes; 0 with a fault.</param>
/// <param name="PixelDigest">
/// 16 bytes that are equal for files which show the same pixels, whatever their metadata; 0 with a fault. Large JPEG files are compared
/// at an eighth of their size.
/// </param>
internal sealed record ImageFinding(
    string Format, int Width, int Height, ImageFlags Flags, ImageFault Fault, string? Reason, UInt128 ContentDigest, UInt128 PixelDigest)
{
    /// <summary>Whether the file can train.</summary>
    public bool IsUsable => Fault == ImageFault.None;

    /// <summary>The upright size, as decoded.</summary>
    internal ImageShape Shape => new(3, Height, Width);

    /// <summary>The fault in a word or two: <c>damaged</c>, <c>TIFF</c>, <c>too large</c>; empty without one.</summary>
    public string FaultText => Fault switch
    {
        ImageFault.None => "",
        ImageFault.Damaged => "damaged",
        ImageFault.Unsupported => Format.Length > 0 ? Format : "no image",
        ImageFault.TooLarge => "too large",
        _ => "unreadable",
    };
}
