using System.Globalization;
using PandaNas.Data.Batches;
using PandaNas.Data.Reading;
using PandaNas.Data.Resizing;
using PandaNas.Exporting;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Models;

/// <summary>Images that an exported model is checked on.</summary>
/// <param name="Pixels">N×C×S×S bytes.</param>
/// <param name="Labels">Their classes; null where none are known.</param>
/// <param name="Of">What they are called.</param>
internal sealed record CheckImages(byte[] Pixels, int[]? Labels, string Of);

/// <summary>How well an exported model agrees with the network that it was made of.</summary>
/// <param name="Images">On how many images.</param>
/// <param name="LargestDifference">Between two logits, as a share of the largest logit.</param>
/// <param name="SameClasses">How many images both put into the same class.</param>
/// <param name="LargestPixelDifference">
/// Between what the model and the library make of a picture, of 255; null without preprocessing inside.
/// </param>
/// <param name="Accuracy">Of the model in its runtime, in [0, 1]; null where the images' classes are unknown.</param>
/// <param name="AccuracyInTorch">Of the network, in [0, 1].</param>
internal sealed record OnnxAgreement(
    int Images, double LargestDifference, int SameClasses, double? LargestPixelDifference, double? Accuracy, double? AccuracyInTorch);

/// <summary>Runs an exported model beside its network.</summary>
internal static class OnnxCheck
{
    /// <summary>What is still agreement: rounding of single precision in another order.</summary>
    public const double Tolerance = 1e-4;

    // Both round to whole pixel values; a tie may fall either way.
    private const double PixelTolerance = 1.01;

    private const int BatchSize = 64;

    /// <summary>Compares them, on all images and on the first one alone.</summary>
    /// <param name="model">The network.</param>
    /// <param name="options">How it was written.</param>
    /// <param name="images">What they see.</param>
    /// <param name="file">The model's bytes.</param>
    /// <param name="open">Opens a model in a runtime.</param>
    /// <exception cref="RunFailedException">They disagree.</exception>
    public static OnnxAgreement Run(
        ExportableModel model, OnnxOptions options, CheckImages images, byte[] file, Func<byte[], IOnnxRunner> open)
    {
        (int channels, int side) = (model.Preprocessing.Channels, model.Preprocessing.Side);
        int bytes = channels * side * side, count = images.Pixels.Length / bytes;
        using IOnnxRunner runner = open(file);
        using IOnnxRunner? first = options.Preprocessing == Preprocessing.Inside ? open(OnnxModel.Write(model.Preprocessing)) : null;
        var (expected, actual, alone) = (new List<float>(), new List<float>(), Array.Empty<float>());
        double? pixelDifference = null;
        for (int start = 0; start < count; start += BatchSize)
        {
            int some = Math.Min(BatchSize, count - start);
            byte[] pixels = images.Pixels[(start * bytes)..((start + some) * bytes)];
            float[] seen;
            if (first is null)
            {
                seen = Normalized(model, pixels);
                actual.AddRange(runner.Run(seen, some, channels, side, side));
                if (start == 0) alone = runner.Run(seen[..bytes], 1, channels, side, side);
            }
            else
            {
                byte[] interleaved = Interleaved(pixels, some, channels, side);
                seen = first.Run(interleaved, some, side, side, channels);
                pixelDifference = Math.Max(pixelDifference ?? 0, PixelDifference(model, interleaved, seen, some));
                actual.AddRange(runner.Run(interleaved, some, side, side, channels));
                if (start == 0) alone = runner.Run(interleaved[..bytes], 1, side, side, channels);
            }
            expected.AddRange(Logits(model, seen, some));
        }
        // Eight bits differ; what that costs is said as accuracy.
        double tolerance = options.Int8 ? double.PositiveInfinity : Tolerance;
        return Compare([.. expected], [.. actual], alone, images.Labels, count, pixelDifference, tolerance);
    }

    /// <summary>What the library makes of pictures that are at hand: N×C×S×S.</summary>
    /// <param name="model">For which network.</param>
    /// <param name="interleaved">N×H×W×C bytes.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    public static float[] Read(ExportableModel model, byte[] interleaved, int height, int width)
    {
        var shape = new ImageShape(model.Preprocessing.Channels, model.Preprocessing.Side, model.Preprocessing.Side);
        var reader = new PictureReader(model.Card.Input.Fitting, model.Card.Input.BackgroundColour, shape);
        var workspace = new ImageWorkspace();
        int bytes = height * width * shape.Channels, count = interleaved.Length / bytes;
        byte[] planes = new byte[count * shape.Bytes];
        for (int i = 0; i < count; i++)
            reader.Read(interleaved.AsSpan(i * bytes, bytes), width, height, workspace).Pixels.CopyTo(planes, i * shape.Bytes);
        return Normalized(model, planes);
    }

    private static double PixelDifference(ExportableModel model, byte[] interleaved, float[] seen, int count)
    {
        float[] expected = Read(model, interleaved, model.Preprocessing.Side, model.Preprocessing.Side);
        int area = model.Preprocessing.Side * model.Preprocessing.Side;
        ChannelStatistics statistics = model.Card.Input.Statistics;
        double largest = 0;
        for (int i = 0; i < seen.Length; i++)
            largest = Math.Max(
                largest, Math.Abs(seen[i] - expected[i]) * 255 * statistics.Divisor(i / area % model.Preprocessing.Channels));
        return largest;
    }

    private static OnnxAgreement Compare(
        float[] expected, float[] actual, float[] alone, int[]? labels, int count, double? pixels, double tolerance)
    {
        double scale = expected.Max(Math.Abs), largest = 0;
        for (int i = 0; i < expected.Length; i++) largest = Worse(largest, Math.Abs(actual[i] - expected[i]));
        for (int i = 0; i < alone.Length; i++) largest = Worse(largest, Math.Abs(alone[i] - expected[i]));
        int[] classes = Classes(actual, count), inTorch = Classes(expected, count);
        var agreement = new OnnxAgreement(
            count, scale == 0 ? largest : largest / scale, Matches(classes, inTorch), pixels, Accuracy(classes), Accuracy(inTorch));
        if (!(agreement.LargestDifference <= tolerance))
            throw new RunFailedException(string.Create(
                CultureInfo.InvariantCulture,
                $"the exported model gives other logits than the network: they differ by up to {agreement.LargestDifference:E1} "
                + $"of the largest, expected at most {Tolerance:E0}. Nothing was written; please report it."));
        if (pixels > PixelTolerance)
            throw new RunFailedException(
                FormattableString.Invariant(
                    $"the exported model makes other images of pictures than the library: pixels differ by up to {pixels:F1} of 255. ")
                + "Nothing was written; please report it.");
        return agreement;

        double? Accuracy(int[] found) => labels is null ? null : (double)Matches(found, labels) / count;
    }

    private static int Matches(int[] one, int[] other) => one.Zip(other, (left, right) => left == right).Count(same => same);

    private static int[] Classes(float[] logits, int count)
    {
        int classes = logits.Length / count;
        return [.. Enumerable.Range(0, count).Select(image => Largest(logits.AsSpan(image * classes, classes)))];
    }

    // A difference that is no number stays.
    private static double Worse(double one, double other) => double.IsNaN(one) || one > other ? one : other;

    private static int Largest(ReadOnlySpan<float> values)
    {
        int largest = 0;
        for (int i = 1; i < values.Length; i++)
            if (values[i] > values[largest]) largest = i;
        return largest;
    }

    // In single precision, as the file is.
    private static float[] Logits(ExportableModel model, float[] images, int count)
    {
        (int channels, int side) = (model.Preprocessing.Channels, model.Preprocessing.Side);
        Precision precision = model.Network.Precision;
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        try
        {
            model.Network.Precision = Precision.Float32;
            using var batch = tensor(images, [count, channels, side, side]);
            return model.Network.Forward(batch, model.Architecture, training: false).data<float>().ToArray();
        }
        finally
        {
            model.Network.Precision = precision;
        }
    }

    private static float[] Normalized(ExportableModel model, byte[] pixels)
    {
        (int channels, int side) = (model.Preprocessing.Channels, model.Preprocessing.Side);
        int count = pixels.Length / (channels * side * side);
        using var images = ImageSet.FromArray(pixels, new int[count], channels, side, side, model.Card.Classes);
        using Batch batch = images.Batches(model.Card.Input.Statistics, Augmentation.None).MakePlain([.. Enumerable.Range(0, count)], CPU);
        using Tensor plain = batch.Images.contiguous();
        return plain.data<float>().ToArray();
    }

    private static byte[] Interleaved(byte[] pixels, int count, int channels, int side)
    {
        int area = side * side;
        byte[] interleaved = new byte[pixels.Length];
        for (int image = 0; image < count; image++)
            for (int channel = 0; channel < channels; channel++)
                for (int i = 0; i < area; i++)
                    interleaved[(image * area + i) * channels + channel] = pixels[(image * channels + channel) * area + i];
        return interleaved;
    }
}
