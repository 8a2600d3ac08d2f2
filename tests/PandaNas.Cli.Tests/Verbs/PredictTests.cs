using System.Text.Json.Nodes;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary><c>panda predict</c> with a tiny model of photos as people have them.</summary>
[Collection(PandaCollection.Name)]
public sealed class PredictTests(PredictTests.Photos photos) : IClassFixture<PredictTests.Photos>
{
    private const int Count = 60;

    /// <summary>A folder of photos, a model of them, and the model as two ONNX files.</summary>
    public sealed class Photos : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Photos()
        {
            PhotoFolder.Write(Folder, Count);
            Run(
            [
                "retrain", "--data", Folder, "--skip-corrupt", "--cache", this["cache"], "--out", Model,
                "--architecture", TrainedRun.Architectures[0],
                .. "--channels 4 --cells 1 --epochs 4 --image-size 16 --batch-size 8 --threads 1 --precision float32".Split(' '),
            ]);
            Run("export", Model, "--out", Onnx);
            Run("export", Model, "--preprocessing", "inside", "--out", this["inside.onnx"]);
        }

        public string Folder => this["photos"];

        public string Model => this["model"];

        public string Onnx => this["model.onnx"];

        public string this[params string[] names] => _folder[names];

        public void Dispose() => _folder.Dispose();

        private static void Run(params string[] arguments)
        {
            Outcome outcome = Panda.Run(arguments);
            Assert.True(outcome.Code == 0, outcome.Error);
        }
    }

    [Fact]
    public void ALabelledFolder_GivesAccuracyByClassAndConfusion_ByEveryKindOfModel()
    {
        // Nothing but these two files is needed.
        Directory.CreateDirectory(photos["alone"]);
        foreach (string part in (string[])["model.json", "weights.safetensors"])
            File.Copy(Path.Combine(photos.Model, part), photos["alone", part], overwrite: true);
        JsonObject[] results =
        [
            .. new[] { photos.Model, photos["alone"], photos.Onnx, photos["inside.onnx"] }
                .Select(model => Panda.Json("predict", model, photos.Folder).Json),
        ];
        foreach (JsonObject result in results)
        {
            Assert.Equal((Count - PhotoFolder.Unusable, PhotoFolder.Unusable), ((int)result["images"]!, (int)result["unreadable"]!));
            JsonArray predictions = result["predictions"]!.AsArray();
            Assert.Equal(Count, predictions.Count);
            Assert.All(predictions, one => Assert.Equal(((string)one!["image"]!).Split('/')[0], (string)one["true_class"]!));
            JsonNode[] read = [.. predictions.Where(one => one!["error"] is null)!];
            Assert.All(read, one => Assert.Equal(1, one["classes"]!.AsArray().Sum(part => (double)part!["probability"]!), 6));
            double right = read.Count(one => (string)one["classes"]![0]!["label"]! == (string)one["true_class"]!);
            Assert.Equal(right / read.Length, (double)result["score"]!["accuracy"]!, 9);
            Assert.Equal(right, result["confusion"]!.AsArray()
                .Where(pair => (string)pair!["true_class"]! == (string)pair["predicted_class"]!).Sum(pair => (int)pair!["images"]!));
            Assert.Equal(read.Length, result["score"]!["classes"]!.AsArray().Sum(one => (int)one!["images"]!));
            Assert.InRange((double)result["score"]!["accuracy"]!, 0.5, 1);
            Assert.Equal(
                results[0]["predictions"]!.AsArray().Select(one => (string?)one!["classes"]!.AsArray().FirstOrDefault()?["label"]),
                predictions.Select(one => (string?)one!["classes"]!.AsArray().FirstOrDefault()?["label"]));
        }
    }

    // What a training on these photos says.
    [Fact]
    public void WhatCannotBeRead_IsToldInTheWordsOfTraining()
    {
        Outcome trained = Panda.Run("train", "--data", photos.Folder, "--cache", photos["cache"], "--out", photos["none"]);
        Assert.Equal(3, trained.Code);
        string[] words =
        [
            .. Panda.Json("predict", photos.Onnx, photos.Folder).Json["predictions"]!.AsArray()
                .Select(one => (string?)one!["error"]).OfType<string>(),
        ];
        Assert.Equal(PhotoFolder.Unusable, words.Length);
        Assert.Contains(words, reason => trained.Error.Contains(reason, StringComparison.Ordinal));
        Outcome shown = Panda.Run("predict", photos.Onnx, photos.Folder);
        string flat = shown.Output.ReplaceLineEndings("\n").Replace("\n    ", " ", StringComparison.Ordinal);
        Assert.All(words, reason => Assert.Contains(reason, flat, StringComparison.Ordinal));
        Assert.Contains("2 files could not be read", shown.Output, StringComparison.Ordinal);
        // Alone it is an error.
        string tiff = Directory.GetFiles(photos.Folder, "*.tif", SearchOption.AllDirectories).Single();
        Panda.Run("predict", photos.Onnx, tiff).Refused(3, "TIFF, which is not decoded");
        Directory.CreateDirectory(photos["only"]);
        File.Copy(tiff, photos["only", "1.tif"], overwrite: true);
        Panda.Run("predict", photos.Onnx, photos["only"]).Refused(3, "none of 1 image can be read", "TIFF");
    }

    [Fact]
    public void Csv_HasALineForEveryImage()
    {
        Outcome outcome = Panda.Run("predict", photos.Model, photos.Folder, "--csv", "--top", "2");
        Assert.Equal(0, outcome.Code);
        string[] lines = outcome.Output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        Assert.Equal("image,true_class,predicted_class,probability,class_2,probability_2,error", lines[0]);
        Assert.Equal(1 + Count, lines.Length);
        const string Known = "(cat|dog|emu)", Share = @"[01](\.\d+)?";
        Assert.All(
            lines.Skip(1).Where(line => line.EndsWith(',')),
            line => Assert.Matches($@"^{Known}/\d{{4}}\.(jpg|png),{Known},{Known},{Share},{Known},{Share},$", line));
        Assert.Equal(PhotoFolder.Unusable, lines.Count(line => line.Contains(",,,,,", StringComparison.Ordinal)));
        Assert.Contains("predict  100%", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void OneImage_SeveralAndTextForPeople()
    {
        string[] files = [.. Directory.GetFiles(photos.Folder, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(3)];
        Outcome one = Panda.Run("predict", photos.Onnx, files[0], "--top", "1");
        Assert.Equal(0, one.Code);
        Assert.Contains(files[0], one.Output, StringComparison.Ordinal);
        Assert.Matches(@"(cat|dog|emu) +\d+\.\d%", one.Output);
        Outcome several = Panda.Run(["predict", photos.Onnx, .. files]);
        Assert.Contains("3 images in ", several.Output, StringComparison.Ordinal);
        Outcome folder = Panda.Run("predict", photos.Onnx, photos.Folder);
        Assert.Contains("95% interval", folder.Output, StringComparison.Ordinal);
        Assert.Contains("What each class (row) was taken for", folder.Output, StringComparison.Ordinal);
        Assert.All(folder.Output.ReplaceLineEndings("\n").Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public async Task StandardInput_IsOneImage()
    {
        if (OperatingSystem.IsWindows()) return;
        string file = Directory.GetFiles(photos.Folder, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        JsonNode expected = Panda.Json("predict", photos.Onnx, file).Json["predictions"]![0]!["classes"]!;
        using PandaProcess process = Panda.StartInShell($"exec dotnet \"$@\" < '{file}'", "predict", photos.Onnx, "-", "--json");
        JsonNode said = (await process.Finish()).Json["predictions"]!.AsArray().Single()!;
        Assert.Equal(("standard input", expected.ToJsonString()), ((string)said["image"]!, said["classes"]!.ToJsonString()));
        using PandaProcess nothing = Panda.StartInShell("exec dotnet \"$@\" < /dev/null", "predict", photos.Onnx, "-");
        (await nothing.Finish()).Refused(3, "'standard input' is empty");
    }

    [Fact]
    public void WhatCannotBe_IsRefused()
    {
        string file = Directory.GetFiles(photos.Folder, "*.jpg", SearchOption.AllDirectories).First();
        Directory.CreateDirectory(photos["empty"]);
        File.WriteAllText(photos["foreign.onnx"], "nothing of the kind");
        Panda.Run("predict", photos.Onnx, file, "--csv", "--json").Refused(2, "--csv and --json exclude each other");
        Panda.Run("predict", photos.Onnx, file, "-").Refused(2, "name no others beside it");
        Panda.Run("predict", photos.Onnx, file, photos.Folder).Refused(2, "is a folder, and not the only argument");
        Panda.Run("predict", photos.Onnx, file, "--top", "0").Refused(2, "--top");
        Panda.Run("predict", photos["gone"], file).Refused(3, "does not exist; expected the folder of a finished retraining");
        Panda.Run("predict", photos["empty"], file).Refused(3, "is not the folder of a model");
        Panda.Run("predict", photos["foreign.onnx"], file).Refused(3, "foreign.onnx'", "Export it again");
        Panda.Run("predict", photos.Onnx, photos["empty"]).Refused(3, "has no images");
        Panda.Run("predict", photos.Onnx, photos["gone.jpg"]).Refused(3, "gone.jpg' does not exist");
        Panda.Run("predict", photos.Model, photos["gone.jpg"]).Refused(3, "gone.jpg' does not exist");
    }

    [Fact]
    public void Interrupted_ItEndsWith130()
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(130, Panda.Run(["predict", photos.Onnx, photos.Folder, "--json"], output, error, new CancellationToken(true)));
        Assert.Empty(output.ToString());
    }
}
