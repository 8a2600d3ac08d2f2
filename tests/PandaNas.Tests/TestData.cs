namespace PandaNas.Tests;

/// <summary>
/// Finds data too large for the repository: in the folder an environment variable names, or in shared/data above the tests.
/// </summary>
internal static class TestData
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "PANDA_TEST_DATA";

    /// <summary>The path of a file; null when it is not on this machine.</summary>
    public static string? Find(string name)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder) return Existing(Path.Combine(folder, name));
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (Existing(Path.Combine(at.FullName, "shared", "data", name)) is { } path) return path;
        return null;
    }

    private static string? Existing(string path) => File.Exists(path) ? path : null;
}
