using System.Globalization;
using System.Text;
using PandaNas.Distributed;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Spaces;

namespace PandaNas.Experiments.Scoring;

/// <summary>
/// Accuracies and losses of architectures with a supernet's weights on one set of images, kept in files of the run, so that ranking, search
/// and a resumed run never evaluate twice what computes the same.
/// </summary>
internal sealed class ArchitectureScores : IDisposable
{
    private readonly SearchSpace _space;
    private readonly SubnetEvaluator _evaluator;
    private readonly ScoreFile _accuracies;
    private readonly Lazy<ScoreFile> _losses;
    private readonly TaskFarm? _farm;
    private readonly int _number;

    /// <summary>Takes up the scores of earlier work, if there are some.</summary>
    /// <param name="space">The space of the architectures.</param>
    /// <param name="evaluator">Scores what is not known; disposed with this.</param>
    /// <param name="run">The run; where it is open to read only, the files are left to who holds it.</param>
    /// <param name="identity">All that the scores depend on: the evaluator's weights, images and precision.</param>
    /// <param name="farm">Has other ranks evaluate too; null where there are none.</param>
    /// <param name="number">By which number of images the other ranks know these.</param>
    /// <exception cref="BadDataException">A file is damaged.</exception>
    internal ArchitectureScores(
        SearchSpace space, SubnetEvaluator evaluator, RunDirectory run, string identity, TaskFarm? farm = null, int number = 0)
    {
        (_space, _evaluator, _farm, _number) = (space, evaluator, farm, number);
        Name = $"accuracy-on-{identity}.csv";
        _accuracies = new ScoreFile(space, run, Name, "accuracy", value => value is >= 0 and <= 1);
        _losses = new Lazy<ScoreFile>(() => new ScoreFile(space, run, $"loss-on-{identity}.csv", "loss", value => !(value < 0)));
    }

    /// <summary>The name of the file of accuracies, which says what they are of.</summary>
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
        Architecture[] fresh = Unknown(architectures, _accuracies);
        Action tell = Teller(architectures, _accuracies, scored);
        tell();
        Evaluate(fresh, stop, (i, accuracy) =>
        {
            Evaluated++;
            _accuracies.Add(fresh[i], accuracy);
            tell();
        });
        return [.. architectures.Select(one => _accuracies.Find(one)!.Value)];
    }

    /// <summary>The mean cross-entropy of an architecture on the images; one pass gives its accuracy too.</summary>
    /// <exception cref="RunFailedException">A file cannot be written, or the folder is no longer the run's.</exception>
    public double Loss(Architecture architecture)
    {
        MakeLosses([architecture], CancellationToken.None, null);
        return _losses.Value.Find(architecture)!.Value;
    }

    /// <summary>Evaluates those of several architectures whose loss is not known.</summary>
    /// <param name="architectures">The architectures.</param>
    /// <param name="stop">As for <see cref="Accuracies"/>.</param>
    /// <param name="scored">As there.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    /// <exception cref="RunFailedException">A file cannot be written, or the folder is no longer the run's.</exception>
    public void MakeLosses(IReadOnlyList<Architecture> architectures, CancellationToken stop, Action? scored)
    {
        Architecture[] fresh = Unknown(architectures, _losses.Value);
        Action tell = Teller(architectures, _losses.Value, scored);
        tell();
        _evaluator.AccuraciesAndLosses(fresh, (i, found) =>
        {
            Evaluated++;
            if (_accuracies.Find(fresh[i]) is null) _accuracies.Add(fresh[i], found.Accuracy);
            _losses.Value.Add(fresh[i], found.Loss);
            tell();
        }, stop);
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

    /// <summary>Frees the images; the files stay.</summary>
    public void Dispose() => _evaluator.Dispose();

    // One of each that compute the same.
    private Architecture[] Unknown(IReadOnlyList<Architecture> architectures, ScoreFile file)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        return [.. architectures.Where(one => file.Find(one) is null && asked.Add(_space.LiveGraphKey(one)))];
    }

    // Tells of architectures in their order, as far as they are known.
    private static Action Teller(IReadOnlyList<Architecture> architectures, ScoreFile file, Action? scored)
    {
        int told = 0;
        return () =>
        {
            for (; told < architectures.Count && file.Find(architectures[told]) is not null; told++) scored?.Invoke();
        };
    }

    private byte[] TaskOf(Architecture architecture) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_number}\n{_space.Format(architecture)}"));

    private void Evaluate(Architecture[] architectures, CancellationToken stop, Action<int, double> keep)
    {
        if (_farm is null || architectures.Length < 2)
        {
            _evaluator.Accuracies(architectures, keep, stop);
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
}
