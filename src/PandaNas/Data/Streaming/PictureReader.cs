using PandaNas.Data.Decoding;
using PandaNas.Data.Images;

namespace PandaNas.Data.Streaming;

/// <summary>
/// Makes single pictures of any size what a network takes, exactly as the readers of its training images did. One a thread: the buffers
/// are kept.
/// </summary>
/// <param name="fitting">
/// How pictures become squares; null where the training images were squares that were kept whole. Squares of at least the side are
/// then scaled down as those were, others enlarged whole, and what is not square is cropped to its middle.
/// </param>
/// <param name="background">Shows through transparent pictures.</param>
/// <param name="shape">What the network takes: grey, or red, green and blue.</param>
internal sealed class PictureReader(Fitting? fitting, Colour background, ImageShape shape)
{
    private readonly ImageWorkspace _workspace = new();
    private byte[] _rgba = [];

    /// <summary>Bytes of what is made of a picture.</summary>
    public int Bytes => shape.Bytes;

    /// <summary>Reads a picture's file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="planes">Receives C×S×S bytes.</param>
    /// <exception cref="BadDataException">It is missing, damaged, truncated, or no image.</exception>
    public void Read(string path, Span<byte> planes) => Read(path, _workspace.Decoder.Load(path), planes);

    /// <summary>Reads a picture's file in memory.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="file">The file.</param>
    /// <param name="planes">Receives C×S×S bytes.</param>
    /// <exception cref="BadDataException">It is damaged, truncated, or no image.</exception>
    public void Read(string name, ReadOnlySpan<byte> file, Span<byte> planes)
    {
        ImageShape stored = default;
        DecodedPixels pixels = _workspace.Decoder.Decode(name, file, background, found =>
        {
            stored = found;
            return FittingOf(found) is { } fit ? ImageWorkspace.Eighths(fit.Plain(found.Width, found.Height), shape.Width) : 8;
        });
        Fit(pixels, stored, planes);
    }

    /// <summary>Takes pixels that are at hand.</summary>
    /// <param name="pixels">H×W×3 bytes, red, green, blue; or H×W grey ones.</param>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    /// <param name="planes">Receives C×S×S bytes.</param>
    public void Read(ReadOnlySpan<byte> pixels, int width, int height, Span<byte> planes)
    {
        DecodedPixels rgba = DecodedPixels.Empty(width, height, ref _rgba);
        int channels = pixels.Length / (width * height);
        Span<byte> target = rgba.Bytes;
        for (int i = 0; i < width * height; i++)
        {
            ReadOnlySpan<byte> pixel = pixels.Slice(i * channels, channels);
            (target[4 * i], target[4 * i + 1], target[4 * i + 2], target[4 * i + 3]) =
                (pixel[0], pixel[channels / 2], pixel[channels - 1], 255);
        }
        Fit(rgba, new ImageShape(3, height, width), planes);
    }

    private Fitting? FittingOf(ImageShape stored) => fitting
        ?? (stored.Width != stored.Height ? new Fitting(ImageFit.Crop, background)
            : stored.Width < shape.Width ? new Fitting(ImageFit.Squash, background)
            : null);

    private void Fit(DecodedPixels pixels, ImageShape stored, Span<byte> planes)
    {
        if (FittingOf(stored) is { } fit)
        {
            Colour(_workspace.Fit(pixels, stored, fit, fit.Plain(stored.Width, stored.Height), shape.Width).Planes, planes);
            return;
        }
        byte[] whole = new byte[stored.Bytes], small = new byte[3 * shape.Width * shape.Width];
        pixels.CopyPlanes(whole);
        new AreaDownscale(stored.Height, stored.Width, shape.Width).Apply(whole, small);
        Colour(small, planes);
    }

    // Grey by ITU-R BT.601, which leaves pictures that are grey already as they are.
    private void Colour(ReadOnlySpan<byte> rgb, Span<byte> planes)
    {
        if (shape.Channels == 3)
        {
            rgb.CopyTo(planes);
            return;
        }
        int area = planes.Length;
        for (int i = 0; i < area; i++) planes[i] = (byte)((299 * rgb[i] + 587 * rgb[i + area] + 114 * rgb[i + 2 * area] + 500) / 1000);
    }
}
