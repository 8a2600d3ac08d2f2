using System.Globalization;
using PandaNas.Experiments.Runs;
using PandaNas.Runtime.Files;
using PandaNas.Spaces;

namespace PandaNas.Experiments.Scoring;

/// <summary>
/// Scores of architectures in a file of a run. Each is appended as it comes, so that an interrupted run loses none, and what computes the
/// same has one.
/// </summary>
internal sealed class ScoreFile
{
    private static readonly FileKind Kind =
        new("scores, 'architecture,score' a line", 1 << 26, "Delete the file; its scores will be made anew.") { MayBeEmpty = true };

    private readonly SearchSpace _space;
    private readonly RunDirectory _run;
    private readonly string _path;
    private readonly Dictionary<string, double> _known;

    /// <summary>Takes up the scores of a file, if there is one.</summary>
    /// <param name="space">The space of the architectures.</param>
    /// <param name="run">The run; where it is open to read only, the file is left to who holds it.</param>
    /// <param name="name">The file's name, which says all that the scores depend on.</param>
    /// <param name="score">What they are called.</param>
    /// <param name="isPossible">Whether a number can be one.</param>
    /// <exception cref="BadDataException">The file is damaged.</exception>
    public ScoreFile(SearchSpace space, RunDirectory run, string name, string score, Func<double, bool> isPossible)
    {
        (_space, _run, _path) = (space, run, run.File("scores", name));
        _known = run.IsReadOnly ? [] : Read(_path, space, score, isPossible);
    }

    /// <summary>The score of an architecture; null where it is not known.</summary>
    public double? Find(Architecture architecture) =>
        _known.TryGetValue(_space.LiveGraphKey(architecture), out double known) ? known : null;

    /// <summary>Keeps a score.</summary>
    /// <exception cref="RunFailedException">The file cannot be written, or the folder is no longer the run's.</exception>
    public double Add(Architecture architecture, double score)
    {
        _run.RequireHeld();
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File.AppendAllText(_path, string.Create(CultureInfo.InvariantCulture, $"{_space.Format(architecture)},{score:R}\n"));
        }
        catch (Exception error) when (AtomicFile.IsFailureToWrite(error))
        {
            throw AtomicFile.CannotWrite(_path, error);
        }
        return _known[_space.LiveGraphKey(architecture)] = score;
    }

    /// <summary>The content of a file of scores: a line of architecture, comma, score each; the last may be unfinished.</summary>
    public static string ReadText(string path) => InputFile.ReadText(path, Kind);

    // A line that a killed process left half written is dropped, here and in the file, so that appending starts on a new line.
    private static Dictionary<string, double> Read(string path, SearchSpace space, string score, Func<double, bool> isPossible)
    {
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        if (!Path.Exists(path)) return scores;
        string text = ReadText(path);
        string whole = text[..(text.LastIndexOf('\n') + 1)];
        if (whole.Length != text.Length) AtomicFile.WriteText(path, whole);
        int number = 0;
        foreach (string line in whole.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            int comma = line.LastIndexOf(',');
            if (comma < 0
                || !double.TryParse(line.AsSpan(comma + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                || !isPossible(value)
                || LiveGraphKey(space, line[..comma]) is not { } key)
                throw new BadDataException(
                    $"'{path}', line {number}: expected 'architecture,{score}', "
                    + $"found '{Excerpt.Of(line, Excerpt.OfLine)}'. Delete the file; its scores will be made anew.");
            scores[key] = value;
        }
        return scores;
    }

    private static string? LiveGraphKey(SearchSpace space, string text)
    {
        try
        {
            return space.LiveGraphKey(space.Parse(text));
        }
        catch (ArchitectureFormatException)
        {
            return null;
        }
    }
}
