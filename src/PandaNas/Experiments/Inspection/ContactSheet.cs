using PandaNas.Data.Batches;
using PandaNas.Data.Formats;
using PandaNas.Runtime.Files;
using SkiaSharp;
using TorchSharp;

namespace PandaNas.Experiments.Inspection;

/// <summary>A picture of some images of every class as the network sees them, a row a class, with the class names.</summary>
internal static class ContactSheet
{
    private const int ImagesPerClass = 10, MostClasses = 100;
    private const int LeastSide = 64, MostSide = 160, Gap = 4, LabelHeight = 20, LetterHeight = 14;

    /// <summary>Writes a PNG file.</summary>
    /// <exception cref="RunFailedException">It cannot be written.</exception>
    public static void Write(string path, ImageData data)
    {
        LabelledImages images = data.Train;
        // Whole multiples of the pixels, so that they can be seen.
        int side = images.Height >= LeastSide
            ? Math.Min(images.Height, MostSide)
            : (LeastSide + images.Height - 1) / images.Height * images.Height;
        var sampling = new SKSamplingOptions(images.Height > MostSide ? SKFilterMode.Linear : SKFilterMode.Nearest);
        int classes = Math.Min(images.Classes, MostClasses);
        int width = ImagesPerClass * (side + Gap) + Gap, rowHeight = LabelHeight + side + Gap;
        using var bitmap = new SKBitmap(new SKImageInfo(width, classes * rowHeight + Gap, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        using Stream letters = EmbeddedFiles.OpenFont();
        using SKTypeface typeface = SKTypeface.FromStream(letters);
        using var font = new SKFont(typeface, LetterHeight) { Edging = SKFontEdging.Alias };
        using var black = new SKPaint { Color = SKColors.Black };
        int[] labels = images.Labels.ToArray();
        ILookup<int, int> byClass = Enumerable.Range(0, labels.Length).ToLookup(example => labels[example]);
        for (int label = 0; label < classes; label++)
        {
            int top = Gap + label * rowHeight;
            int[] members = [.. byClass[label]];
            string heading = FormattableString.Invariant($"{images.ClassNames[label]} ({members.Length})");
            canvas.DrawText(Fitted(heading, font, width - 2 * Gap), Gap, top + LetterHeight, SKTextAlign.Left, font, black);
            int shown = Math.Min(members.Length, ImagesPerClass);
            for (int column = 0; column < shown; column++)
            {
                using SKBitmap picture = Picture(images, members[(int)((long)column * members.Length / shown)]);
                using SKImage image = SKImage.FromBitmap(picture);
                canvas.DrawImage(image, SKRect.Create(Gap + column * (side + Gap), top + LabelHeight, side, side), sampling);
            }
        }
        canvas.Flush();
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, stream => png.SaveTo(stream));
    }

    // What is too long loses its middle.
    private static string Fitted(string text, SKFont font, int width)
    {
        string shown = text;
        for (int kept = text.Length / 2; kept > 0 && font.MeasureText(shown) > width; kept--) shown = $"{text[..kept]}…{text[^kept..]}";
        return shown;
    }

    // By way of a batch, so that whatever is done to images between file and network is seen.
    private static SKBitmap Picture(LabelledImages images, int example)
    {
        var identity = new ChannelStatistics([.. Enumerable.Repeat(0f, images.Channels)], [.. Enumerable.Repeat(1f, images.Channels)]);
        using Batch batch = images.Batches(identity, Augmentation.None).MakePlain([example], torch.CPU);
        return BatchPicture.Of(batch, 0, identity);
    }
}
