using PandaNas.Data.Batches;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Exporting;
using PandaNas.Runtime.Torch;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas;

/// <summary>
/// A retrained network that classifies pictures, which it decodes, turns, fits and normalises exactly as those of its training. Safe to
/// use from several threads.
/// </summary>
/// <example>
/// <code>
/// using Model model = Model.Load("runs/winner");
/// Prediction prediction = model.Predict("cat.jpg");
/// Console.WriteLine($"{prediction.Label} {prediction.Probability:P0}");
/// </code>
/// </example>
public sealed class Model : Classifier
{
    private readonly ModelCard _card;
    private readonly Network _network;
    private readonly Architecture _architecture;
    private readonly Device _device;
    private readonly Lock _computing = new();
    private bool _disposed;

    private Model(string folder, ModelCard card, Network network, Architecture architecture, Device device)
        : base(card.Input, keepsSize: false) =>
        (Folder, _card, _network, _architecture, _device) = (Path.GetFullPath(folder), card, network, architecture, device);

    /// <summary>The folder that it came from.</summary>
    public string Folder { get; }

    /// <inheritdoc/>
    public override string Architecture => _card.Architecture;

    /// <summary>Its accuracy on the test images, in [0, 1].</summary>
    public double TestAccuracy => _card.TestAccuracy;

    /// <summary>What its training gave; null where the folder holds the model only.</summary>
    /// <exception cref="BadDataException">The record is damaged.</exception>
    public RetrainingResult? Training => RetrainingExperiment.ReadResult(Folder);

    /// <summary>Trains an architecture from scratch as a plain network, and scores it on the test images.</summary>
    /// <param name="images">The images.</param>
    /// <param name="architecture">In the space's notation.</param>
    /// <param name="options">How, and in which space and sizes.</param>
    /// <param name="folder">The run's folder, which must hold no run yet.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Saves and stops; <see cref="Resume"/> goes on, bit for bit as if nothing had happened.</param>
    /// <exception cref="BadOptionException">
    /// An option or the architecture is impossible, or the folder holds a run; nothing was begun.
    /// </exception>
    /// <exception cref="BadDataException">The images are missing or damaged.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <example>
    /// <code>using Model model = Model.Train(images, "k3e3-skip-…", new() { Space = "proxylessnas" }, "runs/mobile");</code>
    /// </example>
    public static Model Train(
        Images images, string architecture, RetrainOptions options, string folder,
        IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        options = options with { Data = images.Source };
        return Train(options, architecture, folder, resume: false, ProgramContext.For(progress, cancel, options.Catalog));
    }

    /// <summary>Continues a retraining that was interrupted, or loads its model if it is done.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="catalog">Has the run's space and format if they are your own.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Saves and stops again.</param>
    /// <exception cref="BadDataException">
    /// There is no such run, or it is damaged, or its images are not those it was started with.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <example><code>using Model model = Model.Resume("runs/winner");</code></example>
    public static Model Resume(
        string folder, Catalog? catalog = null, IProgress<RunProgress>? progress = null, CancellationToken cancel = default)
    {
        RunContext context = ProgramContext.For(progress, cancel, catalog);
        RetrainOptions options = RunDirectory.ReadOptions<RetrainOptions>(folder, context.Catalog);
        return Train(options, RetrainingExperiment.ArchitectureOf(folder), folder, resume: true, context);
    }

    /// <summary>Loads what a retraining ended with.</summary>
    /// <param name="folder">
    /// The retraining's folder, or another one with its <c>model.json</c>, <c>weights.safetensors</c> and, where it has one,
    /// <c>space.yaml</c>: nothing else is needed.
    /// </param>
    /// <param name="catalog">Has the model's space if it is one of your own.</param>
    /// <param name="device">Where it computes: cpu, cuda or cuda:INDEX.</param>
    /// <exception cref="BadDataException">The folder holds no model, one of another version, or a damaged one.</exception>
    public static Model Load(string folder, Catalog? catalog = null, string device = "cpu")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        TorchRuntime.RequireNative();
        Device place = TorchRuntime.OpenDevice(device);
        ModelCard card = ModelCard.Read(folder);
        SpaceFamily family = card.FindSpace(folder, catalog ?? Catalog.Default);
        string path = Path.Combine(folder, ModelCard.FileName);
        Network? network = null;
        try
        {
            family.Validate(card.Network);
            Architecture architecture = family.Space.Parse(card.Architecture);
            network = family.Standalone(card.Network, architecture, place, RandomStream.Derive(0, "weights"));
            network.Precision = card.Precision;
            RunWeights.Load(network, Path.Combine(folder, "weights.safetensors"));
            return new Model(folder, card, network, architecture, place);
        }
        catch (Exception error)
        {
            network?.Dispose();
            if (error is not (BadOptionException or ArchitectureFormatException)) throw;
            throw new BadDataException($"cannot use '{path}': {error.Message}. {ModelCard.Remedy}", error);
        }
    }

    /// <summary>
    /// Writes the model as ONNX, for ONNX Runtime, ML.NET and others: input <c>images</c>, output <c>logits</c>, any number of images at a
    /// time. What turns pixels into a class stands in the file's texts, as JSON under <c>panda_model</c>.
    /// </summary>
    /// <param name="file">The file; one of the same name is replaced.</param>
    /// <param name="options">How it is written; batch norms are folded and pictures come normalised unless it says otherwise.</param>
    /// <exception cref="PandaNasException">A module of the model's space does not say how it is exported.</exception>
    /// <exception cref="BadOptionException">Options contradict each other.</exception>
    /// <exception cref="BadDataException">A model of 8 bits is wanted, and the run's images cannot be read.</exception>
    /// <exception cref="RunFailedException">The file cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public void ExportOnnx(string file, OnnxOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(file);
        lock (_computing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ModelExport.WriteOnnx(Folder, Exportable, options ?? new OnnxOptions(), file, ProgramContext.For(null, default, null));
        }
    }

    /// <summary>What is exported.</summary>
    internal ExportableModel Exportable => new(_network, _architecture, _card, IsRetrained: true);

    /// <summary>Retrains, or continues a retraining.</summary>
    internal static Model Train(RetrainOptions options, string architecture, string folder, bool resume, RunContext context)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentNullException.ThrowIfNull(architecture);
        TorchRuntime.TuneProcess();
        RetrainingExperiment.Retrain(options, architecture, folder, resume, context);
        return Load(folder, options.Catalog, options.Device);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_computing)
        {
            if (_disposed) return;
            _disposed = true;
            _network.Dispose();
        }
    }

    /// <inheritdoc/>
    internal override string Source => Folder;

    /// <inheritdoc/>
    internal override float[] Logits(byte[] pixels, int count, int height, int width)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        using var images = ImageSet.FromArray(pixels, new int[count], _card.Network.InputChannels, height, width, Classes);
        using Batch batch = images.Batches(_card.Input.Statistics, Augmentation.None).MakePlain([.. Enumerable.Range(0, count)], _device);
        // Networks keep plans and buffers, and torch has its own threads.
        lock (_computing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Tensor logits = _network.FromShared(_network.Share(batch.Images), _architecture);
            return logits.to(ScalarType.Float32).cpu().data<float>().ToArray();
        }
    }
}
