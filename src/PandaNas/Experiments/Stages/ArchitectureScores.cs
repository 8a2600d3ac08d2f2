using System.Globalization;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Runtime.Files;
using PandaNas.Spaces;

namespace PandaNas.Experiments.Stages;

/// <summary>
/// Accuracies of architectures on one set of images. Each is appended to a file as it comes and reused, so that ranking, search and a
/// resumed run never evaluate twice what computes the same.
/// </summary>
internal sealed class ArchitectureScores : IDisposable
{
    private static readonly FileKind Kind =
        new("scores, 'architecture,accuracy' a line", 1 << 26, "Delete the file; its scores will be made anew.") { MayBeEmpty = true };

    private readonly SearchSpace _space;
    private readonly SubnetEvaluator _evaluator;
    private readonly RunDirectory _run;
    private readonly string _path;
    private readonly Dictionary<string, double> _known;

    /// <summary>Takes up the scores of a file, if there is one.</summary>
    /// <param name="space">The space of the architectures.</param>
    /// <param name="evaluator">Scores what the file does not know; disposed with this.</param>
    /// <param name="run">The run, locked.</param>
    /// <param name="name">The file's name; it belongs to the evaluator's weights, images and precision alone.</param>
    /// <exception cref="BadDataException">The file is damaged.</exception>
    internal ArchitectureScores(SearchSpace space, SubnetEvaluator evaluator, RunDirectory run, string name)
    {
        (_space, _evaluator, _run, _path) = (space, evaluator, run, run.File("scores", name));
        _known = Read(_path, space);
    }

    /// <summary>How many images score.</summary>
    public int Images => _evaluator.Images;

    /// <summary>
    /// How many architectures were evaluated since this was opened; the rest came from the file or had an equal live graph.
    /// </summary>
    public int Evaluated { get; private set; }

    /// <summary>The accuracy of an architecture on the images, in [0, 1].</summary>
    /// <exception cref="RunFailedException">The file cannot be written, or the folder is no longer the run's.</exception>
    public double Accuracy(Architecture architecture)
    {
        string key = _space.LiveGraphKey(architecture);
        if (_known.TryGetValue(key, out double known)) return known;
        double accuracy = _evaluator.Accuracy(architecture);
        Evaluated++;
        Append(_space.Format(architecture), accuracy);
        _known.Add(key, accuracy);
        return accuracy;
    }

    /// <summary>Frees the images; the file stays.</summary>
    public void Dispose() => _evaluator.Dispose();

    private void Append(string architecture, double accuracy)
    {
        _run.RequireHeld();
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File.AppendAllText(_path, string.Create(CultureInfo.InvariantCulture, $"{architecture},{accuracy:R}\n"));
        }
        catch (Exception error) when (AtomicFile.IsFailureToWrite(error))
        {
            throw AtomicFile.CannotWrite(_path, error);
        }
    }

    // A line that a killed process left half written is dropped, here and in the file, so that appending starts on a new line.
    private static Dictionary<string, double> Read(string path, SearchSpace space)
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
                || !double.TryParse(line.AsSpan(comma + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double accuracy)
                || accuracy is not (>= 0 and <= 1)
                || LiveGraphKey(space, line[..comma]) is not { } key)
                throw new BadDataException(
                    $"'{path}', line {number}: expected 'architecture,accuracy', "
                    + $"found '{Excerpt.Of(line, Excerpt.OfLine)}'. Delete the file; its scores will be made anew.");
            scores[key] = accuracy;
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

    /// <summary>The content of a file of scores: a line of architecture, comma, accuracy each; the last may be unfinished.</summary>
    internal static string ReadText(string path) => InputFile.ReadText(path, Kind);
}
