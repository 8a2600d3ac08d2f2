using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Spaces;

namespace PandaNas.Experiments.Stages;

/// <summary>
/// Accuracies and losses of architectures with a supernet's weights on one set of images, kept in files of the run, so that ranking, search
/// and a resumed run never evaluate twice what computes the same.
/// </summary>
internal sealed class ArchitectureScores : IDisposable
{
    private readonly SubnetEvaluator _evaluator;
    private readonly ScoreFile _accuracies;
    private readonly Lazy<ScoreFile> _losses;

    /// <summary>Takes up the scores of earlier work, if there are some.</summary>
    /// <param name="space">The space of the architectures.</param>
    /// <param name="evaluator">Scores what is not known; disposed with this.</param>
    /// <param name="run">The run, locked.</param>
    /// <param name="identity">All that the scores depend on: the evaluator's weights, images and precision.</param>
    /// <exception cref="BadDataException">A file is damaged.</exception>
    internal ArchitectureScores(SearchSpace space, SubnetEvaluator evaluator, RunDirectory run, string identity)
    {
        _evaluator = evaluator;
        _accuracies = new ScoreFile(space, run, $"accuracy-on-{identity}.csv", "accuracy", value => value is >= 0 and <= 1);
        _losses = new Lazy<ScoreFile>(() => new ScoreFile(space, run, $"loss-on-{identity}.csv", "loss", value => !(value < 0)));
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
        if (_accuracies.Find(architecture) is { } known) return known;
        double accuracy = _evaluator.Accuracy(architecture);
        Evaluated++;
        return _accuracies.Add(architecture, accuracy);
    }

    /// <summary>The mean cross-entropy of an architecture on the images; one pass gives its accuracy too.</summary>
    /// <exception cref="RunFailedException">A file cannot be written, or the folder is no longer the run's.</exception>
    public double Loss(Architecture architecture)
    {
        if (_losses.Value.Find(architecture) is { } known) return known;
        (double accuracy, double loss) = _evaluator.AccuracyAndLoss(architecture);
        Evaluated++;
        if (_accuracies.Find(architecture) is null) _accuracies.Add(architecture, accuracy);
        return _losses.Value.Add(architecture, loss);
    }

    /// <summary>Frees the images; the files stay.</summary>
    public void Dispose() => _evaluator.Dispose();
}
