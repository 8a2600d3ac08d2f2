namespace PandaNas.Tests.Documentation;

/// <summary>Files of the repository that the tests were built in.</summary>
internal static class RepositoryFile
{
    /// <summary>The path of a file.</summary>
    public static string Path(params string[] path)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && folder.GetFiles("PandaNas.slnx").Length == 0) folder = folder.Parent;
        return System.IO.Path.Combine([folder!.FullName, .. path]);
    }
}
