namespace PandaNas.Cli.Tests;

/// <summary>
/// Texts that people see, kept in Golden/. After a wanted change run the tests with PANDA_UPDATE_GOLDEN=1 and look at the difference.
/// </summary>
internal static class Golden
{
    private const string Variable = "PANDA_UPDATE_GOLDEN";
    private const string Folder = "Golden";

    /// <summary>Asserts that a text is the one in Golden/NAME.txt.</summary>
    public static void Matches(string name, string text)
    {
        text = text.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable(Variable) == "1") Update(name, text);
        string path = Path.Combine(AppContext.BaseDirectory, Folder, name + ".txt");
        Assert.True(File.Exists(path), $"{Folder}/{name}.txt is missing: make it with {Variable}=1 and build again");
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), text);
    }

    // Into the sources to keep, and beside the tests so that this very run passes.
    private static void Update(string name, string text)
    {
        DirectoryInfo? sources = new(AppContext.BaseDirectory);
        while (sources is not null && sources.GetFiles("*.csproj").Length == 0) sources = sources.Parent;
        foreach (string root in (string[])[sources!.FullName, AppContext.BaseDirectory])
        {
            string path = Path.Combine(root, Folder, name + ".txt");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
    }
}
