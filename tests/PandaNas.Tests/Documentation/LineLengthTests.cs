namespace PandaNas.Tests.Documentation;

/// <summary>.editorconfig asks for lines of at most 140 columns.</summary>
public sealed class LineLengthTests
{
    private const int MostColumns = 140;

    /// <summary>Where there is code.</summary>
    public static TheoryData<string> Folders => ["src", "tests", "samples", "tools"];

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
