using System.Text.Json.Nodes;
using Google.Protobuf;
using PandaNas.Data.Resizing;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Exporting;
using PandaNas.Onnx.Protocol;
using PandaNas.OnnxRuntime;
using PandaNas.Tests.Data;
using SkiaSharp;

namespace PandaNas.Tests.OnnxRuntime;

/// <summary>An exported model says of pictures what the model does that it was made of, whoever scales them.</summary>
public sealed class OnnxClassifierTests : IDisposable
{
    private const string Cell = "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|nor_conv_3x3~0|none~1|skip_connect~2|";
    private static readonly string[] Classes = ["cat", "dog", "emu"];
    private readonly TemporaryFolder _folder = new(), _images = new();

    public void Dispose()
    {
        _folder.Dispose();
        _images.Dispose();
    }

    [Theory]
    [InlineData(ImageFit.Auto)]
    [InlineData(ImageFit.Crop)]
    [InlineData(ImageFit.Squash)]
    [InlineData(ImageFit.Pad)]
    public void PicturesOfEveryKind_AreWhatTheModelSays(ImageFit fit)
    {
        Retrain(fit, Preprocessing.Outside, Preprocessing.Inside);
        string[] paths = [.. Pictures()];
        using Model model = Model.Load(_folder["run"]);
        Prediction[] expected = [.. paths.Select(model.Predict)];
        foreach (string name in (string[])["outside.onnx", "inside.onnx"])
        {
            using var onnx = OnnxClassifier.Load(_folder[name]);
            Assert.Equal((model.Architecture, model.TestAccuracy, 16), (onnx.Architecture, onnx.TestAccuracy, onnx.ImageSize));
            Prediction[] together = [.. onnx.Predict(paths, TestContext.Current.CancellationToken)];
            foreach ((int i, string path) in paths.Index())
            {
                Same(expected[i], together[i]);
                Same(expected[i], onnx.Predict(path));
                using var stream = new MemoryStream(File.ReadAllBytes(path));
                Same(expected[i], onnx.Predict(stream));
            }
        }
    }

    [Fact]
    public void PixelsAndBatches_GiveTheSameOnSeveralThreads_UntilItIsDisposed()
    {
        Retrain(ImageFit.Crop, Preprocessing.Outside, Preprocessing.Inside);
        const int Count = 70, Height = 21, Width = 30;
        byte[] pixels = Sample.Bytes(Count * Height * Width * 3, "pixels");
        using Model model = Model.Load(_folder["run"]);
        using OnnxClassifier outside = OnnxClassifier.Load(_folder["outside.onnx"]), inside = OnnxClassifier.Load(_folder["inside.onnx"]);
        var expected = model.Predict(pixels, Width, Height, Count);
        Assert.Equal(Count, expected.Length);
        foreach (Classifier classifier in (Classifier[])[model, outside, inside])
        {
            Parallel.For(0, Count, i =>
                Same(expected[i], classifier.Predict(pixels.AsSpan(i * Height * Width * 3, Height * Width * 3), Width, Height)));
            Parallel.For(0, 4, _ =>
                Assert.All(classifier.Predict(pixels, Width, Height, Count).Zip(expected), pair => Same(pair.Second, pair.First)));
            Assert.Contains(
                "of 2 pictures", Assert.Throws<ArgumentException>(() => classifier.Predict(pixels, Width, Height, 2)).Message,
                StringComparison.Ordinal);
        }

        // Disposing waits for what is being computed.
        Task[] callers =
        [
            .. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                for (; ; ) outside.Predict(pixels.AsSpan(0, Height * Width * 3), Width, Height);
            })),
        ];
        outside.Dispose();
        outside.Dispose();
        AggregateException ended = Assert.Throws<AggregateException>(() => Task.WaitAll(callers, TestContext.Current.CancellationToken));
        Assert.All(ended.InnerExceptions, error => Assert.IsType<ObjectDisposedException>(error));
    }

    [Fact]
    public void ADamagedForeignOrNewerFile_IsRefused()
    {
        Retrain(ImageFit.Crop, Preprocessing.Outside);
        byte[] whole = File.ReadAllBytes(_folder["outside.onnx"]);
        Refuses("", whole[..(whole.Length / 2)]);
        Refuses("", []);
        Refuses("another program made it", Edited(model => model.MetadataProps.Clear()));
        Refuses("its version is 2, this program reads 1", Stating(card => card["version"] = 2));
        Refuses("its classes are not those", Stating(card => card["classes"]!.AsArray().RemoveAt(0)));
        Refuses("images of 0 pixels", Stating(card => card["image_size"] = 0));
        Refuses("its mean or deviation", Stating(card => card["mean"] = new JsonArray(1, 2)));
        Refuses("its input or output is not", Stating(card => card["image_size"] = 8));
        Refuses("its input or output is not", Stating(card => card["preprocessing"] = "inside"));
        Refuses("fitted", Stating(card => card["background"] = "plaid"));
        Refuses("fit", Stating(card => card["fit"] = "stretch"));
        Refuses("classes", Stating(card => card.Remove("classes")));
        Refuses("no JSON object", Edited(model => model.MetadataProps.Single().Value = "[]"));

        // What is broken shows when it is used.
        byte[] nothing = Edited(model =>
        {
            foreach (TensorProto weights in model.Graph.Initializer)
                if (weights.DataType == (int)TensorProto.Types.DataType.Float && weights.RawData.Length > 64)
                    weights.RawData = ByteString.CopyFrom([.. Enumerable.Repeat((byte)0xff, weights.RawData.Length)]);
        });
        File.WriteAllBytes(_folder["no-numbers.onnx"], nothing);
        using var broken = OnnxClassifier.Load(_folder["no-numbers.onnx"]);
        Assert.Contains(
            "are no numbers", Assert.Throws<BadDataException>(() => broken.Predict(new byte[48], 4, 4)).Message, StringComparison.Ordinal);

        byte[] Edited(Action<ModelProto> edit)
        {
            ModelProto model = ModelProto.Parser.ParseFrom(whole);
            edit(model);
            return model.ToByteArray();
        }

        byte[] Stating(Action<JsonObject> edit) => Edited(model =>
        {
            JsonObject card = JsonNode.Parse(model.MetadataProps.Single().Value)!.AsObject();
            edit(card);
            model.MetadataProps.Single().Value = card.ToJsonString();
        });

        void Refuses(string why, byte[] content)
        {
            File.WriteAllBytes(_folder["bad.onnx"], content);
            BadDataException error = Assert.Throws<BadDataException>(() => OnnxClassifier.Load(_folder["bad.onnx"]));
            Assert.Contains(why, error.Message, StringComparison.Ordinal);
            Assert.Contains($"'{_folder["bad.onnx"]}'", error.Message, StringComparison.Ordinal);
            Assert.EndsWith("Export it again from the folder of its run.", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Pictures_AreRefusedInTheWordsOfTraining()
    {
        Retrain(ImageFit.Crop, Preprocessing.Inside);
        byte[] jpeg = Sample.Encoded(200, 200, "cut", SKEncodedImageFormat.Jpeg, out _);
        File.WriteAllBytes(_images["cut.jpg"], jpeg[..(jpeg.Length / 2)]);
        File.WriteAllText(_images["text.png"], "no picture at all");
        File.WriteAllBytes(_images["scan.tif"], [.. "II"u8, 42, 0, .. new byte[100]]);
        File.WriteAllBytes(_images["empty.webp"], []);
        using Model model = Model.Load(_folder["run"]);
        using var onnx = OnnxClassifier.Load(_folder["inside.onnx"]);
        foreach (string name in (string[])["cut.jpg", "text.png", "scan.tif", "empty.webp", "missing.gif"])
        {
            string words = Assert.Throws<BadDataException>(() => model.Predict(_images[name])).Message;
            Assert.Equal(words, Assert.Throws<BadDataException>(() => onnx.Predict(_images[name])).Message);
            string[] several = [_images["test", "cat", "0.png"], _images[name], _images["gone.png"]];
            Assert.Equal(
                words, Assert.Throws<BadDataException>(() => onnx.Predict(several, TestContext.Current.CancellationToken)).Message);
        }
    }

    private static void Same(Prediction expected, Prediction actual)
    {
        foreach (ClassProbability one in expected.Classes)
            Assert.Equal(one.Probability, actual.Classes.Single(other => other.Label == one.Label).Probability, 1e-3);
    }

    // Flat and tall, tiny and large, turned, transparent, grey, and a JPEG that is decoded at a reduced size.
    private IEnumerable<string> Pictures()
    {
        yield return _images["test", "cat", "0.png"];
        foreach ((int height, int width) in ((int, int)[])[(16, 16), (5, 7), (40, 13), (64, 64), (1, 1)])
        {
            string name = $"{height}x{width}.png";
            File.WriteAllBytes(_images[name], Sample.Encoded(height, width, name, SKEncodedImageFormat.Png, out _));
            yield return _images[name];
        }
        File.WriteAllBytes(_images["glass.png"], Sample.Encoded(30, 20, "glass", SKEncodedImageFormat.Png, out _, alpha: 100));
        yield return _images["glass.png"];
        File.WriteAllBytes(_images["grey.png"], Sample.GreyPng(25, 19, "grey", out _));
        yield return _images["grey.png"];
        using (var bitmap = new SKBitmap(new SKImageInfo(320, 256, SKColorType.Rgba8888, SKAlphaType.Opaque)))
        {
            using (var canvas = new SKCanvas(bitmap))
            using (var paint = new SKPaint { Color = SKColors.Crimson })
            {
                canvas.Clear(SKColors.Teal);
                canvas.DrawCircle(160, 120, 70, paint);
            }
            using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
            File.WriteAllBytes(_images["large.jpg"], data.ToArray());
        }
        yield return _images["large.jpg"];
        yield return PandaNas.Tests.Data.Decoding.Pictures.PathOf("turned6.jpg");
    }

    private void Retrain(ImageFit fit, params Preprocessing[] exports)
    {
        Sample.WriteImageFolder(_images, Classes, fit == ImageFit.Auto ? 16 : 24, 16, train: 8, test: 4);
        var options = new RetrainOptions
        {
            Channels = 4,
            Cells = 1,
            Data = $"images:{_images.Path}",
            ImageSize = 16,
            Fit = fit,
            Background = new Colour(30, 60, 90),
            Epochs = 1,
            BatchSize = 8,
            LeastSteps = 0,
            Threads = 1,
            Precision = PrecisionChoice.Float32,
            CacheFolder = _folder["cache"],
        };
        RetrainingExperiment.Retrain(options, Cell, _folder["run"], resume: false, RunContext.Quiet);
        using Model model = Model.Load(_folder["run"]);
        foreach (Preprocessing preprocessing in exports)
            model.ExportOnnx(
                _folder[$"{preprocessing.ToString().ToLowerInvariant()}.onnx"], new OnnxOptions { Preprocessing = preprocessing });
    }
}
