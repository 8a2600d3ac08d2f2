using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Tests.Data.Decoding;
using SkiaSharp;

namespace PandaNas.Tests.Data.Formats;

/// <summary>
/// End to end: a network learns from turned photographs and from shapes on transparency as from what a viewer shows of them.
/// </summary>
public sealed class TurnedAndTransparentTests : IDisposable
{
    private const int Side = 32;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // The class is the direction of a ramp, which a turn by a quarter changes: unturned, the classes would be mixed.
    [Fact]
    public void TurnedPhotographs_TrainAsUprightCopies()
    {
        WriteBoth((label, number) =>
        {
            byte[] jpeg = Encode(SKEncodedImageFormat.Jpeg, (x, y) => Ramp(label == 0 ? x : y, number));
            return Pictures.WithOrientation(jpeg, 1 + number % 8);
        });
        using ImageData given = Sample.Open($"images:{_folder["given"]}", cache: _folder["cache"]);
        Assert.Equal(70, given.Files.Count(file => file.Part == ImagePart.Training && file.Finding.Flags == ImageFlags.Rotated));
        Assert.Equal(Train("viewed"), Train("given"));
    }

    // Black shapes of the same colour under the transparency: composited on white they are seen, else all pictures are black.
    [Fact]
    public void TransparentShapes_TrainAsCompositedCopies()
    {
        WriteBoth((label, number) => Encode(SKEncodedImageFormat.Png, (x, y) =>
        {
            int dx = x - 12 - number % 8, dy = y - 12 - number / 8;
            bool inside = label == 0 ? dx * dx + dy * dy < 60 : Math.Abs(dx) < 3 || Math.Abs(dy) < 3;
            return new SKColor(0, 0, 0, (byte)(inside ? 255 : 0));
        }));
        Assert.Equal(Train("viewed"), Train("given"));
        using ImageData data = Sample.Open($"images:{_folder["given"]}", cache: _folder["cache"]);
        Assert.Equal(Side * Side, data.Train.Pixels(0).ToArray().Take(Side * Side).Count(value => value is 0 or 255));
        Assert.Contains((byte)255, data.Train.Pixels(0).ToArray());
        Assert.All(data.Files, file => Assert.Equal(ImageFlags.Transparent, file.Finding.Flags));
    }

    private static SKColor Ramp(int along, int number) => new((byte)(along * 8), (byte)(255 - along * 8), (byte)(number * 5));

    // "given" has the files, "viewed" PNG copies of what a viewer shows, made by Skia's canvas.
    private void WriteBoth(Func<int, int, byte[]> encode)
    {
        for (int number = 0; number < 48; number++)
            for (int label = 0; label < 2; label++)
            {
                string part = number < 40 ? "train" : "test", name = label == 0 ? "a" : "b";
                byte[] file = encode(label, number);
                foreach ((string folder, byte[] content) in new[] { ("given", file), ("viewed", Viewed(file)) })
                {
                    Directory.CreateDirectory(_folder[folder, part, name]);
                    File.WriteAllBytes(_folder[folder, part, name, $"{number:D2}.img"], content);
                }
            }
    }

    private static byte[] Encode(SKEncodedImageFormat format, Func<int, int, SKColor> colour)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (int y = 0; y < Side; y++)
            for (int x = 0; x < Side; x++) bitmap.SetPixel(x, y, colour(x, y));
        using SKData data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    private static byte[] Viewed(byte[] file)
    {
        using SKCodec codec = SKCodec.Create(new MemoryStream(file));
        using SKBitmap stored = SKBitmap.Decode(codec);
        using var shown = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(shown))
        {
            canvas.Clear(SKColors.White);
            canvas.SetMatrix(Turn(codec.EncodedOrigin));
            canvas.DrawBitmap(stored, 0, 0, new SKSamplingOptions(SKFilterMode.Nearest));
        }
        using SKData data = shown.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    // As Skia's own SkEncodedOriginToMatrix.
    private static SKMatrix Turn(SKEncodedOrigin origin) => origin switch
    {
        SKEncodedOrigin.TopRight => new SKMatrix(-1, 0, Side, 0, 1, 0, 0, 0, 1),
        SKEncodedOrigin.BottomRight => new SKMatrix(-1, 0, Side, 0, -1, Side, 0, 0, 1),
        SKEncodedOrigin.BottomLeft => new SKMatrix(1, 0, 0, 0, -1, Side, 0, 0, 1),
        SKEncodedOrigin.LeftTop => new SKMatrix(0, 1, 0, 1, 0, 0, 0, 0, 1),
        SKEncodedOrigin.RightTop => new SKMatrix(0, -1, Side, 1, 0, 0, 0, 0, 1),
        SKEncodedOrigin.RightBottom => new SKMatrix(0, -1, Side, -1, 0, Side, 0, 0, 1),
        SKEncodedOrigin.LeftBottom => new SKMatrix(0, 1, 0, -1, 0, Side, 0, 0, 1),
        _ => SKMatrix.Identity,
    };

    private string Train(string folder)
    {
        var options = new SupernetOptions
        {
            Data = $"images:{_folder[folder]}",
            CacheFolder = _folder["cache"],
            Channels = 2,
            Cells = 1,
            ValidationImages = 16,
            Epochs = 2,
            BatchSize = 16,
            Threads = 1,
            Precision = PrecisionChoice.Float32,
        };
        SupernetExperiment.Train(options, _folder["run", folder], resume: false, RunContext.Quiet);
        return Convert.ToHexString(File.ReadAllBytes(_folder["run", folder, "weights.safetensors"]));
    }
}
