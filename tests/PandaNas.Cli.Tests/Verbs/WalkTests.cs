using System.Text.Json.Nodes;
using SkiaSharp;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>
/// The README's commands on a flat folder of photos, from the first look to the retrained network; every number of pictures adds up.
/// <c>tools/walk.sh</c> takes more photos and the commands' own epochs.
/// </summary>
[Collection(PandaCollection.Name)]
public sealed class WalkTests : IDisposable
{
    private const string PhotosVariable = "PANDA_WALK_PHOTOS";
    private const string Preset = "nasbench201-cpu";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<int> Sizes() =>
        Environment.GetEnvironmentVariable(PhotosVariable) is { Length: > 0 } more ? [int.Parse(more, null)] : [20, 100];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Inspect_Train_Search_Retrain(int photos)
    {
        bool isWhole = Environment.GetEnvironmentVariable(PhotosVariable) is not null;
        PhotoFolder.Write(_folder["photos"], photos);
        string data = $"images:{_folder["photos"]}", run = _folder["runs", "mine"], winner = _folder["runs", "mine-winner"];
        int usable = photos - PhotoFolder.Unusable;
        int test = (int)Math.Round(0.15 * usable);
        int training = usable - test;
        int ranking = training / 5;
        int trained = training - ranking;

        JsonObject found = Cached("data", "inspect", data, "--preset", Preset, "--skip-corrupt").Json;
        Assert.Equal((photos, PhotoFolder.Unusable), (Number(found, "files"), Number(found, "left_out")));
        Assert.Equal((training, test), (Number(found, "train"), Number(found, "test")));
        foreach (string part in (string[])["train", "test", "left_out"])
            Assert.Equal(Number(found, part), found["classes"]!.AsArray().Sum(one => Number(one!, part)));
        Assert.Equal(usable, found["formats"]!.AsArray().Sum(format => Number(format!, "count")));
        Assert.Equal((1, 1, (photos - 5) / 7 + 1), (Flag(found, "grey"), Flag(found, "transparent"), Flag(found, "rotated")));
        Assert.Equal(
            (trained, ranking, test),
            (Number(found["run"]!, "train_images"), Number(found["run"]!, "ranking_images"), Number(found["run"]!, "test_images")));
        int batch = Math.Clamp(trained / 20, 2, 256);
        Assert.Equal(
            (batch, (trained + batch - 1) / batch), (Number(found["run"]!, "batch_size"), Number(found["run"]!, "steps_per_epoch")));

        // Without --skip-corrupt the two files are named, and nothing is begun.
        Cached("train", "--preset", Preset, "--data", data, "--out", run).Refused(
            3, $"{PhotoFolder.Unusable} of {photos} images", "--skip-corrupt", "TIFF");
        Assert.False(Directory.Exists(run));

        string[] few = ["--epochs", "2"];
        string[] train =
            ["train", "--preset", Preset, "--data", data, "--skip-corrupt", "--threads", "1", "--out", run, .. isWhole ? [] : few];
        Outcome training1 = Cached(train);
        Assert.True(training1.Code == 0, training1.Error);
        JsonNode facts = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "run.json")))!;
        Assert.Equal(
            [trained, ranking, PhotoFolder.Unusable, batch],
            ((string[])["train_images", "ranking_images", "left_out_images", "batch_size"]).Select(name => Number(facts, name)));
        JsonNode split = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "split.json")))!;
        Assert.Equal(
            (training, test, PhotoFolder.Unusable),
            (split["training"]!.AsArray().Count, split["test"]!.AsArray().Count, split["left_out"]!.AsArray().Count));
        // The preset's values are limits, and no reason not to go on.
        Outcome again = Cached([.. train, "--resume"]);
        Assert.True(again.Code == 0, again.Error);

        // New photos and another place change nothing for what follows the run.
        File.Copy(_folder["photos", "cat", "0000.jpg"], _folder["photos", "dog", "new.jpg"]);
        Directory.Move(_folder["photos"], _folder["moved"]);
        string moved = $"images:{_folder["moved"]}";
        Cached("search", run, "--max-params", "60000").Refused(3, "--data images:PATH", _folder["photos"]);
        string[] few5 = ["--algorithm", "random", "--evaluations", "5", "--reference", "20"];
        Outcome search = Cached(["search", run, "--max-params", "60000", "--data", moved, "--threads", "1", .. isWhole ? [] : few5]);
        Assert.Equal(ranking, Number(search.Json, "images"));
        Assert.Contains("1 images that came to the folder", Joined(search.Error), StringComparison.Ordinal);
        string[] retrain = ["retrain", run, "--architecture", "best", "--data", moved, "--seed", "5", "--out", winner];
        JsonObject retrained = Cached([.. retrain, "--epochs", isWhole ? "100" : "2"]).Json;
        JsonNode result = JsonNode.Parse(File.ReadAllText(Path.Combine(winner, "run.json")))!;
        Assert.Equal((training, test), (Number(result, "train_images"), Number(result, "ranking_images")));
        Assert.Equal(
            split["test"]!.ToJsonString(), JsonNode.Parse(File.ReadAllText(Path.Combine(winner, "split.json")))!["test"]!.ToJsonString());
        Assert.InRange((double)retrained["test_accuracy"]!, isWhole && photos >= 100 ? 0.8 : 0, 1);
    }

    [Fact]
    public void InspectionIsForPeople_In80Columns_WithASheet()
    {
        PhotoFolder.Write(_folder["photos"], 40);
        // A copy under another name in another class: whatever the split, one of the two findings is right.
        File.Copy(_folder["photos", "cat", "0000.jpg"], _folder["photos", "dog", "copy.jpg"]);
        Outcome outcome = Panda.Run(
            "data", "inspect", $"images:{_folder["photos"]}", "--preset", Preset, "--skip-corrupt", "--cache", _folder["cache"], "--sheet",
            _folder["sheet.png"]);
        Assert.True(outcome.Code == 0, outcome.Error);
        string text = Joined(outcome.Output);
        string[] parts =
        [
            "41 images of 3 classes", "1 TIFF", "1 grey, 1 transparent", "notes.txt", "cat/0000.jpg = dog/copy.jpg", "Contact sheet",
            "A run: 2",
        ];
        foreach (string part in parts)
            Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.DoesNotContain("Thumbs", text, StringComparison.Ordinal);
        string[] lines = outcome.Output.Replace(_folder.Path, "F", StringComparison.Ordinal).Split('\n');
        Assert.All(lines, line => Assert.True(line.TrimEnd().Length <= 80, line));

        using SKBitmap sheet = SKBitmap.Decode(_folder["sheet.png"]);
        // Three rows of ten images of 64 pixels; the first picture of each class has the class's colour in a corner.
        Assert.Equal((10 * 68 + 4, 3 * 88 + 4), (sheet.Width, sheet.Height));
        SKColor cat = sheet.GetPixel(6, 26), dog = sheet.GetPixel(6, 26 + 88), emu = sheet.GetPixel(6, 26 + 176);
        Assert.True(cat.Red > cat.Green + 40 && dog.Green > dog.Red + 40 && emu.Blue > emu.Red + 40, $"{cat} {dog} {emu}");
        Assert.Equal(SKColors.Black, FirstDark(sheet));
    }

    [Fact]
    public void SingleClass_IsShown_ButNotTrained()
    {
        PhotoFolder.Write(_folder["photos", "train"], 12);
        foreach (string name in (string[])["dog", "emu"]) Directory.Delete(_folder["photos", "train", name], recursive: true);
        string data = $"images:{_folder["photos"]}";
        Assert.Contains("only one class", (string)Cached("data", "inspect", data).Json["refusal"]!, StringComparison.Ordinal);
        Cached("train", "--data", data, "--out", _folder["run"]).Refused(3, "single folder, 'cat'", "only one class", "CLASS/*");
    }

    private static SKColor FirstDark(SKBitmap sheet)
    {
        for (int y = 4; y < 24; y++)
            for (int x = 4; x < 60; x++)
                if (sheet.GetPixel(x, y) == SKColors.Black) return SKColors.Black;
        return SKColors.Empty;
    }

    private Outcome Cached(params string[] arguments) => Panda.Json([.. arguments, "--cache", _folder["cache"]]);

    private static string Joined(string text) =>
        string.Join(' ', text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));

    private static int Number(JsonNode json, string key) => (int)json[key]!;

    private static int Flag(JsonObject found, string name) =>
        found["flags"]!.AsArray().Where(flag => (string)flag!["name"]! == name).Sum(flag => Number(flag!, "count"));
}
