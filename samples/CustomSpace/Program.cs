using PandaNas.Cli;
using PandaNas.Samples;

// With arguments it is panda with one more space: … -- train --space gated --epochs 50
if (args.Length > 0) return PandaProgram.Run(args, GatedSpace.Family);

string folder = Directory.CreateTempSubdirectory("custom-space-").FullName;
string supernet = Path.Combine(folder, "supernet"), winner = Path.Combine(folder, "winner");
try
{
    int code = Steps().Select(step => PandaProgram.Run(step, GatedSpace.Family)).FirstOrDefault(code => code != 0);
    return code != 0 ? code : ExportedFile.Check(winner) ? 0 : 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

IEnumerable<string[]> Steps()
{
    yield return ["spaces", "--space", "gated"];
    yield return ["train", "--space", "gated", "--epochs", "6", "--train-images", "4000", "--validation-images", "1000", "--batch-size", "128", "--out", supernet];
    yield return ["rank", supernet, "--architectures", "20", "--images", "500"];
    yield return ["search", supernet, "--population", "12", "--generations", "3", "--images", "500", "--max-params", "30000", "--top", "3"];
    yield return ["retrain", supernet, "--architecture", "best", "--epochs", "4", "--batch-size", "128", "--train-images", "4000", "--out", winner];
}
