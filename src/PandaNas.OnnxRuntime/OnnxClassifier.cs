using Microsoft.ML.OnnxRuntime;
using PandaNas.Data.Batches;
using PandaNas.Data.Resizing;
using PandaNas.Experiments.Models;
using PandaNas.Exporting;
using PandaNas.Runtime.Files;

namespace PandaNas.OnnxRuntime;

/// <summary>
/// A model that was exported as ONNX, which classifies pictures in ONNX Runtime: without torch, exactly as <see cref="Model"/> does,
/// whether it takes pixels or normalised images. Safe to use from several threads.
/// </summary>
/// <example>
/// <code>
/// using var model = OnnxClassifier.Load("pets.onnx");
/// Console.WriteLine(model.Predict("cat.jpg").Label);
/// </code>
/// </example>
public sealed class OnnxClassifier : Classifier
{
    private static readonly FileKind s_kind = new(
        "a model of this program in ONNX", Array.MaxLength, "Export it again from the folder of its run.")
    {
        MayBeEmpty = true,
    };

    private readonly ModelFacts _facts;
    private readonly OnnxSession _session;
    private readonly ImageWriter _writer;
    private readonly ReaderWriterLockSlim _open = new();
    private bool _disposed;

    private OnnxClassifier(string file, ModelFacts facts, OnnxSession session, int threads)
        : base(facts.Input, keepsSize: facts.Preprocessing == Preprocessing.Inside)
    {
        (File, _facts, _session) = (Path.GetFullPath(file), facts, session);
        ParallelThreads = threads == 0 ? Environment.ProcessorCount : threads;
        _writer = new ImageWriter(facts.Input.Shape, facts.Input.Statistics, Augmentation.None);
    }

    /// <summary>The file that it came from.</summary>
    public string File { get; }

    /// <inheritdoc/>
    public override string Architecture => _facts.Architecture;

    /// <summary>Its accuracy on the test images, in [0, 1]; null for weights of a supernet.</summary>
    public double? TestAccuracy => _facts.TestAccuracy;

    /// <summary>Loads a model.</summary>
    /// <param name="file">A file that <c>Model.ExportOnnx</c> or <c>panda export</c> wrote.</param>
    /// <param name="threads">
    /// Threads that classify many pictures, each some of its own; 0 is as many as there are cores. A single picture takes one.
    /// </param>
    /// <exception cref="BadDataException">There is no such file, or it is damaged, of another program or of another version.</exception>
    public static OnnxClassifier Load(string file, int threads = 0)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(file);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        byte[] bytes = InputFile.ReadBytes(file, s_kind);
        OnnxSession? session = null;
        try
        {
            // Threads that share no work need not wait for each other, so many pictures are classified faster than by all together.
            session = new OnnxSession(bytes, threads: 1);
            if (!session.Metadata.TryGetValue(OnnxModel.MetadataKey, out string? json))
                throw new BadDataException($"it has no text '{OnnxModel.MetadataKey}', so another program made it");
            var facts = ModelFacts.Parse(json, session.Outputs);
            return session.Fault(facts.Preprocessing == Preprocessing.Inside, facts.Input.Shape) is { } fault
                ? throw new BadDataException(fault)
                : new OnnxClassifier(file, facts, session, threads);
        }
        catch (Exception error) when (error is OnnxRuntimeException or BadDataException)
        {
            session?.Dispose();
            throw Unusable(file, error);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _open.EnterWriteLock();
        try
        {
            if (_disposed) return;
            _disposed = true;
            _session.Dispose();
        }
        finally
        {
            _open.ExitWriteLock();
        }
    }

    /// <inheritdoc/>
    internal override string Source => File;

    /// <inheritdoc/>
    internal override int ParallelThreads { get; }

    /// <inheritdoc/>
    internal override float[] Logits(byte[] pixels, int count, int height, int width)
    {
        ImageShape shape = _facts.Input.Shape;
        float[] images = [];
        if (_facts.Preprocessing == Preprocessing.Outside)
        {
            images = new float[pixels.Length];
            for (int at = 0; at < pixels.Length; at += shape.Bytes)
                _writer.WritePlanes(pixels.AsSpan(at, shape.Bytes), images.AsSpan(at, shape.Bytes));
        }
        // Not while it is disposed.
        _open.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            float[] logits = _facts.Preprocessing == Preprocessing.Inside
                ? _session.Run(pixels, count, height, width, shape.Channels)
                : _session.Run(images, count, shape.Channels, height, width);
            return logits.Length == count * Classes.Length
                ? logits
                : throw new BadDataException($"it gives {logits.Length} logits for {count} pictures of {Classes.Length} classes");
        }
        catch (Exception error) when (error is OnnxRuntimeException or BadDataException)
        {
            throw Unusable(File, error);
        }
        finally
        {
            _open.ExitReadLock();
        }
    }

    private static BadDataException Unusable(string file, Exception error) =>
        new($"cannot use '{file}': {error.Message.Split('\n')[0].TrimEnd('.')}. {s_kind.Remedy}", error);
}
