using System.Text.Json;

namespace PandaNas.Experiments;

/// <summary>Reads the file in which a run keeps its result.</summary>
internal static class ResultFile
{
    private const string Remedy = "Delete it; continuing the run makes it anew.";

    /// <summary>The result; null where there is none yet.</summary>
    /// <exception cref="BadDataException">The file is damaged.</exception>
    public static T? Read<T>(string path) where T : class
    {
        if (!Path.Exists(path)) return null;
        try
        {
            return RunJson.ReadFile<T>(path, Remedy);
        }
        catch (JsonException error)
        {
            throw new BadDataException($"cannot use '{path}': {error.Message.TrimEnd('.')}. {Remedy}", error);
        }
    }
}
