using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PandaNas.Experiments.Options;

namespace PandaNas.Cli.Tests.Display;

/// <summary>
/// What people read: it fits the terminal, says how sure it is, names places wherever one stands, and ends with a command that works.
/// </summary>
[Collection(PandaCollection.Name)]
public sealed partial class OutputTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    private static readonly string[] Quick = ["--algorithm", "random", "--evaluations", "3", "--reference", "20"];

    [Fact]
    public async Task EveryStageFitsTheTerminalAndEndsWithACommandThatWorks()
    {
        // A folder that a shell would take apart.
        string run = world.Copy("Bob's first run"), other = world.Train("second", "--seed", "1");
        string searched = await Next(["train", "--out", run, "--resume"], "search", Quick);
        Assert.Contains("Evaluated", searched, StringComparison.Ordinal);
        await Next(["rank", run, "--architectures", "30", "--reference", "20"], "search", Quick);
        await Next(["stability", run, other, "--architectures", "20", "--threads", "1"], "search", Quick);
        await Next(["variance", run, "--samples", "40"], "rank");
        await Next(["search", run, .. Quick], "retrain", "--epochs", "1", "--batch-size", "8", "--out", world["retrained by next"]);
        string measured = await Next(
            ["retrain", run, "--architecture", "best", "--epochs", "1", "--batch-size", "8", "--out", world["win ner"]],
            "latency", "--rounds", "1", "--repetitions", "2", "--warm-up", "0", "--threads", "1");
        Assert.Contains("images of 8 pixels", measured.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatNeedsNoRunDoesSo()
    {
        string[] brief = ["--rounds", "1", "--repetitions", "2", "--warm-up", "0"];
        string[] sizes = ["--channels", "2", "--cells", "1", "--image-size", "8"];
        await Next(["spaces"], "spaces");
        foreach (string space in (string[])["nasbench201", "darts", "proxylessnas"]) await Next(["spaces", "--space", space], "cost");
        await Next(["cost", "--architecture", TrainedRun.Architectures[0], .. sizes], "latency", brief);
        await Next(
            ["latency", "--out", world["my table.json"], .. brief, .. sizes, "--networks", "12", "--held-out", "3", "--threads", "1"],
            "latency", [.. brief, "--held-out", "3"]);
    }

    [Fact]
    public async Task AComparisonSaysWhenMethodsCannotDifferYet()
    {
        string folder = world["com parison"];
        string[] compare = ["compare", .. world.TrainArguments(folder, "--epochs", "1")[1..], "--architectures", "10", "--seeds", "0"];
        await Next([.. compare, "--methods", "spos,panda"], "search", Quick);
        string text = await File.ReadAllTextAsync(Path.Combine(folder, "comparison.txt"), TestContext.Current.CancellationToken);
        Assert.Contains("Drawn uniformly, as always in a first epoch: panda.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void TrainingSaysBeforeItStartsWhichImagesDoWhat()
    {
        Outcome outcome = Panda.Run(world.TrainArguments(world["said"], "--epochs", "1", "--train-images", "30"));
        string[] said =
        [
            $"Images: 30 train, 15 held out to rank, {TinyImages.Test} test, {TinyImages.Train - 45} unused, 0 unusable left out; "
                + $"8 pixels a side, {TinyImages.Classes} classes.",
            "Computed on cpu in float32 with 1 thread.",
        ];
        foreach (string text in (string[])[outcome.Error, outcome.Output])
            Assert.Contains(string.Join(' ', said), text.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.True(
            outcome.Error.IndexOf(said[1], StringComparison.Ordinal) < outcome.Error.IndexOf("train supernet", StringComparison.Ordinal));
    }

    [Fact]
    public void ARankingIsSortedAndShowsItsEnds()
    {
        string run = world.Copy("sorted");
        JsonObject report = Panda.Json("rank", run, "--architectures", "30", "--ranker", "accuracy").Json;
        string[][] rows = [.. File.ReadAllLines(Path.Combine(run, "ranking.csv")).Skip(1).Select(line => line.Split(','))];
        Assert.Equal(30, rows.Length);
        (double Accuracy, long Params)[] order =
            [.. rows.Select(row => (double.Parse(row[1], CultureInfo.InvariantCulture), long.Parse(row[2], CultureInfo.InvariantCulture)))];
        Assert.Equal(order.OrderByDescending(row => row.Accuracy).ThenBy(row => row.Params), order);
        Assert.Equal(rows[..10].Select(row => row[0]), Names("best"));
        Assert.Equal(rows[20..].Select(row => row[0]), Names("worst"));

        string text = Panda.Run("rank", run, "--architectures", "30", "--reference", "20").Output;
        Assert.Contains("The best 10:", text, StringComparison.Ordinal);
        Assert.Contains("The worst 10:", text, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^ +30 ", text);
        string few = Panda.Run("rank", run, "--architectures", "7", "--reference", "20").Output;
        Assert.DoesNotContain("worst", few, StringComparison.Ordinal);

        IEnumerable<string> Names(string key) => report[key]!.AsArray().Select(row => row!["architecture"]!.GetValue<string>());
    }

    // Fifteen images tell few accuracies apart.
    [Fact]
    public void ASearchSaysHowManyTieAndPutsTheCheapestFirst()
    {
        string[] search =
        [
            "search", world.Copy("ties"), "--algorithm", "random", "--evaluations", "200", "--top", "200", "--images", "6",
            "--ranker", "accuracy",
        ];
        JsonObject found = Panda.Json(search).Json;
        (double Accuracy, long Params, long Macs)[] order =
            [.. found["best"]!.AsArray().Select(one => ((double)one!["accuracy"]!, (long)one["params"]!, (long)one["macs"]!))];
        Assert.Equal(order.OrderByDescending(one => one.Accuracy).ThenBy(one => one.Params).ThenBy(one => one.Macs), order);
        JsonObject certainty = found["certainty"]!.AsObject();
        int ties = order.Count(one => one.Accuracy == order[0].Accuracy);
        double lower = certainty["best_ci95"]![0]!.GetValue<double>();
        Assert.True(ties > 1 && lower < order[0].Accuracy - 0.1, "the test's own images must be few");
        Assert.Equal(
            (200, ties, order.Count(one => one.Accuracy >= lower)),
            (certainty["visited"]!.GetValue<int>(), certainty["ties"]!.GetValue<int>(), certainty["within"]!.GetValue<int>()));
        Assert.Contains(
            $" {ties} architectures tie for the best; the cheapest stands first.", Panda.Run(search).Output.ReplaceLineEndings(" "),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task PlacesAreAbsoluteWhereverOneStands()
    {
        world.Copy("standing");
        world.Write("standing.txt", TrainedRun.Architectures);
        using PandaProcess rank = Panda.StartIn(
            world.Root, "rank", "standing", "--architectures", "standing.txt", "--threads", "1", "--reference", "20", "--json");
        Assert.Equal(world["standing"], (await rank.Finish()).Json["run"]!.GetValue<string>());
        using PandaProcess retrain = Panda.StartIn(
            world.Root, "retrain", "standing", "--architecture", TrainedRun.Architectures[0], "--epochs", "1", "--batch-size", "8", "--out",
            "stood", "--json");
        JsonObject retrained = (await retrain.Finish()).Json;
        Assert.Equal(
            (world["stood"], world["stood", "weights.safetensors"]),
            (retrained["run"]!.GetValue<string>(), retrained["weights"]!.GetValue<string>()));
    }

    // Runs a command, looks at its text, and runs what it says comes next, perhaps with less work.
    private static async Task<string> Next(string[] arguments, string verb, params string[] more)
    {
        Outcome outcome = Panda.Run(arguments);
        Assert.True(outcome.Code == 0, outcome.Error);
        string[] lines = outcome.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.True(line.Length <= PlainText.Width || Place().IsMatch(line), line));
        string next = lines[^1];
        Assert.StartsWith($"Next: panda {verb} ", next + " ", StringComparison.Ordinal);
        var start =
            new ProcessStartInfo("bash", ["-c", $"printf '%s\\0' {next["Next: panda ".Length..]}"]) { RedirectStandardOutput = true };
        using var shell = Process.Start(start)!;
        string words = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Outcome done = Panda.Run([.. words.Split('\0', StringSplitOptions.RemoveEmptyEntries), .. more]);
        Assert.True(done.Code == 0, $"{next}\n{done.Error}");
        return done.Output;
    }

    // A command or a place is never broken.
    [GeneratedRegex("^(Next|Run|Results|Weights|Table): |^Everything is in |^  [0-9]+  [a-z]+, seed [0-9]+: ")]
    private static partial Regex Place();
}
