using PandaNas;
using PandaNas.Cli;
using PandaNas.Samples;

// With arguments it is panda with one more space: … -- train --space gated --epochs 50
if (args.Length > 0) return PandaProgram.Run(args, Catalog.Default.With(GatedSpace.Family));

string folder = Directory.CreateTempSubdirectory("custom-space-").FullName;
string supernet = Path.Combine(folder, "supernet"), winner = Path.Combine(folder, "winner");
try
{
    int code = Steps().Select(step => PandaProgram.Run(step, Catalog.Default.With(GatedSpace.Family))).FirstOrDefault(code => code != 0);
    return code != 0 ? code : ExportedFile.Check(winner) ? 0 : 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

IEnumerable<string[]> Steps()
{
    yield return ["spaces", "--space", "gated"];
    yield return
    [
        "train", "--space", "gated", "--epochs", "4", "--train-images", "3000", "--validation-images", "600", "--batch-size", "64",
        "--out", supernet,
    ];
    yield return ["rank", supernet, "--architectures", "15", "--images", "300"];
    yield return ["search", supernet, "--population", "8", "--generations", "3", "--images", "300", "--max-params", "10000", "--top", "3"];
    yield return
    [
        "retrain", supernet, "--architecture", "best", "--epochs", "3", "--batch-size", "64", "--train-images", "3000", "--out", winner,
    ];
}
