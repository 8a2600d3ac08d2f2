using System.Buffers.Binary;
using System.Text;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Experiments.Stages;
using PandaNas.Exporting;
using PandaNas.Latency;
using PandaNas.Ranking;
using PandaNas.Spaces;
using PandaNas.Supernets.Darts;
using PandaNas.Supernets.NasBench201;
using PandaNas.Supernets.ProxylessNas;
using PandaNas.Tests.Data;

namespace PandaNas.Tests.Regressions;

/// <summary>
/// Texts that nest as deep as a file can hold are refused before anything is built of them: a stack that overflows ends the process.
/// </summary>
public sealed class NestedTextTests : IDisposable
{
    private const int Depth = 30_000;

    private static readonly Dictionary<string, Action<string, string>> Parsers = new()
    {
        ["options"] = (path, text) => OptionFile.Read(typeof(SupernetOptions), Written(path, "epochs: " + text)),
        ["space"] = (path, text) => SpaceFile.Read(Written(path, "name: " + text)),
        ["space's operations"] = (path, text) => SpaceFile.Read(Written(path, "operations: " + text)),
        ["search"] = (path, text) =>
        {
            string run = Path.GetDirectoryName(path)!;
            Written(Path.Combine(run, SearchExperiment.ResultName), $$"""{"best": {{text}}""");
            SearchExperiment.BestOf(run);
        },
        ["plan"] = (path, text) => ComparisonPlan.Read(Written(path, $$"""{"methods": {{text}}""")),
        ["ranking"] = (path, text) => RankedRun.Read("spos", 0, Written(path, $$"""{"passes": 1, "controls": {{text}}"""), path, ["a"]),
        ["latency"] = (path, text) => LatencyTableFile.Read(Written(path, $$"""{"format": {{text}}""")),
        ["safetensors"] = (path, text) => SafeTensors.Read(WithHeader(path, $$"""{"a": {{text}}""")),
        ["nasbench201"] = (_, text) => Refused(() => NasBench201Space.Instance.Parse(text)),
        ["darts"] = (_, text) => Refused(() => DartsSpace.Instance.Parse("Genotype(normal=" + text)),
        ["proxylessnas"] = (_, text) => Refused(() => ProxylessNasSpace.Instance.Parse(text)),
        ["csv"] = (path, text) => TruthTable.Read(new StringReader($"architecture,a\n\"{text}\",1\n"), path, DartsSpace.Instance, "a"),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (string parser in Parsers.Keys)
            foreach (string opening in (string[])["[", "{a: ", "{\"a\": ", "[{\"a\": [", "(", "\n- ", "? ", "- - "])
                cases.Add(parser, opening);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task DeepText_IsRefusedAtOnce(string parser, string opening)
    {
        string deep = string.Concat(Enumerable.Repeat(opening, Depth / opening.Length));
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await Task.Run(() => Assert.ThrowsAny<PandaNasException>(() => Parsers[parser](_folder["file"], deep)), cancel)
            .WaitAsync(TimeSpan.FromSeconds(10), cancel);
    }

    public void Dispose() => _folder.Dispose();

    private static string Written(string path, string text)
    {
        File.WriteAllText(path, text);
        return path;
    }

    private static string WithHeader(string path, string json)
    {
        byte[] file = new byte[8 + json.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        Encoding.ASCII.GetBytes(json, file.AsSpan(8));
        File.WriteAllBytes(path, file);
        return path;
    }

    private static void Refused(Action parse) => throw new BadDataException(Assert.Throws<ArchitectureFormatException>(parse).Message);
}
