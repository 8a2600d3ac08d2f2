using System.Collections.Concurrent;
using System.Collections.Immutable;
using PandaNas.Data.Decoding;
using PandaNas.Data.Reading;
using PandaNas.Experiments.Models;

namespace PandaNas;

/// <summary>
/// A network that classifies pictures, which it decodes, turns, fits and normalises exactly as those of its training: a
/// <see cref="Model"/>, or an ONNX file. Safe to use from several threads.
/// </summary>
public abstract class Classifier : IDisposable
{
    // More pictures at a time take more memory and are no faster.
    private const int LargestBatch = 64, BatchesAhead = 3;

    // Pictures at their own sizes are large, and mostly of several sizes. Threads that each classify some want many batches.
    private const int LargestWholeBatch = 8, LargestParallelBatch = 16, MostPixels = 1 << 22;

    private readonly ModelInput _input;
    private readonly bool _keepsSize;
    private readonly PictureReader _reader;
    private readonly ConcurrentBag<ImageWorkspace> _workspaces = [];

    /// <summary>Takes what is known of a network's input.</summary>
    /// <param name="input">What makes a picture what the network takes.</param>
    /// <param name="keepsSize">Whether the network takes pictures of any size.</param>
    internal Classifier(ModelInput input, bool keepsSize)
    {
        (_input, _keepsSize) = (input, keepsSize);
        _reader = new PictureReader(input.Fitting, input.BackgroundColour, input.Shape, keepsSize);
    }

    /// <summary>The names of its classes.</summary>
    public ImmutableArray<string> Classes => _input.Classes;

    /// <summary>Side in pixels of what its network sees.</summary>
    public int ImageSize => _input.ImageSize;

    /// <summary>Its architecture in the notation of its space.</summary>
    public abstract string Architecture { get; }

    /// <summary>What messages call it.</summary>
    internal abstract string Source { get; }

    /// <summary>
    /// How many threads decode and classify many pictures, each some of its own; 0 for a network that one thread runs while others decode.
    /// </summary>
    internal virtual int ParallelThreads => 0;

    /// <summary>Classifies a picture.</summary>
    /// <param name="path">A JPEG, PNG, WebP, GIF or BMP file of any size.</param>
    /// <exception cref="BadDataException">The file is missing, damaged, truncated or no image.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public Prediction Predict(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Classify([WithWorkspace(workspace => _reader.Read(path, workspace))])[0];
    }

    /// <summary>Classifies pictures, several at a time; some are decoded while others are classified.</summary>
    /// <param name="paths">Their files.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>What is said of each, in their order.</returns>
    /// <exception cref="BadDataException">A file is missing, damaged, truncated or no image.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public ImmutableArray<Prediction> Predict(IEnumerable<string> paths, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return [.. PredictEach(paths, 0, cancel).Select(one => one.Prediction ?? throw one.Fault!)];
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
        return Classify([WithWorkspace(workspace => _reader.Read(name, file.Span, workspace))])[0];
    }

    /// <summary>Classifies pixels that are at hand.</summary>
    /// <param name="pixels">H×W×3 bytes, red, green and blue of a pixel side by side, rows from the top; or H×W grey ones.</param>
    /// <param name="width">W in pixels.</param>
    /// <param name="height">H in pixels.</param>
    /// <exception cref="ArgumentException">There are more or fewer bytes.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public Prediction Predict(ReadOnlySpan<byte> pixels, int width, int height) => Predict(pixels, width, height, 1)[0];

    /// <summary>Classifies several pictures of one size, whose pixels are at hand.</summary>
    /// <param name="pixels">N×H×W×3 bytes, or N×H×W grey ones.</param>
    /// <param name="width">W in pixels.</param>
    /// <param name="height">H in pixels.</param>
    /// <param name="count">N, at least 1.</param>
    /// <returns>What is said of each, in their order.</returns>
    /// <exception cref="ArgumentException">There are more or fewer bytes.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public ImmutableArray<Prediction> Predict(ReadOnlySpan<byte> pixels, int width, int height, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        long area = (long)width * height, bytes = pixels.Length / (long)count;
        if (area >= EncodedImage.TooManyPixels || bytes * count != pixels.Length || (bytes != area && bytes != 3 * area))
            throw new ArgumentException(
                $"there are {pixels.Length} bytes: expected {3 * area * count} or, grey, {area * count} for {width}x{height} pixels"
                + (count == 1 ? "" : $" of {count} pictures"), nameof(pixels));
        var predictions = new List<Prediction>(count);
        var pictures = new List<Picture>();
        ImageWorkspace workspace = Workspace();
        for (int i = 0; i < count; i++)
        {
            pictures.Add(_reader.Read(pixels.Slice(i * (int)bytes, (int)bytes), width, height, workspace));
            if (pictures.Count < BatchSize && i < count - 1) continue;
            predictions.AddRange(Classify(pictures));
            pictures.Clear();
        }
        _workspaces.Add(workspace);
        return [.. predictions];
    }

    /// <summary>Frees the weights.</summary>
    public abstract void Dispose();

    /// <summary>Classifies pictures, and goes on where one cannot be read.</summary>
    /// <param name="paths">Their files.</param>
    /// <param name="workers">Threads that decode; 0 is one per processor.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>What is said of each, in their order, as soon as it is known.</returns>
    internal IEnumerable<ClassifiedPicture> PredictEach(IEnumerable<string> paths, int workers, CancellationToken cancel)
    {
        bool isParallel = ParallelThreads > 0;
        using var threads = new DecodeWorkers(isParallel ? ParallelThreads : workers, yield: !isParallel);
        int most = isParallel ? 2 * ParallelThreads : BatchesAhead;
        var pending = new Queue<PendingPictures>();
        int size = BatchSize;
        if (isParallel)
        {
            // Few pictures, too, are for all threads.
            bool isKnown = paths.TryGetNonEnumeratedCount(out int count);
            size = Math.Clamp(isKnown ? (count + ParallelThreads - 1) / ParallelThreads : size, 1, Math.Min(size, LargestParallelBatch));
        }
        foreach (string[] some in paths.Chunk(size))
        {
            pending.Enqueue(new PendingPictures(this, some, threads));
            if (pending.Count <= most) continue;
            foreach (ClassifiedPicture one in pending.Dequeue().Finish(cancel)) yield return one;
        }
        while (pending.TryDequeue(out PendingPictures? last))
            foreach (ClassifiedPicture one in last.Finish(cancel)) yield return one;
    }

    /// <summary>What the network gives for pictures of one size; called by several threads at a time.</summary>
    /// <param name="pixels">N×C×S×S bytes or, where it takes pictures of any size, N×H×W×C.</param>
    /// <param name="count">N.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <returns>N×classes.</returns>
    internal abstract float[] Logits(byte[] pixels, int count, int height, int width);

    private int BatchSize => _keepsSize ? LargestWholeBatch : LargestBatch;

    private Prediction[] Classify(IReadOnlyList<Picture> pictures)
    {
        var predictions = new Prediction[pictures.Count];
        foreach ((int Index, Picture Item)[] some in pictures.Index()
            .GroupBy(one => (one.Item.Height, one.Item.Width))
            .SelectMany(group => group.Chunk(Math.Max(1, MostPixels / (group.Key.Height * group.Key.Width)))))
        {
            int bytes = some[0].Item.Pixels.Length;
            byte[] pixels = some.Length == 1 ? some[0].Item.Pixels : new byte[checked(some.Length * bytes)];
            for (int i = 0; some.Length > 1 && i < some.Length; i++) some[i].Item.Pixels.CopyTo(pixels, i * bytes);
            float[] logits = Logits(pixels, some.Length, some[0].Item.Height, some[0].Item.Width);
            for (int i = 0; i < some.Length; i++)
                predictions[some[i].Index] = PredictionOf(logits.AsSpan(i * Classes.Length, Classes.Length));
        }
        return predictions;
    }

    private Prediction PredictionOf(ReadOnlySpan<float> logits)
    {
        double sum = 0, most = double.NegativeInfinity;
        double[] shares = new double[logits.Length];
        foreach (float logit in logits)
        {
            if (!float.IsFinite(logit)) throw new BadDataException($"what '{Source}' gives for a picture are no numbers: it is damaged");
            most = Math.Max(most, logit);
        }
        for (int i = 0; i < shares.Length; i++) sum += shares[i] = Math.Exp(logits[i] - most);
        return new Prediction(
            [.. shares.Index().OrderByDescending(one => one.Item).Select(one => new ClassProbability(Classes[one.Index], one.Item / sum))]);
    }

    private Picture WithWorkspace(Func<ImageWorkspace, Picture> read)
    {
        ImageWorkspace workspace = Workspace();
        Picture picture = read(workspace);
        _workspaces.Add(workspace);
        return picture;
    }

    private ImageWorkspace Workspace() => _workspaces.TryTake(out ImageWorkspace? workspace) ? workspace : new ImageWorkspace();

    /// <summary>Pictures that threads read and, where several may classify, classify.</summary>
    private sealed class PendingPictures
    {
        private readonly Classifier _classifier;
        private readonly string[] _paths;
        private readonly Picture?[] _pictures;
        private readonly BadDataException?[] _faults;
        private readonly DecodeJob _job;
        private Prediction[]? _predictions;

        public PendingPictures(Classifier classifier, string[] paths, DecodeWorkers threads)
        {
            (_classifier, _paths) = (classifier, paths);
            (_pictures, _faults) = (new Picture?[paths.Length], new BadDataException?[paths.Length]);
            _job = classifier.ParallelThreads == 0 ? threads.Start(paths.Length, Read) : threads.Start(1, (_, workspace) =>
            {
                for (int i = 0; i < paths.Length; i++) Read(i, workspace);
                _predictions = Classify();
            });
        }

        public IEnumerable<ClassifiedPicture> Finish(CancellationToken cancel)
        {
            using (cancel.Register(_job.Cancel)) _job.Finish();
            Prediction[] predictions = _predictions ?? Classify();
            int next = 0;
            for (int i = 0; i < _paths.Length; i++)
                yield return new ClassifiedPicture(_paths[i], _pictures[i] is null ? null : predictions[next++], _faults[i]);
        }

        private void Read(int item, ImageWorkspace workspace)
        {
            try
            {
                _pictures[item] = _classifier._reader.Read(_paths[item], workspace);
            }
            catch (BadDataException error)
            {
                _faults[item] = error;
            }
        }

        private Prediction[] Classify() => _classifier.Classify([.. _pictures.OfType<Picture>()]);
    }
}

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

/// <summary>A picture's file, and what a model says of it or why it cannot be read.</summary>
/// <param name="Path">The file.</param>
/// <param name="Prediction">Null where it cannot be read.</param>
/// <param name="Fault">Why; null where it can.</param>
internal readonly record struct ClassifiedPicture(string Path, Prediction? Prediction, BadDataException? Fault);
