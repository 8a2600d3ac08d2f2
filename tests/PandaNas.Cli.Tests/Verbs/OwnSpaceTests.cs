using System.Text.Json.Nodes;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>A space in a YAML file, in every verb; the run keeps the definition.</summary>
[Collection(PandaCollection.Name)]
public sealed class OwnSpaceTests : IDisposable
{
    private const string Space = """
        name: tiny
        operations:
          conv: {type: convolution, kernel: 3}
          mobile: {type: inverted-convolution, kernel: 3, expansion: 2}
          skip: {type: skip}
        stem: {channels: 4}
        body:
          - {candidates: [conv, mobile, skip], count: 2, residual: true}
          - {candidates: [conv, mobile], channels: 6, stride: 2}
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly string _file, _data;

    public OwnSpaceTests()
    {
        _file = _folder["tiny.yaml"];
        File.WriteAllText(_file, Space);
        _data = TinyImages.Write(_folder["images"]);
    }

    [Fact]
    public void EveryStage_WorksFromTheRunAlone()
    {
        string run = _folder["run"], winner = _folder["winner"];
        JsonObject trained = Panda.Json(Train(run)).Json;
        Assert.Equal(["conv", "mobile", "skip"], trained["path_probabilities"]!.AsObject().Select(pair => pair.Key));
        File.Delete(_file);
        Assert.Equal(18, Panda.Json("rank", run, "--architectures", "all").Json["architectures"]!.GetValue<int>());
        Assert.Equal(0, Panda.Json("search", run, "--population", "4", "--generations", "2", "--top", "2").Code);
        Assert.Equal(0, Panda.Json("variance", run, "--samples", "40").Code);
        JsonObject retrained = Panda.Json(
            "retrain", run, "--architecture", "best", "--epochs", "1", "--batch-size", "8", "--drop-path", "0.1", "--out", winner).Json;
        JsonObject cost = Panda.Json(
            "cost", "--space", Path.Combine(run, "space.yaml"), "--architecture", retrained["architecture"]!.GetValue<string>(),
            "--image-size", "8", "--classes", "3", "--input-channels", "1").Json;
        foreach (string key in (string[])["params", "macs"]) Assert.Equal(retrained[key]!.GetValue<long>(), cost[key]!.GetValue<long>());
        // A retraining keeps the definition as well.
        Assert.Equal(Space, File.ReadAllText(Path.Combine(winner, "space.yaml")));
        Assert.Equal(0, Panda.Json("retrain", "--out", winner, "--resume").Code);
    }

    [Fact]
    public void EveryMethod_Trains()
    {
        foreach (string method in Catalog.Default.MethodNames)
            Assert.Equal(
                method, Panda.Json(Train(_folder[method], "--epochs", "2", "--method", method)).Json["method"]!.GetValue<string>());
    }

    [Fact]
    public void ResumedTraining_GivesTheSameBytes_AlsoAfterTheFileChanged()
    {
        string whole = _folder["whole"], broken = _folder["broken"];
        Assert.Equal(0, Panda.Run(Train(whole, "--epochs", "3")).Code);
        Assert.Equal(0, Panda.Run(Train(broken, "--epochs", "3")).Code);
        // As if killed in the last epoch.
        foreach (string result in (string[])["weights.safetensors", "train.json"]) File.Delete(Path.Combine(broken, result));
        string[] checkpoints = Directory.GetFileSystemEntries(Path.Combine(broken, "checkpoints"));
        foreach (string checkpoint in checkpoints.Order(StringComparer.Ordinal).Skip(1))
            if (File.Exists(checkpoint)) File.Delete(checkpoint);
            else Directory.Delete(checkpoint, recursive: true);
        File.WriteAllText(_file, Space.Replace("expansion: 2", "expansion: 3", StringComparison.Ordinal));
        Assert.Equal(0, Panda.Run("train", "--out", broken, "--resume").Code);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(whole, "weights.safetensors")), File.ReadAllBytes(Path.Combine(broken, "weights.safetensors")));
    }

    [Fact]
    public void ResumingWithAnotherDefinition_IsRefused_AndWithTheSameElsewhere_IsNot()
    {
        string run = _folder["run"], moved = _folder["moved.yaml"];
        Assert.Equal(0, Panda.Run(Train(run)).Code);
        File.Copy(_file, moved);
        File.WriteAllText(_file, Space + "\nhead: {channels: 8}\n");
        Panda.Json("train", "--space", _file, "--out", run, "--resume").Refused(2, "--space is", "was started with space.yaml");
        Assert.Equal(0, Panda.Run("train", "--space", moved, "--out", run, "--resume").Code);
    }

    [Fact]
    public void DefinitionOfARunThatWasChanged_IsRefused()
    {
        string run = _folder["run"];
        Assert.Equal(0, Panda.Run(Train(run)).Code);
        string kept = Path.Combine(run, "space.yaml");
        File.AppendAllText(kept, "# changed\n");
        Panda.Json("rank", run, "--architectures", "2").Refused(3, kept, "not the definition with which the run was started");
        File.Delete(kept);
        Panda.Json("rank", run, "--architectures", "2").Refused(3, kept, "does not exist");
    }

    [Fact]
    public void Comparison_AndItsRuns_KeepTheDefinition()
    {
        string folder = _folder["comparison"];
        string[] start =
        [
            "compare", "--space", _file, "--data", _data,
            .. "--epochs 1 --batch-size 8 --threads 1 --precision float32 --validation-images 15".Split(' '),
            .. "--methods spos,panda --seeds 0 --architectures 5".Split(' '), "--out", folder,
        ];
        Assert.Equal(0, Panda.Json(start).Code);
        File.Delete(_file);
        Assert.Equal(2, Panda.Json("compare", "--out", folder, "--resume").Json["runs_done"]!.GetValue<int>());
        Assert.Equal(
            0,
            Panda.Json("stability", Path.Combine(folder, "spos-seed0"), Path.Combine(folder, "panda-seed0"), "--architectures", "5").Code);
    }

    [Fact]
    public void Spaces_DescribesIt()
    {
        JsonObject description = Panda.Json("spaces", "--space", _file).Json;
        Assert.Equal("18", description["space"]!["architectures"]!.GetValue<string>());
        Assert.Equal(
            ["conv", "mobile"], description["space"]!["choices"]![2]!["operations"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.Equal("skip-skip-mobile", description["fewest_params"]!["architecture"]!.GetValue<string>());
        Outcome text = Panda.Run("spaces", "--space", _file);
        Assert.Contains("18 architectures, written as\n  conv-conv-conv", text.Output, StringComparison.Ordinal);
        Assert.Equal("15625", Panda.Json("spaces", "--space", "nasbench201").Json["space"]!["architectures"]!.GetValue<string>());
    }

    [Fact]
    public void WrongFile_EndsWithBadDataInEveryVerbThatTakesASpace()
    {
        File.WriteAllText(_file, Space.Replace("kernel: 3}", "kernal: 3}", StringComparison.Ordinal));
        string[][] verbs =
            [["train"], ["retrain", "--architecture", "a"], ["cost", "--architecture", "a"], ["spaces"], ["compare", "--methods", "spos"]];
        foreach (string[] verb in verbs)
            Panda.Json([.. verb, "--space", _file]).Refused(3, $"'{_file}', line 3", "Did you mean 'kernel'");
        Panda.Json("train", "--space", _folder["no.yaml"]).Refused(3, "does not exist", "defines a space");
        Panda.Json("cost", "--space", "tiny", "--architecture", "a").Refused(2, "'tiny' is unknown", "path of a .yaml file");
    }

    public void Dispose() => _folder.Dispose();

    private string[] Train(string run, params string[] more) =>
    [
        "train", "--space", _file, "--data", _data, "--batch-size", "8", "--threads", "1", "--precision", "float32", "--validation-images",
        "15", "--out", run,
        .. more.Length == 0 ? (string[])["--epochs", "2"] : more,
    ];
}
