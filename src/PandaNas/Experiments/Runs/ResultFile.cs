namespace PandaNas.Experiments.Runs;

/// <summary>Reads the file in which a run keeps its result.</summary>
internal static class ResultFile
{
    private const string Remedy = "Delete it; continuing the run makes it anew.";

    /// <summary>The result; null where there is none yet.</summary>
    /// <exception cref="BadDataException">The file is damaged or was changed.</exception>
    public static T? Read<T>(string path) where T : class => Path.Exists(path) ? SealedRecord.Read<T>(path, Remedy) : null;
}
