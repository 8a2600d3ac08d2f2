using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PandaNas.Data.Batches;
using PandaNas.Distributed;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Training;

namespace PandaNas.Experiments.Scoring;

/// <summary>
/// Trains architectures alone, as <c>retrain</c> does but on the supernet's training images, and scores each on the images that the
/// supernet held out: its label. Labels are kept in a file of the run, and a label at hand in checkpoints, so that none is trained twice.
/// </summary>
internal sealed class LabelTraining
{
    /// <summary>The folder of the label at hand, in the run's.</summary>
    public const string FolderName = "label-checkpoints";

    // Begins what another rank is asked for, where that is a label.
    private const string TaskSign = "label";

    private readonly SupernetEvaluation _supernet;
    private readonly RetrainOptions _options;
    private readonly ScoreFile _file;
    private readonly RunContext _context;
    private readonly string _identity;

    /// <summary>Takes up the labels of earlier work, if there are some.</summary>
    /// <param name="supernet">Whose images train and score.</param>
    /// <param name="epochs">How long each label trains.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <exception cref="BadDataException">The file of labels is damaged.</exception>
    public LabelTraining(SupernetEvaluation supernet, int epochs, RunContext context)
    {
        (_supernet, _context) = (supernet, context);
        ExperimentData data = supernet.Data;
        // As the supernet was trained, also in its precision: what evaluates the faster may not train so.
        SupernetOptions stored = RunDirectory.ReadOptions<SupernetOptions>(supernet.Run.Path, context.Catalog);
        // Without a supernet nothing was measured, and each label would measure it anew.
        if (stored.Precision == PrecisionChoice.Auto) stored = stored with { Precision = PrecisionChoice.Float32 };
        _options = data.Adjust(new RetrainOptions { Epochs = epochs }.From(stored).Settle());
        _identity = IdentityOf(_options, data);
        string name = string.Create(
            CultureInfo.InvariantCulture,
            $"label-after-{epochs}-epochs-on-{data.Ranking.Count}-{data.RankingPart}-images-seed{_options.Seed}-{_identity}.csv");
        // What is no number stands for a training that diverged.
        _file = new ScoreFile(
            supernet.Family.Space, supernet.Run, name, "accuracy", value => value is >= 0 and <= 1 || double.IsNaN(value));
    }

    /// <summary>How many of the labels were trained since this was made.</summary>
    public int Trained { get; private set; }

    /// <summary>The labels of architectures, in [0, 1] and in their order; not a number where the training diverged.</summary>
    /// <param name="architectures">Of which no two compute the same.</param>
    /// <param name="report">Hears how many of them have their label, with parts of one.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked; labels so far are kept, and the one at hand goes on.</exception>
    public double[] Of(IReadOnlyList<Architecture> architectures, Action<double> report)
    {
        Architecture[] missing = [.. architectures.Where(one => _file.Find(one) is null)];
        int known = architectures.Count - missing.Length;
        report(known);
        if (_supernet.Farm is { } farm && missing.Length > 1) Share(farm, missing, done => report(known + done));
        else
            for (int i = 0; i < missing.Length; i++)
            {
                int done = known + i;
                Keep(missing[i], Train(missing[i], _context.Stop, progress => report(done + progress)));
                report(done + 1);
            }
        return [.. architectures.Select(one => _file.Find(one)!.Value)];
    }

    /// <summary>Whether what rank 0 asks another rank for is a label.</summary>
    public static bool IsTask(byte[] task) => Encoding.UTF8.GetString(task).StartsWith(TaskSign, StringComparison.Ordinal);

    /// <summary>Trains on another rank the label that rank 0 asks for.</summary>
    public static byte[] Answer(byte[] task, SupernetEvaluation supernet, RunContext context, CancellationToken stop)
    {
        string[] parts = Encoding.UTF8.GetString(task).Split('\n', 3);
        var training = new LabelTraining(supernet, int.Parse(parts[1], CultureInfo.InvariantCulture), context);
        return BitConverter.GetBytes(training.Train(supernet.Family.Space.Parse(parts[2]), stop, _ => { }));
    }

    private byte[] TaskOf(Architecture architecture) => Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{TaskSign}\n{_options.Epochs}\n{_supernet.Family.Space.Format(architecture)}"));

    private void Keep(Architecture architecture, double label)
    {
        Trained++;
        _file.Add(architecture, label);
        CheckpointsOf(architecture).Delete();
        string folder = _supernet.Run.File(FolderName);
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }

    // Kept in the order of one process, whichever rank is the faster.
    private void Share(TaskFarm farm, Architecture[] architectures, Action<int> report)
    {
        var waiting = new double?[architectures.Length];
        int kept = 0;
        farm.Run(
            architectures.Length,
            i => TaskOf(architectures[i]),
            (i, stop) => BitConverter.GetBytes(Train(architectures[i], stop, _ => { })),
            (i, result) =>
            {
                waiting[i] = BitConverter.ToDouble(result);
                for (; kept < waiting.Length && waiting[kept] is { } label; kept++) Keep(architectures[kept], label);
                report(waiting.Count(one => one is not null));
            },
            _context.Stop);
    }

    private double Train(Architecture architecture, CancellationToken stop, Action<double> report)
    {
        ExperimentData data = _supernet.Data;
        (Network made, Trainer maker, _) = StandaloneTraining.Prepare(
            _options, data, architecture, _supernet.Device, _context with { Ranks = null });
        using Network network = made;
        using Trainer trainer = maker;
        Checkpoints? checkpoints = _supernet.Run.IsReadOnly ? null : CheckpointsOf(architecture);
        checkpoints?.Resume(trainer);
        try
        {
            while (!trainer.IsFinished)
            {
                bool stopped = trainer.RunEpoch(stop, () => report(trainer.Progress)) is null;
                if (FiniteTensors.Explain(network.State()) is not null) return double.NaN;
                if (!trainer.IsFinished) Save(checkpoints, trainer);
                if (stopped) throw new OperationCanceledException(stop);
            }
        }
        catch (DivergedException)
        {
            return double.NaN;
        }
        trainer.UseAverage();
        using var evaluator = new SubnetEvaluator(
            network,
            EvaluationBatches.Make(data.Ranking, data.Statistics, SupernetEvaluation.BatchSizeOf(_options, data), _supernet.Device));
        return evaluator.Accuracy(architecture);
    }

    private void Save(Checkpoints? checkpoints, Trainer trainer)
    {
        if (checkpoints is null) return;
        _supernet.Run.RequireHeld();
        checkpoints.Save(trainer.Capture());
    }

    private Checkpoints CheckpointsOf(Architecture architecture) =>
        new(_supernet.Run.File(FolderName, Hash($"{_identity} {_supernet.Family.Space.Format(architecture)}")));

    // All that decides a label's bits but for the machine and its threads.
    private static string IdentityOf(RetrainOptions options, ExperimentData data) => Hash(string.Join(
        '\n',
        OptionDescription.AllOf(typeof(RetrainOptions)).Where(option => option is { IsStored: true, MayChange: false })
            .Select(option => $"{option.Key}: {options.IdentityOf(option)}")
            .Append(ExperimentData.Fingerprint(data.Train)).Append(ExperimentData.Fingerprint(data.Ranking))));

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
