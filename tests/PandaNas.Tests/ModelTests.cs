using System.Text;
using System.Text.Json.Nodes;
using PandaNas.Data.Batches;
using PandaNas.Data.Resizing;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Statistics;
using PandaNas.Supernets;
using PandaNas.Tests.Data;
using SkiaSharp;
using static TorchSharp.torch;

namespace PandaNas.Tests;

/// <summary>What retraining ends with classifies pictures as the run did, from its folder alone.</summary>
public sealed class ModelTests : IDisposable
{
    private const string Cell = "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|nor_conv_3x3~0|none~1|skip_connect~2|";
    private static readonly string[] Classes = ["cat", "dog", "emu"];
    private readonly TemporaryFolder _folder = new(), _images = new();

    public void Dispose()
    {
        _folder.Dispose();
        _images.Dispose();
    }

    // Squares of one size kept whole, scaled down as a whole set, cropped, padded on a colour, squashed: each as the run's readers did.
    [Theory]
    [InlineData(16, 16, 0, ImageFit.Auto)]
    [InlineData(16, 16, 8, ImageFit.Auto)]
    [InlineData(24, 31, 16, ImageFit.Crop)]
    [InlineData(24, 31, 16, ImageFit.Pad)]
    [InlineData(40, 20, 16, ImageFit.Squash)]
    public void TestImages_AreClassifiedAsInTheRun(int height, int width, int side, ImageFit fit)
    {
        Sample.WriteImageFolder(_images, Classes, height, width, train: 8, test: 10);
        RetrainOptions options = Options($"images:{_images.Path}") with
        {
            ImageSize = side,
            Fit = fit,
            Background = new Colour(30, 60, 90),
            CacheFolder = _folder["cache"],
        };
        RetrainingResult result = RetrainingExperiment.Retrain(options, Cell, _folder["run"], resume: false, RunContext.Quiet);
        string[] paths = [.. Classes.SelectMany(name => Enumerable.Range(0, 10).Select(i => _images["test", name, $"{i}.png"]))];
        string[] expected = [.. Expected(options, result)];
        Directory.Move(_images["train"], _images["moved"]);

        using Model model = Model.Load(_folder["run"]);
        Assert.Equal((result.TestAccuracy, result.Architecture), (model.TestAccuracy, model.Architecture));
        Assert.Equal(Classes, model.Classes);
        Prediction[] one = [.. paths.Select(model.Predict)], together = [.. model.Predict(paths, TestContext.Current.CancellationToken)];
        Assert.Equal(expected, one.Select(prediction => prediction.Label));
        Assert.Equal(expected, together.Select(prediction => prediction.Label));
        Assert.All(one, prediction => Assert.Equal(1, prediction.Classes.Sum(entry => entry.Probability), 5));
        int right = one.Zip(paths).Count(pair => Path.GetFileName(Path.GetDirectoryName(pair.Second)) == pair.First.Label);
        Assert.Equal(result.TestAccuracy, right / 30.0, 9);
    }

    // What the network says of the test images is kept: every one by its file, and the worst mistakes as pictures.
    [Fact]
    public void TheRun_KeepsWhatItsTestImagesAreTakenFor_AndTheCardHowWellEveryClassIs()
    {
        Sample.WriteImageFolder(_images, Classes, 120, 120, train: 8, test: 10);
        RetrainOptions options = Options($"images:{_images.Path}") with { CacheFolder = _folder["cache"], Space = "nasbench201" };
        RetrainingResult result = RetrainingExperiment.Retrain(options, Cell, _folder["run"], resume: false, RunContext.Quiet);

        TestPredictions kept = TestPredictions.Read(_folder["run"])!;
        using Model model = Model.Load(_folder["run"]);
        Assert.Equal(30, kept.Count);
        foreach ((int i, string path) in kept.Paths.Index())
        {
            Assert.Equal(Classes[kept.Labels[i]], path.Split('/')[1]);
            Prediction prediction = model.Predict(_images[path.Split('/')]);
            Assert.Equal(prediction.Label, Classes[kept.Predicted[i]]);
            double ofLabel = prediction.Classes.Single(one => one.Label == Classes[kept.Labels[i]]).Probability;
            Assert.Equal(prediction.Probability, kept.Probability[i], 1e-4);
            Assert.Equal(ofLabel, kept.ProbabilityOfLabel[i], 1e-4);
        }
        int[,] confusion = kept.Confusion();
        ClassificationScore score = kept.Score();
        Assert.Equal(result.TestAccuracy, score.Accuracy);
        Assert.Equal(30, confusion.Cast<int>().Sum());
        Assert.All(score.Classes.Index(), one => Assert.Equal(confusion[one.Index, one.Index] / 10.0, one.Item.Accuracy));
        Assert.Equal(kept.Labels.Zip(kept.Predicted).Count(pair => pair.First != pair.Second), kept.Mistakes.Length);
        Assert.NotEmpty(kept.Mistakes);
        int[] mistakes = [.. kept.Mistakes.Select(one => one.Image)];
        Assert.Equal(mistakes.OrderByDescending(image => kept.Probability[image]), mistakes);
        Assert.All(kept.Mistakes, mistake =>
        {
            using var picture = SKBitmap.Decode(mistake.Png);
            Assert.Equal((96, 96), (picture.Width, picture.Height));
        });

        var card = ModelCard.Read(_folder["run"]);
        Assert.Equal((score.Accuracy, score.Interval), (card.Test!.Accuracy, card.Test.Interval));
        Assert.Equal(score.Classes, card.Test.Classes);
        Assert.Equal((result.LiveParams, result.LiveMacs), (card.Costs!.LiveParams, card.Costs.LiveMacs));
        Assert.EndsWith($" --architecture '{Cell}'", card.Origin!.Command, StringComparison.Ordinal);
        Assert.Contains("--channels 4 --cells 1", card.Origin.Command, StringComparison.Ordinal);
        Assert.Equal(64, card.Origin.TrainSha256.Length);
    }

    [Fact]
    public void PredictionsThatDoNotFitEachOther_AreRefused()
    {
        Retrain();
        string path = _folder["run", TestPredictions.FileName];
        JsonObject whole = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        Assert.Equal((0, 10), (whole["paths"]!.AsArray().Count, whole["classes"]!.AsArray().Count));
        foreach (Action<JsonObject> damage in (Action<JsonObject>[])
        [
            record => record["labels"]!.AsArray().RemoveAt(0), record => record["labels"]![0] = 10, record => record["predicted"]![3] = -1,
            record => record["paths"]!.AsArray().Add("one"), record => record["mistakes"]![0]!["image"] = 1_000_000,
            record => record.Remove("probability"), record => record["classes"]![0] = null,
        ])
        {
            JsonObject damaged = whole.DeepClone().AsObject();
            damage(damaged);
            File.WriteAllText(path, SealedRecord.Text(damaged));
            BadDataException error = Assert.Throws<BadDataException>(() => TestPredictions.Read(_folder["run"]));
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
        File.WriteAllText(path, "{}");
        Assert.Throws<BadDataException>(() => TestPredictions.Read(_folder["run"]));
        File.Delete(path);
        Assert.Null(TestPredictions.Read(_folder["run"]));
    }

    // Models of the version before had neither costs nor origin.
    [Fact]
    public void ACardOfTheVersionBefore_IsStillRead()
    {
        Retrain();
        string path = _folder["run", "model.json"];
        JsonObject card = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        card["version"] = 1;
        foreach (string key in (string[])["costs", "test", "origin"]) Assert.True(card.Remove(key));
        File.WriteAllText(path, SealedRecord.Text(card));
        using Model model = Model.Load(_folder["run"]);
        Assert.Equal(10, model.Classes.Length);
    }

    [Fact]
    public void FilesStreamsAndPixels_GiveTheSame_AlsoOfGreyImagesAndOnSeveralThreads()
    {
        Retrain();
        byte[] file = Sample.GreyPng(28, 28, "grey", out byte[] plane);
        File.WriteAllBytes(_images["grey.png"], file);
        using Model model = Model.Load(_folder["run"]);
        Prediction expected = model.Predict(_images["grey.png"]);
        byte[] rgb = [.. plane.SelectMany(value => (byte[])[value, value, value])];
        using var stream = new MemoryStream(file);
        Assert.Equal(expected.Classes, model.Predict(stream).Classes);
        Assert.Equal(expected.Classes, model.Predict(plane, 28, 28).Classes);
        Assert.Equal(expected.Classes, model.Predict(rgb, 28, 28).Classes);
        Parallel.For(0, 16, _ => Assert.Equal(expected.Classes, model.Predict(plane, 28, 28).Classes));
        Assert.Contains(
            "expected 2352 or, grey, 784",
            Assert.Throws<ArgumentException>(() => model.Predict(new byte[5], 28, 28)).Message, StringComparison.Ordinal);
        // Of another size and shape.
        File.WriteAllBytes(_images["photo.jpg"], Sample.Encoded(60, 90, "photo", SKEncodedImageFormat.Jpeg, out _));
        Assert.Equal(10, model.Predict(_images["photo.jpg"]).Classes.Length);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Predict(plane, 28, 28));
    }

    [Fact]
    public void AWrongPicture_IsRefusedInTheWordsOfTheReaders()
    {
        Retrain();
        using Model model = Model.Load(_folder["run"]);
        byte[] jpeg = Sample.Encoded(200, 200, "cut", SKEncodedImageFormat.Jpeg, out _);
        (string Name, byte[] Content)[] wrong =
            [("cut.jpg", jpeg[..(jpeg.Length / 2)]), ("text.png", Encoding.UTF8.GetBytes("no picture at all")), ("empty.webp", [])];
        Directory.CreateDirectory(_images["train", "a"]);
        foreach ((string name, byte[] content) in wrong)
        {
            string path = _images["train", "a", name];
            File.WriteAllBytes(path, content);
            string expected = new PandaNas.Data.Decoding.ImageDecoder().Inspect(path).Reason!;
            Assert.Equal(expected, Assert.Throws<BadDataException>(() => model.Predict(path)).Message);
            var uploaded = Assert.Throws<BadDataException>(() => model.Predict(new MemoryStream(content), "upload"));
            Assert.Equal(expected.Replace(path, "upload", StringComparison.Ordinal), uploaded.Message);
        }
        string[] both = [_images["train", "a", "missing.png"], _images["train", "a", "cut.jpg"]];
        Assert.Contains(
            "missing.png",
            Assert.Throws<BadDataException>(() => model.Predict(both, TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderThatHoldsNoModel_OrADamagedOrForeignOne_IsRefused()
    {
        Retrain();
        string path = _folder["run", "model.json"], text = File.ReadAllText(path);
        Refuses("its contents do not fit", text.Replace("T-shirt", "shirt", StringComparison.Ordinal));
        // Whatever else a newer one says.
        Refuses("its version is 99, this program reads 1 to 2", Edited(card => card["version"] = 99));
        Refuses("its version is 99", SealedRecord.Text(new JsonObject { ["version"] = 99, ["network"] = "another layout" }));
        Refuses("its classes are not those", Edited(card => card["classes"]!.AsArray().RemoveAt(0)));
        Refuses("images of 1000000 pixels", Edited(card => card["network"]!["image_size"] = 1_000_000));
        Refuses("its mean or deviation", Edited(card => card["mean"] = new JsonArray(0.1, 0.2)));
        Refuses("fitted", Edited(card => card["background"] = "no colour"));
        Refuses("Did you mean 'nasbench201'", Edited(card => card["space"] = "nasbench20"));
        Refuses("cannot use", Edited(card => card["architecture"] = "|none~0|"));
        Refuses("belongs to another network", Edited(card => card["network"]!["channels"] = 6));
        Refuses("cannot use", "{");
        Assert.Contains("is a file", Assert.Throws<BadDataException>(() => Model.Load(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, text);
        string weights = _folder["run", "weights.safetensors"];
        File.Move(weights, _folder["elsewhere"]);
        Assert.Contains(
            $"'{weights}' does not exist", Assert.Throws<BadDataException>(() => Model.Load(_folder["run"])).Message,
            StringComparison.Ordinal);
        File.Delete(path);
        Assert.Contains(
            "not finished or of another version",
            Assert.Throws<BadDataException>(() => Model.Load(_folder["run"])).Message, StringComparison.Ordinal);
        Assert.Contains(
            "not the folder of a model",
            Assert.Throws<BadDataException>(() => Model.Load(_folder["nowhere"])).Message, StringComparison.Ordinal);

        string Edited(Action<JsonObject> edit)
        {
            JsonObject card = JsonNode.Parse(text)!.AsObject();
            edit(card);
            return SealedRecord.Text(card);
        }

        void Refuses(string why, string content)
        {
            File.WriteAllText(path, content);
            BadDataException error = Assert.Throws<BadDataException>(() => Model.Load(_folder["run"]));
            Assert.Contains(why, error.Message, StringComparison.Ordinal);
            Assert.Contains(_folder["run"], error.Message, StringComparison.Ordinal);
        }
    }

    private void Retrain() => RetrainingExperiment.Retrain(
        Options("fashion-mnist-small") with { TrainImages = 100 }, Cell, _folder["run"], resume: false, RunContext.Quiet);

    private static RetrainOptions Options(string data) => new()
    {
        Channels = 4,
        Cells = 1,
        Data = data,
        Epochs = 1,
        BatchSize = 8,
        LeastSteps = 0,
        Threads = 1,
        Precision = PrecisionChoice.Float32,
    };

    // By the run's own images, without the model.
    private IEnumerable<string> Expected(RetrainOptions options, RetrainingResult result)
    {
        using ExperimentData data = ExperimentData.ForRetraining(options, RunContext.Quiet);
        Architecture architecture = options.Family.Space.Parse(result.Architecture);
        NetworkOptions sizes = data.NetworkOptions(options, standalone: true);
        using Network network = options.Family.Standalone(sizes, architecture, CPU, RandomStream.Derive(9, "other"));
        RunWeights.Load(network, result.Weights);
        using var _ = no_grad();
        int[] all = [.. Enumerable.Range(0, data.Test.Count)];
        using Batch batch = data.Test.Batches(data.Statistics, Augmentation.None).MakePlain(all, CPU);
        using Tensor logits = network.Forward(batch.Images, architecture, training: false);
        using Tensor labels = logits.argmax(1);
        return labels.data<long>().Select(label => Classes[label]).ToArray();
    }
}
