using System.Text.Json.Nodes;
using PandaNas.Exporting;
using static TorchSharp.torch;

namespace PandaNas.Cli.Tests.Failures;

/// <summary>
/// Several processes that share the work of a verb, started by the launchers of Open MPI and of MPICH, as far as these are installed.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class MpiTests : IClassFixture<TrainedRun>
{
    private static readonly string[] OfRanking =
        ["--architectures", "60", "--images", "12", "--threads", "1", "--seed", "5", "--reference", "20"];

    private readonly TrainedRun _trained;

    public MpiTests(TrainedRun trained) => _trained = trained;

    // What an implementation can do otherwise (starting, exchanging, ending with one rank killed or stopped) is tried with both; the other
    // verbs, which come down to the same exchanges, with the one or the other.
    public static TheoryData<string> Launchers { get; } = ["mpirun.openmpi", "mpirun.mpich"];

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task RanksShareARanking_AndGiveTheFilesOfOneProcess(string launcher)
    {
        string alone = _trained.Copy($"alone-{launcher}"), together = _trained.Copy($"together-{launcher}");
        string[] screened = [.. OfRanking, "--screen", "6:50%"];
        Assert.Equal(0, Panda.Run(["rank", alone, .. screened]).Code);
        Outcome outcome = await Start(launcher, 3, ["rank", together, .. screened, "--json"]);
        // One result, and nothing that a terminal would take for its own.
        JsonObject result = outcome.Json;
        Assert.Equal(60, result["architectures"]!.GetValue<int>());
        Assert.Equal(Files.Bytes(alone, "ranking.csv"), Files.Bytes(together, "ranking.csv"));
        string[] scores = [.. Directory.GetFiles(Path.Combine(alone, "scores")).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];
        // Accuracies on two numbers of images, jacov, featcov and meco.
        Assert.Equal(5, scores.Length);
        Assert.All(scores, file => Assert.Equal(Files.Bytes(alone, "scores", file), Files.Bytes(together, "scores", file)));
    }

    [Theory]
    [InlineData("mpirun.openmpi")]
    public async Task RanksShareASearch_AndGiveTheFileOfOneProcess(string launcher)
    {
        string alone = _trained.Copy($"search-{launcher}"), together = _trained.Copy($"search-together-{launcher}");
        // In the precision that is not the one of the training.
        string[] flags =
        [
            "--population", "8", "--generations", "3", "--images", "12", "--threads", "1", "--precision", "bfloat16", "--reference", "20",
        ];
        Assert.Equal(0, Panda.Run(["search", alone, .. flags]).Code);
        Outcome outcome = await Start(launcher, 2, ["search", together, .. flags]);
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal(Files.Bytes(alone, "search.json"), Files.Bytes(together, "search.json"));
    }

    [Theory]
    [InlineData("mpirun.mpich")]
    public async Task RanksShareTheRankingsOfSeveralSupernets(string launcher)
    {
        string[] runs = [_trained.Copy($"one-{launcher}"), _trained.Copy($"other-{launcher}")];
        string[] flags = ["--architectures", "20", "--images", "12", "--threads", "1"];
        Outcome outcome = await Start(launcher, 2, ["stability", .. runs, .. flags, "--json"]);
        JsonObject together = outcome.Json, alone = Panda.Json(["stability", .. runs, .. flags]).Json;
        Assert.Equal(alone["pairs"]!.ToJsonString(), together["pairs"]!.ToJsonString());
        Assert.All(alone["runs"]!.AsArray(), run => Assert.Equal(0, run!["evaluated"]!.GetValue<int>()));
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task ARankThatDiffers_IsNamed_AndEndsTheJobForAll(string launcher)
    {
        string run = _trained.Copy($"differs-{launcher}");
        Outcome outcome = await StartScript(
            launcher, 2, "exec dotnet \"$@\" --threads $((1 + PANDA_RANK))", ["rank", run, "--images", "12"]);
        Assert.Equal(3, outcome.Code);
        string message = Assert.Single(Lines(outcome), line => line.Contains("panda: ", StringComparison.Ordinal));
        Assert.Contains($"rank 1 of 2 on {Environment.MachineName}: the number of threads is '2' here", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task WhatAllRanksMeet_IsSaidOnce(string launcher)
    {
        Outcome missing = await Start(launcher, 3, ["rank", _trained["nothing"]]);
        Assert.Equal(3, missing.Code);
        Assert.Contains(
            "is not the folder of a run",
            Assert.Single(Lines(missing), line => line.Contains("panda: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Outcome alone = await Start(launcher, 3, ["spaces"]);
        Assert.Equal(2, alone.Code);
        Assert.Contains(
            "'panda spaces' runs in one process",
            Assert.Single(Lines(alone), line => line.Contains("panda: ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task AKilledRank_EndsTheJob_AndTheSameCommandGoesOn(string launcher)
    {
        string alone = _trained.Copy($"whole-{launcher}"), broken = _trained.Copy($"broken-{launcher}");
        Assert.Equal(0, Panda.Run(["rank", alone, .. OfRanking]).Code);
        // Rank 1 falls over as soon as there is a score; what it does about that is the launcher's affair.
        const string Script = """
            if [ "$PANDA_RANK" = 1 ]; then
              dotnet "$@" & program=$!
              while kill -0 $program && [ -z "$(cat "$3"/scores/* 2> /dev/null)" ]; do sleep 0.01; done
              kill -9 $program; kill -9 $$
            fi
            exec dotnet "$@"
            """;
        Outcome outcome = await StartScript(launcher, 2, Script, ["rank", broken, "--architectures", "15000", .. OfRanking[2..]]);
        Assert.NotEqual(0, outcome.Code);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(broken, "scores")));
        Assert.False(File.Exists(Path.Combine(broken, "ranking.csv")));
        Outcome again = await Start(launcher, 2, ["rank", broken, .. OfRanking]);
        Assert.True(again.Code == 0, again.Error);
        Assert.Equal(Files.Bytes(alone, "ranking.csv"), Files.Bytes(broken, "ranking.csv"));
    }

    [Theory]
    [InlineData("mpirun.openmpi")]
    public async Task RanksShareAComparison_AndTrainWhatOneProcessDoes(string launcher)
    {
        string[] Compare(string folder) =>
        [
            .. _trained.TrainArguments(folder)[1..^2], "--methods", "spos,panda", "--seeds", "0,1", "--architectures", "5",
            "--out", _trained[folder],
        ];
        string alone = $"compared-{launcher}", together = $"compared-together-{launcher}";
        Assert.Equal(0, Panda.Run(["compare", .. Compare(alone)]).Code);
        Outcome outcome = await Start(launcher, 2, ["compare", .. Compare(together)]);
        Assert.True(outcome.Code == 0, outcome.Error);
        foreach (string run in (string[])["spos-seed0", "panda-seed0", "spos-seed1", "panda-seed1"])
        {
            Assert.Equal(
                Files.Bytes(_trained[alone, run, "weights.safetensors"]), Files.Bytes(_trained[together, run, "weights.safetensors"]));
            Assert.Equal(
                Files.Bytes(_trained[alone, "rankings", run + ".csv"]), Files.Bytes(_trained[together, "rankings", run + ".csv"]));
        }
        Assert.Equal(WithoutSeconds(alone), WithoutSeconds(together));

        string[] WithoutSeconds(string folder)
        {
            string[][] lines = [.. File.ReadLines(_trained[folder, "comparison.csv"]).Select(line => line.Split(','))];
            int[] kept = [.. Enumerable.Range(0, lines[0].Length).Where(i => !lines[0][i].Contains("seconds", StringComparison.Ordinal))];
            Assert.True(kept.Length < lines[0].Length);
            return [.. lines.Select(line => string.Join(',', kept.Select(i => line[i])))];
        }
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task RanksShareATraining_WithTheSameBitsEveryTime_AlsoAfterAKill(string launcher)
    {
        string[] flags = ["--method", "panda", "--epochs", "6", "--checkpoint-every", "1"];
        string whole = _trained[$"trained-{launcher}"], broken = _trained[$"trained-broken-{launcher}"];
        Outcome outcome = await Start(launcher, 2, _trained.TrainArguments(whole, flags));
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal([1, 2, 3, 4, 5, 6], Files.LoggedEpochs(whole));

        // The rank that falls over is another one than the one that saves.
        const string Script = """
            if [ "$PANDA_RANK" = 1 ]; then
              dotnet "$@" & program=$!
              while kill -0 $program && [ ! -e "$PANDA_RUN"/checkpoints/000002-000000000 ]; do sleep 0.01; done
              kill -9 $program; kill -9 $$
            fi
            exec dotnet "$@"
            """;
        outcome = await StartScript(launcher, 2, $"export PANDA_RUN='{broken}'\n{Script}", _trained.TrainArguments(broken, flags));
        Assert.NotEqual(0, outcome.Code);
        Assert.False(File.Exists(Path.Combine(broken, "weights.safetensors")));
        Panda.Run("train", "--out", broken, "--resume").Refused(2, "was begun by 2 ranks");
        outcome = await Start(launcher, 2, ["train", "--out", broken, "--resume"]);
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal(Files.Bytes(whole, "weights.safetensors"), Files.Bytes(broken, "weights.safetensors"));
    }

    [Theory]
    [InlineData("mpirun.mpich")]
    public async Task RanksWhoseNormsAreSynchronised_TrainAsOneProcess(string launcher)
    {
        string[] flags = ["--method", "panda", "--sync-norm"];
        string alone = _trained[$"norms-{launcher}"], together = _trained[$"norms-together-{launcher}"];
        Assert.Equal(0, Panda.Run(_trained.TrainArguments(alone, flags)).Code);
        Outcome outcome = await Start(launcher, 2, _trained.TrainArguments(together, flags));
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.InRange(Distance(alone, together), 0, 1e-4);
        string each = _trained[$"norms-each-{launcher}"];
        outcome = await Start(launcher, 2, _trained.TrainArguments(each, "--method", "panda"));
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.InRange(Distance(alone, each), 1e-3, 10);

        static double Distance(string expected, string actual)
        {
            Dictionary<string, float[]> one = Weights(expected), other = Weights(actual);
            return one.Max(pair => pair.Value.Zip(other[pair.Key], (a, b) => Math.Abs((double)a - b)).Max());
        }

        static Dictionary<string, float[]> Weights(string run) => SafeTensors.Read(Path.Combine(run, "weights.safetensors"))
            .ToDictionary(pair => pair.Key, pair =>
            {
                using Tensor values = pair.Value;
                return values.data<float>().ToArray();
            });
    }

    [Theory]
    [InlineData("mpirun.mpich")]
    public async Task RanksShareARetraining_WithTheSameBitsEveryTime(string launcher)
    {
        string one = _trained[$"retrained-{launcher}"], other = _trained[$"retrained-again-{launcher}"];
        string[] Retrain(string folder) =>
        [
            "retrain", _trained.Run, "--architecture", TrainedRun.Architectures[0], "--epochs", "3", "--batch-size", "8", "--threads", "1",
            "--out", folder, "--json",
        ];
        JsonObject result = (await Start(launcher, 2, Retrain(one))).Json;
        Assert.Equal(3, result["epochs"]!.GetValue<int>());
        Outcome outcome = await Start(launcher, 2, Retrain(other));
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal(Files.Bytes(one, "weights.safetensors"), Files.Bytes(other, "weights.safetensors"));
        Panda.Run("retrain", "--out", one, "--resume").Refused(2, "was begun by 2 ranks");
    }

    [Theory]
    [InlineData("mpirun.openmpi")]
    public async Task RanksShareAMeasurementOfVariance_AndGiveTheFiguresOfOneProcess(string launcher)
    {
        string[] flags = ["--samples", "40", "--threads", "1", "--json"];
        string alone = _trained.Train($"variance-{launcher}", "--method", "panda"), together = _trained[$"variance-together-{launcher}"];
        Files.Copy(alone, together);
        JsonObject expected = Panda.Run(["variance", alone, .. flags]).Json;
        JsonObject actual = (await Start(launcher, 3, ["variance", together, .. flags])).Json;
        Assert.Equal(expected["gradient_variance"]!.ToJsonString(), actual["gradient_variance"]!.ToJsonString());
        Assert.True(expected["gradient_variance"]!.AsArray().Count >= 3);
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task ASignalToOneRank_StopsAll_AndTheSameCommandGoesOn(string launcher)
    {
        string alone = _trained.Copy($"unstopped-{launcher}"), stopped = _trained.Copy($"stopped-{launcher}");
        Assert.Equal(0, Panda.Run(["rank", alone, .. OfRanking]).Code);
        const string Script = """
            if [ "$PANDA_RANK" = 1 ]; then
              dotnet "$@" & program=$!
              while kill -0 $program && [ -z "$(cat "$3"/scores/* 2> /dev/null)" ]; do sleep 0.01; done
              kill -TERM $program; wait $program; exit $?
            fi
            exec dotnet "$@"
            """;
        Outcome outcome = await StartScript(launcher, 2, Script, ["rank", stopped, "--architectures", "15000", .. OfRanking[2..]]);
        Assert.Equal(130, outcome.Code);
        Assert.Single(Lines(outcome), line => line.Contains("panda: interrupted. Finished work is saved.", StringComparison.Ordinal));
        Outcome again = await Start(launcher, 2, ["rank", stopped, .. OfRanking]);
        Assert.True(again.Code == 0, again.Error);
        Assert.Equal(Files.Bytes(alone, "ranking.csv"), Files.Bytes(stopped, "ranking.csv"));
    }

    private static string[] Lines(Outcome outcome) => (outcome.Error + outcome.Output).Split('\n');

    private static Task<Outcome> Start(string launcher, int ranks, string[] arguments) =>
        StartScript(launcher, ranks, "exec dotnet \"$@\"", arguments);

    // Of every rank a shell runs the script, whose arguments are the program and those given.
    private static async Task<Outcome> StartScript(string launcher, int ranks, string script, string[] arguments)
    {
        Assert.SkipUnless(IsInstalled(launcher), $"{launcher} is not installed: nothing is known of it (Debian: openmpi-bin, mpich)");
        string[] machine = launcher == "mpirun.openmpi" ? ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"] : [];
        string rank = "export PANDA_RANK=${OMPI_COMM_WORLD_RANK:-$PMI_RANK}\n";
        using PandaProcess process = PandaProcess.Start(
            launcher, [.. machine, "-n", $"{ranks}", "bash", "-c", rank + script, "bash", Panda.Dll, .. arguments]);
        return await process.Finish();
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
