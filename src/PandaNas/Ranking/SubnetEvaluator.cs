using PandaNas.Data.Batches;
using PandaNas.Runtime.Threads;
using PandaNas.Runtime.Torch;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Ranking;

/// <summary>
/// Scores architectures by the accuracy that they reach with the weights of a network, without training. What all architectures
/// compute alike of the images is computed once; the network's weights and precision must not change afterwards.
/// </summary>
/// <param name="network">The network; normalises by batch statistics if it is a supernet.</param>
/// <param name="batches">The images to classify, where the network lives; disposed with the evaluator.</param>
/// <param name="calibration">Makes the network's running statistics before each architecture; null for networks that need none.</param>
/// <param name="evaluations">How evaluations go; null is one after the other. See <see cref="For"/>.</param>
internal sealed class SubnetEvaluator(
    Network network, EvaluationBatches batches, StatisticsCalibration? calibration = null, SideBySide? evaluations = null) : IDisposable
{
    // Channels of a batch that an evaluation has at a time: a cell of a few nodes, or the middle of an inverted bottleneck.
    private const int Channels = 256;

    // Of images and what is computed of them: more than this is not kept, and computed again for every architecture.
    private const long MostKeptBytes = 1L << 30;

    private readonly IReadOnlyList<Tensor>?[] _shared = new IReadOnlyList<Tensor>?[batches.Kept];
    private readonly SideBySide _evaluations = evaluations ?? SideBySide.OneByOne;
    private long _keptBytes = batches.KeptBytes;
    private bool _isFull;

    /// <summary>How many images an evaluation classifies.</summary>
    public int Images { get; } = batches.Images;

    /// <summary>
    /// How several architectures can be evaluated: side by side where the network and the images stay as they are meanwhile and no code of
    /// users runs, else one after the other.
    /// </summary>
    /// <param name="family">Made the network.</param>
    /// <param name="batches">As for the constructor.</param>
    /// <param name="calibration">As there.</param>
    public static SideBySide For(SpaceFamily family, EvaluationBatches batches, StatisticsCalibration? calibration) =>
        calibration is null && batches.Device.type == TorchSharp.DeviceType.CPU && batches.Kept == batches.Count && !family.RunsModules
            ? new SideBySide(batches.LargestPlaneBytes * Channels)
            : SideBySide.OneByOne;

    /// <summary>The share of the images that the architecture classifies correctly, in [0, 1].</summary>
    public double Accuracy(Architecture architecture) => _evaluations.Alone(() => AccuracyOf(architecture));

    /// <summary>The same of several architectures.</summary>
    /// <param name="architectures">The architectures.</param>
    /// <param name="done">Takes the number of one and its accuracy, in their order.</param>
    /// <param name="stop">Asks to stop before the next evaluation.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public void Accuracies(IReadOnlyList<Architecture> architectures, Action<int, double> done, CancellationToken stop) =>
        _evaluations.Run(architectures.Count, i => AccuracyOf(architectures[i]), done, stop);

    /// <summary>Their accuracies and mean cross-entropies over the images.</summary>
    /// <param name="architectures">As for <see cref="Accuracies"/>.</param>
    /// <param name="done">As there.</param>
    /// <param name="stop">As there.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public void AccuraciesAndLosses(
        IReadOnlyList<Architecture> architectures, Action<int, (double Accuracy, double Loss)> done, CancellationToken stop) =>
        _evaluations.Run(architectures.Count, i => AccuracyAndLossOf(architectures[i]), done, stop);

    /// <summary>What the architecture takes every image for, and how probable it finds that and the true class.</summary>
    public IReadOnlyList<ClassifiedImage> Classify(Architecture architecture) => _evaluations.Alone(() => ClassifiedBy(architecture));

    /// <summary>Frees the images and what was computed of them; the network stays.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _shared.OfType<IReadOnlyList<Tensor>>().SelectMany(tensors => tensors)) tensor.Dispose();
        batches.Dispose();
    }

    private double AccuracyOf(Architecture architecture)
    {
        using var scope = NewDisposeScope();
        // Counted where the network lives; one wait at the end.
        Tensor correct = zeros(1, dtype: ScalarType.Int64, device: batches.Device);
        ForEach(architecture, (logits, labels) =>
        {
            using var step = NewDisposeScope();
            correct.AddInPlace(logits.argmax(1).eq(labels).sum());
        });
        return correct.cpu().item<long>() / (double)Images;
    }

    private (double Accuracy, double Loss) AccuracyAndLossOf(Architecture architecture)
    {
        using var scope = NewDisposeScope();
        Tensor correct = zeros(1, dtype: ScalarType.Int64, device: batches.Device);
        Tensor losses = zeros(1, dtype: ScalarType.Float64, device: batches.Device);
        ForEach(architecture, (logits, labels) =>
        {
            correct.AddInPlace(logits.argmax(1).eq(labels).sum());
            using Tensor precise = logits.to(ScalarType.Float64);
            using Tensor loss = nn.functional.cross_entropy(precise, labels, reduction: nn.Reduction.Sum);
            losses.AddInPlace(loss);
        });
        return (correct.cpu().item<long>() / (double)Images, losses.cpu().item<double>() / Images);
    }

    private List<ClassifiedImage> ClassifiedBy(Architecture architecture)
    {
        var classified = new List<ClassifiedImage>(Images);
        ForEach(architecture, (logits, labels) =>
        {
            using var step = NewDisposeScope();
            Tensor probabilities = logits.to(ScalarType.Float32).softmax(1), predicted = logits.argmax(1);
            long[] found = Numbers(predicted), wanted = Numbers(labels);
            float[] most = Of(probabilities, predicted), right = Of(probabilities, labels);
            for (int i = 0; i < found.Length; i++)
                classified.Add(new ClassifiedImage((int)wanted[i], (int)found[i], Share(most[i]), Share(right[i])));
        });
        return classified;

        static long[] Numbers(Tensor tensor)
        {
            using Tensor here = tensor.cpu();
            return here.data<long>().ToArray();
        }

        static float[] Of(Tensor probabilities, Tensor classes)
        {
            using Tensor column = classes.unsqueeze(1), taken = probabilities.gather(1, column), here = taken.cpu();
            return here.data<float>().ToArray();
        }

        // Sums of extreme logits are no numbers.
        static float Share(float value) => float.IsFinite(value) ? value : 0;
    }

    private void ForEach(Architecture architecture, Action<Tensor, Tensor> take)
    {
        calibration?.Run(architecture);
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        foreach ((int number, Batch batch) in batches.All().Index())
        {
            using var step = NewDisposeScope();
            take(network.FromShared(Shared(number, batch), architecture), batch.Labels);
        }
    }

    private IReadOnlyList<Tensor> Shared(int number, Batch batch) =>
        (number < batches.Kept ? Known(number, batch) : null) ?? network.Share(batch.Images);

    // Of evaluations that go on at a time the first one makes what all share; null where that would take too much memory.
    private IReadOnlyList<Tensor>? Known(int number, Batch batch)
    {
        lock (_shared)
        {
            if (_shared[number] is not null || _isFull) return _shared[number];
            IReadOnlyList<Tensor> shared = network.Share(batch.Images);
            long bytes = shared.Sum(tensor => tensor.numel() * tensor.element_size());
            _isFull = _keptBytes + bytes > MostKeptBytes;
            if (_isFull) return shared;
            _keptBytes += bytes;
            // Handles of its own: what is shared may be the images themselves.
            return _shared[number] = [.. shared.Select(tensor => tensor.alias().DetachFromDisposeScope())];
        }
    }
}

/// <summary>What a network takes an image for.</summary>
/// <param name="Label">Its true class.</param>
/// <param name="Predicted">The class that it is taken for.</param>
/// <param name="Probability">Of that class, in [0, 1].</param>
/// <param name="ProbabilityOfLabel">Of the true class, in [0, 1].</param>
internal readonly record struct ClassifiedImage(int Label, int Predicted, float Probability, float ProbabilityOfLabel);
