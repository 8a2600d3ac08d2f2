using System.Diagnostics;
using System.Globalization;
using SkiaSharp;

namespace PandaNas.Cli.Tests.Samples;

/// <summary>samples/MlNet: a model in an ML.NET pipeline says what the library says.</summary>
[Collection(PandaCollection.Name)]
public sealed class MlNetTests : IDisposable
{
    private const int Side = 16, Pictures = 24;

    private static readonly SKColor[] s_colours = [SKColors.Firebrick, SKColors.SeaGreen, SKColors.SteelBlue];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task APipeline_SaysWhatTheLibrarySays()
    {
        string[] files = [.. Enumerable.Range(0, Pictures).Select(Write)];
        string run = _folder["run"], model = _folder["model.onnx"];
        string[] retrain =
        [
            "retrain", "--architecture", TrainedRun.Architectures[0], "--out", run, "--data", $"images:{_folder["pictures"]}",
            .. "--channels 2 --cells 1 --epochs 2 --batch-size 8 --threads 1 --precision float32".Split(' '),
        ];
        foreach (string[] arguments in (string[][])[retrain, ["export", run, "--preprocessing", "inside", "--out", model]])
        {
            Outcome outcome = Panda.Run(arguments);
            Assert.True(outcome.Code == 0, outcome.Error);
        }
        (int code, string output, string error) = await Run(model, _folder["pictures"]);
        Assert.True(code == 0, error);
        using Model library = Model.Load(run);
        files = [.. files.Order(StringComparer.Ordinal)];
        string[] labels = [.. library.Predict(files, TestContext.Current.CancellationToken).Select(prediction => prediction.Label)];
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(labels[..5], lines[..5].Select(line => line[(line.LastIndexOf(' ') + 1)..]));
        double right = files.Zip(labels, (file, label) => Class(file) == label).Count(same => same);
        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"accuracy on {Pictures} pictures: {right / Pictures:P2}"), lines[^1]);

        (code, _, error) = await Run(model, run);
        Assert.Equal(3, code);
        Assert.Contains("has no folder named as a class", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using Process process = Sample.Start("MlNet", arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    private static string Class(string file) => Path.GetFileName(Path.GetDirectoryName(file)!);

    // Squares of one size, which no reader scales.
    private string Write(int number)
    {
        string folder = _folder["pictures", $"class{number % s_colours.Length}"];
        Directory.CreateDirectory(folder);
        using var bitmap = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { Color = SKColors.White })
        {
            canvas.Clear(s_colours[number % s_colours.Length]);
            canvas.DrawCircle(number % 7 + 4, number % 5 + 5, 3, paint);
        }
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        string file = Path.Combine(folder, $"{number:D3}.png");
        File.WriteAllBytes(file, data.ToArray());
        return file;
    }
}
