namespace PandaNas.Experiments;

/// <summary>Reads the file in which a run keeps its result.</summary>
internal static class ResultFile
{
    /// <summary>The result; null where there is none yet.</summary>
    /// <exception cref="BadDataException">The file is damaged or was changed.</exception>
    public static T? Read<T>(string path) where T : class =>
        File.Exists(path) ? SealedRecord.Read<T>(path, "Delete it; continuing the run makes it anew.") : null;
}
