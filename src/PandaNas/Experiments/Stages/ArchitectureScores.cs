using System.Globalization;
using System.Text;
using PandaNas.Distributed;
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
    private readonly TaskFarm? _farm;
    private readonly int _number;

    /// <summary>Takes up the scores of a file, if there is one.</summary>
    /// <param name="space">The space of the architectures.</param>
    /// <param name="evaluator">Scores what the file does not know; disposed with this.</param>
    /// <param name="run">The run; where it is open to read only, the file is left to who holds it.</param>
    /// <param name="name">The file's name; it belongs to the evaluator's weights, images and precision alone.</param>
    /// <param name="farm">Has other ranks evaluate too; null where there are none.</param>
    /// <param name="number">By which number of images the other ranks know these.</param>
    /// <exception cref="BadDataException">The file is damaged.</exception>
    internal ArchitectureScores(
        SearchSpace space, SubnetEvaluator evaluator, RunDirectory run, string name, TaskFarm? farm = null, int number = 0)
    {
        (_space, _evaluator, _run, _path, _farm, _number) = (space, evaluator, run, run.File("scores", name), farm, number);
        Name = name;
        _known = run.IsReadOnly ? [] : Read(_path, space);
    }

    /// <summary>The file's name, which says what the scores are of.</summary>
    public string Name { get; }

    /// <summary>How many images score.</summary>
    public int Images => _evaluator.Images;

    /// <summary>
    /// How many architectures were evaluated since this was opened; the rest came from the file or had an equal live graph.
    /// </summary>
    public int Evaluated { get; private set; }

    /// <summary>The accuracy of an architecture on the images, in [0, 1].</summary>
    /// <exception cref="RunFailedException">The file cannot be written, or the folder is no longer the run's.</exception>
    public double Accuracy(Architecture architecture) => Accuracies([architecture], CancellationToken.None)[0];

    /// <summary>The accuracies of architectures on the images, in [0, 1] and in their order.</summary>
    /// <param name="architectures">The architectures.</param>
    /// <param name="stop">Asks to stop before the next evaluation; scores so far are kept and reused.</param>
    /// <param name="scored">Called, for one architecture after the other in their order, when its accuracy is there.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    /// <exception cref="RunFailedException">The file cannot be written, or the folder is no longer the run's.</exception>
    public double[] Accuracies(IReadOnlyList<Architecture> architectures, CancellationToken stop, Action? scored = null)
    {
        stop.ThrowIfCancellationRequested();
        string[] keys = [.. architectures.Select(_space.LiveGraphKey)];
        var asked = new HashSet<string>(StringComparer.Ordinal);
        int[] fresh = [.. Enumerable.Range(0, keys.Length).Where(i => !_known.ContainsKey(keys[i]) && asked.Add(keys[i]))];
        int told = 0;
        TellScored();
        Evaluate([.. fresh.Select(i => architectures[i])], stop, (i, accuracy) =>
        {
            Evaluated++;
            Append(_space.Format(architectures[fresh[i]]), accuracy);
            _known.Add(keys[fresh[i]], accuracy);
            TellScored();
        });
        return [.. keys.Select(key => _known[key])];

        void TellScored()
        {
            for (; told < keys.Length && _known.ContainsKey(keys[told]); told++) scored?.Invoke();
        }
    }

    /// <summary>Does on another rank what rank 0 asks for.</summary>
    /// <param name="task">The architecture, and the number of images by which rank 0 knows these scores.</param>
    /// <param name="space">The space.</param>
    /// <param name="on">The scores on so many images.</param>
    internal static byte[] Answer(byte[] task, SearchSpace space, Func<int, ArchitectureScores> on)
    {
        string[] parts = Encoding.UTF8.GetString(task).Split('\n', 2);
        ArchitectureScores scores = on(int.Parse(parts[0], CultureInfo.InvariantCulture));
        return BitConverter.GetBytes(scores._evaluator.Accuracy(space.Parse(parts[1])));
    }

    private byte[] TaskOf(Architecture architecture) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_number}\n{_space.Format(architecture)}"));

    private void Evaluate(Architecture[] architectures, CancellationToken stop, Action<int, double> keep)
    {
        if (_farm is null || architectures.Length < 2)
        {
            for (int i = 0; i < architectures.Length; i++)
            {
                stop.ThrowIfCancellationRequested();
                keep(i, _evaluator.Accuracy(architectures[i]));
            }
            return;
        }
        // Kept in the order of one process, whichever rank is the faster.
        var waiting = new double?[architectures.Length];
        int kept = 0;
        _farm.Run(
            architectures.Length,
            i => TaskOf(architectures[i]),
            (i, _) => BitConverter.GetBytes(_evaluator.Accuracy(architectures[i])),
            (i, result) =>
            {
                waiting[i] = BitConverter.ToDouble(result);
                for (; kept < waiting.Length && waiting[kept] is { } accuracy; kept++) keep(kept, accuracy);
            },
            stop);
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
