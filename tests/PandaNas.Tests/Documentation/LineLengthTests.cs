namespace PandaNas.Tests.Documentation;

/// <summary>.editorconfig asks for lines of at most 140 columns.</summary>
public sealed class LineLengthTests
{
    private const int MostColumns = 140;

    /// <summary>The folders that are done. In the end these are src, tests, samples, benchmarks and tools.</summary>
    public static TheoryData<string> Folders =>
    [
        "samples",
        "src/PandaNas.Benchmarks",
        "src/PandaNas.Cli",
        "src/PandaNas.OnnxRuntime",
        "src/PandaNas/Costs",
        "src/PandaNas/Data",
        "src/PandaNas/Experiments",
        "src/PandaNas/Exporting",
        "src/PandaNas/Latency",
        "src/PandaNas/Onnx",
        "src/PandaNas/Optimization",
        "src/PandaNas/Ranking",
        "src/PandaNas/Reporting",
        "src/PandaNas/Runtime",
        "src/PandaNas/Sampling",
        "src/PandaNas/Searching",
        "src/PandaNas/Spaces",
        "src/PandaNas/Statistics",
        "src/PandaNas/Supernets",
        "src/PandaNas/Training",
        "tests",
        "tools",
    ];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Lines_FitTheColumns(string folder)
    {
        string[] files = [.. SourceFiles(RepositoryFile.Path(folder))];
        Assert.NotEmpty(files);
        Assert.Empty(files.SelectMany(TooLong));
    }

    private static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs").Concat(
            Directory.EnumerateDirectories(folder)
                .Where(inner => Path.GetFileName(inner) is not ("bin" or "obj"))
                .SelectMany(SourceFiles));

    private static IEnumerable<string> TooLong(string file) =>
        File.ReadLines(file).Index()
            .Where(line => line.Item.Length > MostColumns)
            .Select(line => $"{file}:{line.Index + 1} has {line.Item.Length} columns");
}
