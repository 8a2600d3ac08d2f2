using System.Globalization;
using System.Security.Cryptography;
using PandaNas.Data;
using PandaNas.Exporting;
using PandaNas.Ranking;
using PandaNas.Runtime;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Experiments;

/// <summary>
/// A trained supernet opened for scoring architectures. Scores are appended to a file of the run as they come and reused: ranking,
/// search and a resumed run never evaluate twice what computes the same.
/// </summary>
public sealed class SupernetEvaluation : IDisposable
{
    /// <summary>Images at a time; batch statistics are over so many, so it is part of the protocol (released: 512).</summary>
    public const int BatchSize = 512;

    // Up to this size of images; batches of larger ones are smaller, but not smaller than those of training.
    private const int LargestSide = 64;

    private readonly RunDirectory _run;
    private readonly ExperimentData _data;
    private readonly LabelledImages _images;
    private readonly SubnetEvaluator _evaluator;
    private readonly Stack<IDisposable> _opened;
    private readonly Dictionary<string, double> _known;
    private readonly string _scoresPath;

    private SupernetEvaluation(RunDirectory run, ExperimentOptions options, ExperimentData data, LabelledImages images, SpaceFamily family, SubnetEvaluator evaluator, Stack<IDisposable> opened, string scoresPath)
    {
        (_run, Options, _data, _images, Family, _evaluator, _opened) = (run, options, data, images, family, evaluator, opened);
        _scoresPath = scoresPath;
        _known = ReadScores(scoresPath, family.Space);
    }

    /// <summary>The options with which the supernet was trained.</summary>
    public ExperimentOptions Options { get; }

    /// <summary>The space and its networks.</summary>
    public SpaceFamily Family { get; }

    /// <summary>The run's folder, locked.</summary>
    public RunDirectory Run => _run;

    /// <summary>Identity of the data set.</summary>
    public string DataSet => _data.DataSet;

    /// <summary>Which images score: validation or test.</summary>
    public string RankingPart => _data.RankingPart;

    /// <summary>How many images score.</summary>
    public int Images => _images.Count;

    /// <summary>How many architectures were evaluated since this was opened; the rest came from the file or had an equal live graph.</summary>
    public int Evaluated { get; private set; }

    /// <summary>Sizes of the networks.</summary>
    public NetworkOptions NetworkOptions => _data.NetworkOptions(Options);

    /// <summary>Opens a trained supernet.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="images">How many of the ranking images to use; 0 is all.</param>
    /// <param name="seed">Decides which images.</param>
    /// <param name="adjust">Changes options that do not affect results: data path, threads, device.</param>
    /// <param name="context">Progress and the wish to stop.</param>
    public static SupernetEvaluation Open(string folder, int images, long seed, Func<ExperimentOptions, ExperimentOptions> adjust, RunContext context)
    {
        RunDirectory run = OpenTrained(folder);
        var opened = new Stack<IDisposable>([run]);
        try
        {
            ExperimentOptions options = adjust(RunDirectory.ReadOptions(folder, ExperimentOptions.ForSupernet));
            options = options with { Threads = TorchRuntime.UseThreads(options.Threads) };
            Device device = TorchRuntime.OpenDevice(options.Device);
            ExperimentData data = ExperimentData.ForSupernet(options, context);
            opened.Push(data);
            TrainingSession.DescribeOrCheck(run, options, OptionScope.Supernet, data, SupernetExperiment.Kind, null);
            LabelledImages chosen = data.RankingImages(images, seed);
            opened.Push(chosen);
            int batchSize = BatchSizeOf(options, data);
            SpaceFamily family = SpaceCatalog.Find(options.Space);
            Network network = family.Supernet(data.NetworkOptions(options), device, RandomStream.Derive(options.Seed, "weights"));
            opened.Push(network);
            LoadWeights(network, run.WeightsPath);
            options = options with
            {
                Precision = PrecisionResolver.Resolve(
                    options.Precision, network, chosen.Batches(data.Statistics, Augmentation.None), Math.Min(batchSize, chosen.Count), null, options.Seed, device),
            };
            string weights = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(run.WeightsPath)))[..16];
            string scores = run.File("scores", $"{weights}-{chosen.Count}-{seed}-{options.Precision.ToString().ToLowerInvariant()}.csv");
            var evaluator = new SubnetEvaluator(network, EvaluationBatches.Make(chosen, data.Statistics, batchSize, device), BatchNormCalibration.Of(options, data, network, device));
            opened.Push(evaluator);
            return new SupernetEvaluation(run, options, data, chosen, family, evaluator, opened, scores);
        }
        catch
        {
            foreach (IDisposable resource in opened) resource.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Images at a time: <see cref="BatchSize"/>, or for images above 64×64 pixels as many as have the same pixels together, but no
    /// fewer than in training, so that evaluation takes no more memory than the training did.
    /// </summary>
    internal static int BatchSizeOf(ExperimentOptions options, ExperimentData data)
    {
        long pixels = (long)data.Train.Height * data.Train.Width;
        return (int)Math.Min(BatchSize, Math.Max(options.BatchSize, BatchSize * (long)LargestSide * LargestSide / pixels));
    }

    /// <summary>Opens the folder of a supernet whose training is finished, without reading images and weights.</summary>
    /// <exception cref="BadDataException">It is another kind of run, or its training is not finished.</exception>
    public static RunDirectory OpenTrained(string folder)
    {
        RunDirectory run = RunDirectory.Open(folder);
        try
        {
            run.RequireKind(SupernetExperiment.Kind);
            if (!File.Exists(run.WeightsPath))
                throw new BadDataException($"'{folder}' has no {Path.GetFileName(run.WeightsPath)}: its training is not finished. Continue it with 'panda train --resume --out {folder}'");
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>The accuracy of an architecture on the ranking images, in [0, 1].</summary>
    public double Accuracy(Architecture architecture)
    {
        string key = Family.Space.LiveGraphKey(architecture);
        if (_known.TryGetValue(key, out double known)) return known;
        double accuracy = _evaluator.Accuracy(architecture);
        Evaluated++;
        AppendScore(Family.Space.Format(architecture), accuracy);
        _known.Add(key, accuracy);
        return accuracy;
    }

    /// <summary>Releases everything.</summary>
    public void Dispose()
    {
        foreach (IDisposable resource in _opened) resource.Dispose();
    }

    private static void LoadWeights(Network network, string path)
    {
        Dictionary<string, Tensor> tensors = SafeTensors.Read(path);
        try
        {
            network.Load(tensors, path);
        }
        finally
        {
            foreach (Tensor tensor in tensors.Values) tensor.Dispose();
        }
    }

    private void AppendScore(string architecture, double accuracy)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_scoresPath)!);
            File.AppendAllText(_scoresPath, string.Create(CultureInfo.InvariantCulture, $"{architecture},{accuracy:R}\n"));
        }
        catch (Exception error) when (AtomicFile.IsFailureToWrite(error))
        {
            throw AtomicFile.CannotWrite(_scoresPath, error);
        }
    }

    // A line that a killed process left half written is dropped, here and in the file, so that appending starts on a new line.
    private static Dictionary<string, double> ReadScores(string path, SearchSpace space)
    {
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        if (!File.Exists(path)) return scores;
        string text = File.ReadAllText(path);
        string whole = text[..(text.LastIndexOf('\n') + 1)];
        if (whole.Length != text.Length) AtomicFile.WriteText(path, whole);
        int number = 0;
        foreach (string line in whole.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            int comma = line.LastIndexOf(',');
            if (comma < 0 || !double.TryParse(line.AsSpan(comma + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double accuracy) || accuracy is not (>= 0 and <= 1)
                || LiveGraphKey(space, line[..comma]) is not { } key)
                throw new BadDataException($"'{path}', line {number}: expected 'architecture,accuracy', found '{(line.Length > 80 ? line[..77] + "..." : line)}'. Delete the file; its scores will be made anew.");
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
}
