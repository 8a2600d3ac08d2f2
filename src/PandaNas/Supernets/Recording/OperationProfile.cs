using static TorchSharp.torch;

namespace PandaNas.Supernets.Recording;

/// <summary>
/// What operations a thread's networks compute and how long they take, for benchmarks: off, and then of no cost, unless one sets
/// <see cref="Current"/>.
/// </summary>
/// <param name="clock">Measures; that of the machine unless another is given.</param>
internal sealed class OperationProfile(TimeProvider? clock = null)
{
    /// <summary>The kind of all convolutions, whoever computes them.</summary>
    public const string Convolution = "Convolution";

    [ThreadStatic]
    private static OperationProfile? _current;

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Dictionary<string, double> _seconds = new(StringComparer.Ordinal);
    private readonly List<OperationWork> _work = [];

    /// <summary>The profile that the calling thread writes to, if any.</summary>
    public static OperationProfile? Current
    {
        get => _current;
        set => _current = value;
    }

    /// <summary>A point in time for the methods that take a start.</summary>
    public static long Now => _current?._clock.GetTimestamp() ?? 0;

    /// <summary>Seconds by kind of operation, forward and backward together as far as they were seen.</summary>
    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    /// <summary>The seconds in <see cref="Seconds"/> that the backward pass took.</summary>
    public double BackwardSeconds { get; private set; }

    /// <summary>Every operation.</summary>
    public IReadOnlyList<OperationWork> Work => _work;

    /// <summary>An operation that moves memory and does little else.</summary>
    /// <param name="kind">Its name.</param>
    /// <param name="started">When it began.</param>
    /// <param name="tensors">What it read and wrote.</param>
    public void Add(string kind, long started, IEnumerable<Tensor> tensors)
    {
        AddSeconds(kind, started);
        _work.Add(new OperationWork(kind, 0, tensors.Sum(Bytes)));
    }

    /// <summary>The same of the backward pass.</summary>
    public void AddBackward(string kind, long started, IEnumerable<Tensor> tensors)
    {
        AddBackward(kind, started);
        _work.Add(new OperationWork(kind, 0, tensors.Sum(Bytes)));
    }

    /// <summary>The same of an operation whose backward pass has been noted with its forward pass, by <see cref="AddProduct"/>.</summary>
    public void AddBackward(string kind, long started) => BackwardSeconds += AddSeconds(kind, started);

    /// <summary>A convolution or matrix product: its forward pass, and what its backward pass will have to do.</summary>
    /// <param name="kind">Its name.</param>
    /// <param name="started">When it began.</param>
    /// <param name="multiplyAdds">Multiply-adds of the forward pass.</param>
    /// <param name="input">What it read; has a gradient if it requires one.</param>
    /// <param name="weight">Its weights.</param>
    /// <param name="output">What it wrote.</param>
    public void AddProduct(string kind, long started, long multiplyAdds, Tensor input, Tensor weight, Tensor output)
    {
        AddSeconds(kind, started);
        long bytes = Bytes(input) + Bytes(weight) + Bytes(output);
        _work.Add(new OperationWork(kind, multiplyAdds, bytes));
        // The gradient of the weights reads input and gradient; that of the input reads gradient and weights.
        if (Tape.NeedsGradient(weight)) _work.Add(new OperationWork(kind, multiplyAdds, bytes));
        if (Tape.NeedsGradient(input)) _work.Add(new OperationWork(kind, multiplyAdds, bytes));
    }

    private double AddSeconds(string kind, long started)
    {
        double seconds = _clock.GetElapsedTime(started).TotalSeconds;
        _seconds[kind] = _seconds.GetValueOrDefault(kind) + seconds;
        return seconds;
    }

    private static long Bytes(Tensor tensor) => tensor.numel() * tensor.element_size();
}

/// <summary>What an operation has to do at least, forward or backward.</summary>
/// <param name="Kind">Its name.</param>
/// <param name="MultiplyAdds">Multiply-adds.</param>
/// <param name="Bytes">Every tensor read or written once.</param>
internal readonly record struct OperationWork(string Kind, long MultiplyAdds, long Bytes);
