using System.Collections.Concurrent;
using System.Collections.Immutable;
using PandaNas.Data.Batches;
using PandaNas.Data.Decoding;
using PandaNas.Data.Images;
using PandaNas.Data.Streaming;
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

/// <summary>A class and how probable it is.</summary>
/// <param name="Label">The class's name.</param>
/// <param name="Probability">In [0, 1].</param>
public readonly record struct ClassProbability(string Label, double Probability);

/// <summary>What a model says of a picture.</summary>
/// <param name="Classes">Every class, the most probable one first.</param>
public sealed record Prediction(ImmutableArray<ClassProbability> Classes)
{
    /// <summary>The most probable class.</summary>
    public string Label => Classes[0].Label;

    /// <summary>Its probability, in [0, 1].</summary>
    public double Probability => Classes[0].Probability;
}

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
public sealed class Model : IDisposable
{
    // More pictures at a time take more memory and are no faster.
    private const int LargestBatch = 64;

    private readonly ModelCard _card;
    private readonly Network _network;
    private readonly Architecture _architecture;
    private readonly Device _device;
    private readonly ConcurrentBag<PictureReader> _readers = [];
    private readonly Lock _computing = new();
    private bool _disposed;

    private Model(string folder, ModelCard card, Network network, Architecture architecture, Device device) =>
        (Folder, _card, _network, _architecture, _device) = (Path.GetFullPath(folder), card, network, architecture, device);

    /// <summary>The folder that it came from.</summary>
    public string Folder { get; }

    /// <summary>The names of its classes.</summary>
    public ImmutableArray<string> Classes => _card.Classes;

    /// <summary>Its architecture in the notation of its space.</summary>
    public string Architecture => _card.Architecture;

    /// <summary>Side in pixels of what its network sees.</summary>
    public int ImageSize => _card.Network.ImageSize;

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
    /// <param name="folder">The retraining's folder.</param>
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
            TrainingSession.LoadWeights(network, Path.Combine(folder, "weights.safetensors"));
            return new Model(folder, card, network, architecture, place);
        }
        catch (Exception error)
        {
            network?.Dispose();
            if (error is not (BadOptionException or ArchitectureFormatException)) throw;
            throw new BadDataException($"cannot use '{path}': {error.Message}. {ModelCard.Remedy}", error);
        }
    }

    /// <summary>Classifies a picture.</summary>
    /// <param name="path">A JPEG, PNG, WebP, GIF or BMP file of any size.</param>
    /// <exception cref="BadDataException">The file is missing, damaged, truncated or no image.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public Prediction Predict(string path) => Predict([path])[0];

    /// <summary>Classifies pictures, several at a time.</summary>
    /// <param name="paths">Their files.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>What is said of each, in their order.</returns>
    /// <exception cref="BadDataException">A file is missing, damaged, truncated or no image.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public ImmutableArray<Prediction> Predict(IEnumerable<string> paths, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return [.. paths.Chunk(LargestBatch).SelectMany(some =>
        {
            cancel.ThrowIfCancellationRequested();
            return Classify(some.Length, (reader, number, planes) => reader.Read(some[number], planes));
        })];
    }

    /// <summary>Classifies a picture that is read from a stream.</summary>
    /// <param name="picture">A whole JPEG, PNG, WebP, GIF or BMP file; stays open.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="BadDataException">It is damaged, truncated or no image.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public Prediction Predict(Stream picture, string name = "the picture")
    {
        ArgumentNullException.ThrowIfNull(picture);
        ReadOnlyMemory<byte> file = ImageDecoder.ReadAll(picture, name);
        return Classify(1, (reader, _, planes) => reader.Read(name, file.Span, planes))[0];
    }

    /// <summary>Classifies pixels that are at hand.</summary>
    /// <param name="pixels">H×W×3 bytes, red, green and blue of a pixel side by side, rows from the top; or H×W grey ones.</param>
    /// <param name="width">W in pixels.</param>
    /// <param name="height">H in pixels.</param>
    /// <exception cref="ArgumentException">There are more or fewer bytes.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public Prediction Predict(ReadOnlyMemory<byte> pixels, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        long area = (long)width * height;
        if (area >= EncodedImage.TooManyPixels || (pixels.Length != area && pixels.Length != 3 * area))
            throw new ArgumentException(
                $"there are {pixels.Length} bytes: expected {3 * area} or, grey, {area} for {width}x{height} pixels", nameof(pixels));
        return Classify(1, (reader, _, planes) => reader.Read(pixels.Span, width, height, planes))[0];
    }

    /// <summary>
    /// Writes the model as ONNX, for ONNX Runtime, ML.NET and others: input <c>images</c>, output <c>logits</c>, any number of images at a
    /// time. What turns pixels into a class stands in the file's texts, as JSON under <c>panda_model</c>.
    /// </summary>
    /// <param name="file">The file; one of the same name is replaced.</param>
    /// <param name="options">How it is written; batch norms are folded and pictures come normalised unless it says otherwise.</param>
    /// <exception cref="SpaceDefinitionException">A module of the model's space does not say how it is exported.</exception>
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

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        lock (_computing)
        {
            if (_disposed) return;
            _disposed = true;
            _network.Dispose();
        }
    }

    private delegate void Reading(PictureReader reader, int number, Span<byte> planes);

    private Prediction[] Classify(int count, Reading read)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var shape = new ImageShape(_card.Network.InputChannels, ImageSize, ImageSize);
        byte[] pixels = new byte[count * shape.Bytes];
        if (count == 1) Read(0);
        else
        {
            // The first bad one in their order is told, whatever the threads do.
            var faults = new BadDataException?[count];
            Parallel.For(0, count, number =>
            {
                try
                {
                    Read(number);
                }
                catch (BadDataException error)
                {
                    faults[number] = error;
                }
            });
            if (faults.FirstOrDefault(fault => fault is not null) is { } first) throw first;
        }
        using var images = ImageSet.FromArray(pixels, new int[count], shape.Channels, ImageSize, ImageSize, Classes);
        IBatchMaker maker = images.Batches(_card.Statistics, Augmentation.None);
        float[] probabilities;
        // Networks keep plans and buffers, and torch has its own threads.
        lock (_computing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            using var inference = inference_mode();
            using var scope = NewDisposeScope();
            using Batch batch = maker.MakePlain([.. Enumerable.Range(0, count)], _device);
            probabilities = _network.FromShared(_network.Share(batch.Images), _architecture).softmax(1).cpu().data<float>().ToArray();
        }
        return
        [
            .. probabilities.Chunk(Classes.Length).Select(one => new Prediction(
                [.. one.Zip(Classes, (probability, name) => new ClassProbability(name, probability))
                    .OrderByDescending(entry => entry.Probability)])),
        ];

        void Read(int number)
        {
            if (!_readers.TryTake(out PictureReader? reader))
                reader = new PictureReader(_card.Fitting, Colour.Parse(_card.Background), shape);
            read(reader, number, pixels.AsSpan(number * shape.Bytes, shape.Bytes));
            _readers.Add(reader);
        }
    }
}
