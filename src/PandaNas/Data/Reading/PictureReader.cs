using PandaNas.Data.Decoding;
using PandaNas.Data.Resizing;

namespace PandaNas.Data.Reading;

/// <summary>What was read of a picture.</summary>
/// <param name="Pixels">C×H×W bytes or, of a reader that keeps sizes, H×W×C.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
internal readonly record struct Picture(byte[] Pixels, int Height, int Width);

/// <summary>Makes single pictures of any size what a network takes, exactly as the readers of its training images did.</summary>
/// <param name="fitting">
/// How pictures become squares; null where the training images were squares that were kept whole. Squares of at least the side are
/// then scaled down as those were, others enlarged whole, and what is not square is cropped to its middle.
/// </param>
/// <param name="background">Shows through transparent pictures.</param>
/// <param name="shape">What the network takes: grey, or red, green and blue.</param>
/// <param name="keepsSize">
/// Whether pictures stay as they are decoded, because the network makes them squares by itself: large JPEG files at a reduced size that is
/// still large enough, as for the other readers.
/// </param>
internal sealed class PictureReader(Fitting? fitting, Colour background, ImageShape shape, bool keepsSize = false)
{
    /// <summary>Reads a picture's file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="workspace">The thread's.</param>
    /// <exception cref="BadDataException">It is missing, damaged, truncated, or no image.</exception>
    public Picture Read(string path, ImageWorkspace workspace) => Read(path, workspace.Decoder.Load(path), workspace);

    /// <summary>Reads a picture's file in memory.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="file">The file.</param>
    /// <param name="workspace">The thread's.</param>
    /// <exception cref="BadDataException">It is damaged, truncated, or no image.</exception>
    public Picture Read(string name, ReadOnlySpan<byte> file, ImageWorkspace workspace)
    {
        ImageShape stored = default;
        DecodedPixels pixels = workspace.Decoder.Decode(name, file, background, found =>
        {
            stored = found;
            return FittingOf(found) is { } fit ? ImageWorkspace.Eighths(fit.Plain(found.Width, found.Height), shape.Width) : 8;
        });
        return Fit(pixels, stored, workspace);
    }

    /// <summary>Takes pixels that are at hand.</summary>
    /// <param name="pixels">H×W×3 bytes, red, green, blue; or H×W grey ones.</param>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    /// <param name="workspace">The thread's.</param>
    public Picture Read(ReadOnlySpan<byte> pixels, int width, int height, ImageWorkspace workspace)
    {
        DecodedPixels rgba = workspace.Empty(width, height);
        int channels = pixels.Length / (width * height);
        Span<byte> target = rgba.Bytes;
        for (int i = 0; i < width * height; i++)
        {
            ReadOnlySpan<byte> pixel = pixels.Slice(i * channels, channels);
            (target[4 * i], target[4 * i + 1], target[4 * i + 2], target[4 * i + 3]) =
                (pixel[0], pixel[channels / 2], pixel[channels - 1], 255);
        }
        return Fit(rgba, new ImageShape(3, height, width), workspace);
    }

    private Fitting? FittingOf(ImageShape stored) => fitting
        ?? (stored.Width != stored.Height ? new Fitting(ImageFit.Crop, background)
            : stored.Width < shape.Width ? new Fitting(ImageFit.Squash, background)
            : null);

    private Picture Fit(DecodedPixels pixels, ImageShape stored, ImageWorkspace workspace)
    {
        if (keepsSize) return new Picture(Interleaved(pixels), pixels.Height, pixels.Width);
        byte[] planes = new byte[shape.Bytes];
        if (FittingOf(stored) is { } fit)
        {
            TakeColours(workspace.Fit(pixels, stored, fit, fit.Plain(stored.Width, stored.Height), shape.Width).Planes, planes);
        }
        else
        {
            byte[] whole = new byte[stored.Bytes], small = new byte[3 * shape.Width * shape.Width];
            pixels.CopyPlanes(whole);
            new AreaDownscale(stored.Height, stored.Width, shape.Width).Apply(whole, small);
            TakeColours(small, planes);
        }
        return new Picture(planes, shape.Height, shape.Width);
    }

    private void TakeColours(ReadOnlySpan<byte> rgb, Span<byte> planes)
    {
        if (shape.Channels == 3)
        {
            rgb.CopyTo(planes);
            return;
        }
        int area = planes.Length;
        for (int i = 0; i < area; i++) planes[i] = Grey(rgb[i], rgb[i + area], rgb[i + 2 * area]);
    }

    private byte[] Interleaved(DecodedPixels pixels)
    {
        ReadOnlySpan<byte> rgba = pixels.Bytes;
        int area = pixels.Width * pixels.Height;
        byte[] interleaved = new byte[checked(area * shape.Channels)];
        for (int i = 0; i < area; i++)
        {
            if (shape.Channels == 1) interleaved[i] = Grey(rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]);
            else rgba.Slice(4 * i, 3).CopyTo(interleaved.AsSpan(3 * i));
        }
        return interleaved;
    }

    // By ITU-R BT.601, which leaves pictures that are grey already as they are.
    private static byte Grey(int red, int green, int blue) => (byte)((299 * red + 587 * green + 114 * blue + 500) / 1000);
}
