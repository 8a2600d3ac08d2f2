using System.Collections.Immutable;
using PandaNas.Data.Batches;
using PandaNas.Distributed;
using PandaNas.Optimization;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;
using MemoryMarshal = System.Runtime.InteropServices.MemoryMarshal;

namespace PandaNas.Training;

/// <summary>
/// Trains a network on sampled paths and sampled data. It knows choices, operations and architectures, and no particular space or
/// method: uniform sampling gives SPOS, the importance samplers give PA&amp;DA, a fixed path trains one architecture by itself; what a
/// step makes of its paths' gradients is up to an update rule.
/// Same seed, machine and thread count give the same bits, also across <see cref="Capture"/> and <see cref="Restore"/>.
/// </summary>
internal sealed class Trainer : IDisposable
{
    private readonly Network _network;
    private readonly IBatchMaker _batches;
    private readonly IPathSampler _paths;
    private readonly IDataSampler _data;
    private readonly ITrainingOptions _options;
    private readonly Device _device;
    private readonly TimeProvider _clock;
    private readonly IUpdateRule _update;
    private readonly WeightAverage? _average;
    private readonly TrainingLoss _loss;
    private readonly float[] _importances;
    private readonly float[]? _lossWeights;
    private readonly SharedBatch? _shared;
    private readonly string _firstAugmentation;
    private RandomStream _pathStream, _dataStream, _augmentationStream;

    private int[] _order = [];
    private int _position;
    private double _lossSum, _seconds;
    private long _correct, _measured;

    /// <summary>A trainer at the start of its first epoch.</summary>
    /// <param name="network">What is trained; stays the caller's.</param>
    /// <param name="batches">Makes mini-batches of the training part.</param>
    /// <param name="paths">Chooses paths.</param>
    /// <param name="data">Chooses examples of the training part.</param>
    /// <param name="options">How to train.</param>
    /// <param name="seed">The run's seed; every random stream is derived from it.</param>
    /// <param name="device">Where the network lives.</param>
    /// <param name="clock">Measures the epochs.</param>
    /// <param name="update">
    /// What a step makes of its paths' gradients; disposed with the trainer. Null is <see cref="SummedGradients"/>.
    /// </param>
    /// <param name="lossWeights">A factor for the loss of every example, of mean 1; null is 1 for all.</param>
    /// <param name="ranks">
    /// Divide every mini-batch among them, each with a trainer of its own that was made and restored as this one; null for one process.
    /// </param>
    public Trainer(
        Network network, IBatchMaker batches, IPathSampler paths, IDataSampler data, ITrainingOptions options, long seed, Device device,
        TimeProvider clock, IUpdateRule? update = null, float[]? lossWeights = null, ICommunicator? ranks = null)
    {
        _network = network;
        _batches = batches;
        _paths = paths;
        _data = data;
        _options = options;
        _device = device;
        _clock = clock;
        _update = update ?? new SummedGradients(network.Weights, options);
        _average = options.AverageDecay > 0 || options.AverageEpochs > 0 ? new WeightAverage(network) : null;
        _loss = new TrainingLoss(options.LabelSmoothing, options.AuxiliaryWeight);
        _importances = new float[options.BatchSize];
        _lossWeights = lossWeights;
        _shared = ranks is null ? null : new SharedBatch(ranks, options.SyncNorm);
        _pathStream = RandomStream.Derive(seed, "paths");
        _dataStream = RandomStream.Derive(seed, "data");
        _augmentationStream = RandomStream.Derive(seed, "augmentation");
        _firstAugmentation = _augmentationStream.State;
    }

    /// <summary>Epochs finished.</summary>
    public int Epoch { get; private set; }

    /// <summary>The names of the kinds of operations.</summary>
    public ImmutableArray<string> Operations => _network.Space.Operations;

    /// <summary>The path sampler's current probability of every kind of operation.</summary>
    public ImmutableArray<double> PathProbabilities => _paths.Probabilities;

    /// <summary>The probability of every image in the next epoch.</summary>
    public ReadOnlySpan<double> DataProbabilities => _data.Probabilities;

    /// <summary>Forward and backward passes of a mini-batch that one step costs.</summary>
    public int PassesPerStep => _paths.PathsPerStep * _update.PassesPerPath;

    /// <summary>Whether no epoch is begun and not ended.</summary>
    public bool IsBetweenEpochs => _order.Length == 0;

    /// <summary>Whether all epochs are done.</summary>
    public bool IsFinished => Epoch >= _options.Epochs;

    /// <summary>The share of all training that is done, in [0, 1].</summary>
    public double Progress => (Epoch + (_order.Length == 0 ? 0 : (double)_position / _order.Length)) / _options.Epochs;

    /// <summary>Trains to the end of the current epoch.</summary>
    /// <param name="stop">Asks to stop after the step at hand; the trainer can then be captured and continued.</param>
    /// <param name="afterStep">Called after every step.</param>
    /// <returns>The epoch's record, or null when stopped before its end.</returns>
    /// <exception cref="DivergedException">The loss is no longer a finite number.</exception>
    public EpochRecord? RunEpoch(CancellationToken stop = default, Action? afterStep = null)
    {
        if (IsFinished) throw new InvalidOperationException("all epochs are done");
        if (_order.Length == 0) _order = _data.EpochOrder(_dataStream);
        long started = _clock.GetTimestamp();
        double before = _seconds;
        using IBatchFeed batches = _batches.Feed(
            _order.AsMemory(_position), _options.BatchSize, _augmentationStream, _device, _shared?.Share);
        while (NextExamples() is { Length: > 0 } examples)
        {
            if (_shared?.AgreeToStop(stop.IsCancellationRequested) ?? stop.IsCancellationRequested) return null;
            Step(batches, examples);
            _position += examples.Length;
            _seconds = before + _clock.GetElapsedTime(started).TotalSeconds;
            afterStep?.Invoke();
        }
        return EndEpoch();
    }

    /// <summary>
    /// Makes the first batch of the training once more, with its random changes; null outside of the first epoch. The training's bits do
    /// not change by it.
    /// </summary>
    /// <param name="most">The most images.</param>
    public Batch? FirstBatch(int most) => Epoch > 0 || _order.Length == 0 ? null : _batches.Make(
        _order.AsSpan(0, Math.Min(most, Math.Min(_options.BatchSize, _order.Length))), RandomStream.Restore(_firstAugmentation), CPU);

    /// <summary>Everything needed to continue from here. The tensors are the trainer's own: save them before the next step.</summary>
    public TrainerState Capture()
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach ((string name, Tensor tensor) in _network.State()) tensors.Add(name, tensor);
        foreach ((string name, Tensor tensor) in OwnState()) tensors.Add(name, tensor);
        var streams = ImmutableSortedDictionary<string, string>.Empty
            .Add("paths", _pathStream.State).Add("data", _dataStream.State).Add("augmentation", _augmentationStream.State);
        return new TrainerState(
            Epoch, _position, _lossSum, _correct, _measured, _seconds, [.. _order], streams, _paths.Save(), _data.Save(), tensors);
    }

    /// <summary>Continues from a captured state.</summary>
    /// <param name="state">The state; its tensors are copied.</param>
    /// <param name="origin">Where it comes from, for error messages.</param>
    /// <exception cref="BadDataException">The state belongs to another network, data set or method.</exception>
    public void Restore(TrainerState state, string origin)
    {
        CheckPosition(state, origin);
        _network.Load(state.Tensors, origin);
        using (no_grad())
        {
            foreach ((string name, Tensor tensor) in OwnState()) tensor.copy_(SavedAs(state, name, tensor, origin));
        }
        _paths.Restore(state.Paths);
        _data.Restore(state.Data);
        _pathStream = StreamOf(state, "paths", origin);
        _dataStream = StreamOf(state, "data", origin);
        _augmentationStream = StreamOf(state, "augmentation", origin);
        (Epoch, _position, _seconds) = (state.Epoch, state.Position, state.Seconds);
        (_lossSum, _correct, _measured) = (state.LossSum, state.Correct, state.Measured);
        _order = [.. state.Order];
    }

    /// <summary>Gives the network the average of its weights, if the options ask for one: the end of a training.</summary>
    public void UseAverage() => _average?.Use();

    /// <summary>Frees the update rule and the average; the network stays.</summary>
    public void Dispose()
    {
        _update.Dispose();
        _average?.Dispose();
    }

    private IEnumerable<(string Name, Tensor Tensor)> OwnState() => _update.State.Concat(_average?.State ?? []);

    // Of the epoch at hand.
    private double RateFactor => Schedules.CosineAfterWarmUp(Epoch, _options.WarmUpEpochs, _options.Epochs);

    // Made anew from the state for every step, so that a resumed training needs no more of it.
    private DropPath DropPathOfStep(int examples)
    {
        if (_options.DropPath <= 0) return DropPath.None;
        var stream = RandomStream.Derive(Epoch, $"drop path {_position} {_augmentationStream.State}");
        (int start, int count) = (_shared?.Share ?? BatchShare.Whole).Of(examples);
        return new DropPath(_options.DropPath * Epoch / _options.Epochs, stream, start, examples - start - count);
    }

    private ReadOnlySpan<int> NextExamples()
    {
        int count = Math.Min(_options.BatchSize, _order.Length - _position);
        return count < (_shared?.LeastExamples ?? 2) ? [] : _order.AsSpan(_position, count);
    }

    private void Step(IBatchFeed batches, ReadOnlySpan<int> examples)
    {
        using var scope = NewDisposeScope();
        Batch batch = batches.Next();
        _update.Apply(new TrainingStep(this, batch, examples.ToArray(), _paths.Sample(_pathStream)));
        long stepsPerEpoch = (_order.Length + _options.BatchSize - 1) / _options.BatchSize;
        long step = Epoch * stepsPerEpoch + _position / _options.BatchSize;
        _average?.Update(_options.AverageEpochs > 0
            ? WeightAverage.EqualShare(Math.Max(0, _options.Epochs - _options.AverageEpochs) * stepsPerEpoch, step)
            : WeightAverage.ExponentialShare(_options.AverageDecay, step));
    }

    private void Measure(Tensor logits, Tensor labels, ReadOnlySpan<int> examples)
    {
        Span<float> importances = _importances.AsSpan(0, examples.Length);
        ReadOnlySpan<float> allLogits = MemoryMarshal.Cast<byte, float>(logits.cpu().contiguous().bytes);
        ReadOnlySpan<long> allLabels = MemoryMarshal.Cast<byte, long>(labels.cpu().bytes);
        if (_shared is not null) (allLogits, allLabels) = _shared.Gather(allLogits, allLabels, examples.Length);
        (double loss, int correct) = LogitMeasures.Of(allLogits, allLabels, importances);
        if (!double.IsFinite(loss))
            throw new DivergedException(FormattableString.Invariant($"in epoch {Epoch + 1}: the loss is {loss}"));
        _lossSum += loss;
        _correct += correct;
        _measured += examples.Length;
        if (!_data.NeedsImportance) return;
        // A factor on the loss is one on its gradient.
        if (_lossWeights is { } weights)
            for (int i = 0; i < importances.Length; i++) importances[i] *= weights[examples[i]];
        _data.Observe(examples, importances);
    }

    private float[]? LossWeightsOf(int[] examples)
    {
        bool corrects = _options.ImportanceCorrection || _data.CorrectsLosses;
        float[]? factors = corrects ? TrainingLoss.WeightsAgainst(_data.Probabilities, examples) : null;
        if (_lossWeights is { } weights) factors = [.. examples.Select((example, i) => weights[example] * (factors?[i] ?? 1))];
        if (_shared is null || factors is null) return factors;
        (int start, int count) = _shared.Share.Of(examples.Length);
        return factors[start..(start + count)];
    }

    private EpochRecord EndEpoch()
    {
        double learningRate = _options.LearningRate * RateFactor;
        long steps = (_position + _options.BatchSize - 1) / _options.BatchSize;
        Epoch++;
        double progress = (double)Epoch / _options.Epochs;
        _paths.EndEpoch(progress);
        _data.EndEpoch(progress);
        var record = new EpochRecord(
            Epoch,
            _lossSum / _measured,
            (double)_correct / _measured,
            learningRate,
            _paths.Probabilities,
            Mixture.Entropy(_data.Probabilities),
            Mixture.EffectiveSampleSize(_data.Probabilities),
            steps * PassesPerStep,
            _seconds);
        (_order, _position, _seconds, _lossSum, _correct, _measured) = ([], 0, 0, 0, 0, 0);
        return record;
    }

    private void CheckPosition(TrainerState state, string origin)
    {
        int count = _data.Probabilities.Length;
        bool between = state.Order.Length == 0 && state.Position == 0;
        bool within = state.Order.Length == count && state.Position >= 0 && state.Position <= count
            && state.Order.All(example => (uint)example < (uint)count);
        if (state.Epoch < 0 || state.Epoch > _options.Epochs || !(between || within))
            throw new BadDataException(
                $"'{origin}' is at epoch {state.Epoch}, example {state.Position} of {state.Order.Length}: that does not fit a run of "
                + $"{_options.Epochs} epochs of {count} examples. Resume with the options and data it was trained with.");
    }

    private static Tensor SavedAs(TrainerState state, string name, Tensor expected, string origin)
    {
        if (state.Tensors.TryGetValue(name, out Tensor? saved) && saved.dtype == expected.dtype
            && saved.shape.AsSpan().SequenceEqual(expected.shape)) return saved;
        throw new BadDataException(
            $"'{origin}' has no fitting tensor '{name}': it belongs to another network. Resume with the options it was trained with.");
    }

    private static RandomStream StreamOf(TrainerState state, string purpose, string origin)
    {
        try
        {
            return RandomStream.Restore(state.RandomStreams[purpose]);
        }
        catch (Exception error) when (error is FormatException or KeyNotFoundException)
        {
            throw new BadDataException(
                $"'{origin}' has no usable random stream '{purpose}': {error.Message}. "
                + "Delete it and resume from the checkpoint before it.",
                error);
        }
    }

    /// <summary>The step at hand, for the update rule.</summary>
    private sealed class TrainingStep(Trainer trainer, Batch batch, int[] examples, IReadOnlyList<Architecture> paths) : ITrainingStep
    {
        private readonly float[]? _lossWeights = trainer.LossWeightsOf(examples);

        private readonly DropPath _dropPath = trainer.DropPathOfStep(examples.Length);

        public IReadOnlyList<Architecture> Paths => paths;

        public double RateFactor => trainer.RateFactor;

        public bool NeedsPathNorms => trainer._paths.NeedsGradientNorms;

        public void Backpropagate(Architecture path, Tensor?[] gradients, bool measured)
        {
            Tensor logits = PathGradient.Compute(
                trainer._network, path, batch, _lossWeights, gradients, trainer._loss, _dropPath, trainer._shared?.NormRanks);
            trainer._shared?.Sum(gradients, examples.Length);
            if (measured) trainer.Measure(logits, batch.Labels, examples);
        }

        public void Observe(Architecture path, double[] norms, double clipFactor)
        {
            double factor = trainer._options.PathNorms == PathNormPoint.AfterClipping ? clipFactor : 1;
            trainer._paths.Observe(PathGradientNorms.Of(trainer._network, path, norms, factor));
        }
    }
}
