using PandaNas.Data.Augmenting;
using PandaNas.Data.Decoding;
using PandaNas.Data.Resizing;

namespace PandaNas.Data.Reading;

/// <summary>What one thread needs to turn files into images: decoder, resampler and their buffers, kept from file to file.</summary>
internal sealed class ImageWorkspace
{
    private readonly Resampler _resampler = new();
    private PlanarImage _image = new(1);
    private byte[] _padded = [], _pixels = [];

    /// <summary>The decoder.</summary>
    public ImageDecoder Decoder { get; } = new();

    /// <summary>Operations of the image at hand.</summary>
    public List<OperationDraw> Draws { get; } = [];

    /// <summary>Room for pixels that are no file's, valid until it is asked for again.</summary>
    public DecodedPixels Empty(int width, int height) => DecodedPixels.Empty(width, height, ref _pixels);

    /// <summary>Decodes a file at the smallest scale at which the part still has the wanted size, and scales the part to it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stored">Its upright size.</param>
    /// <param name="fitting">How it becomes a square.</param>
    /// <param name="box">The part, as <paramref name="fitting"/> gives it.</param>
    /// <param name="side">Height and width that are wanted, in pixels.</param>
    /// <returns>The image, valid until the next one is read.</returns>
    /// <exception cref="BadDataException">The file is missing, damaged, or was changed.</exception>
    public PlanarImage Read(string path, ImageShape stored, Fitting fitting, CropBox box, int side)
    {
        return Fit(Decoder.Decode(path, stored, Eighths(box, side), fitting.Background), stored, fitting, box, side);
    }

    /// <summary>Scales a part of decoded pixels to a square.</summary>
    /// <param name="pixels">The pixels, perhaps of a reduced scale.</param>
    /// <param name="stored">The upright size of the file.</param>
    /// <param name="fitting">How it becomes a square.</param>
    /// <param name="box">The part, as <paramref name="fitting"/> gives it for the file's size.</param>
    /// <param name="side">Height and width that are wanted, in pixels.</param>
    /// <returns>The image, valid until the next one is read.</returns>
    public PlanarImage Fit(DecodedPixels pixels, ImageShape stored, Fitting fitting, CropBox box, int side)
    {
        if (_image.Side != side) _image = new PlanarImage(side);
        int width = stored.Width, height = stored.Height;
        if (fitting.Fit == ImageFit.Pad)
        {
            pixels = pixels.Padded(fitting.Background, ref _padded);
            width = height = Math.Max(width, height);
        }
        CropBox scaled = box.Scale((double)pixels.Width / width, (double)pixels.Height / height);
        _resampler.Apply(pixels, scaled, _image.Planes, side);
        return _image;
    }

    /// <summary>The scale, in eighths, at which a part has the wanted size: a power of two, for which decoders have fast paths.</summary>
    internal static int Eighths(CropBox box, int side)
    {
        double least = 8 * side / Math.Min(box.Width, box.Height);
        return least <= 1 ? 1 : least <= 2 ? 2 : least <= 4 ? 4 : 8;
    }
}
