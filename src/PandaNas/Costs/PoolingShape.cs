namespace PandaNas.Costs;

/// <summary>What pooling keeps of the pixels that it sees.</summary>
internal enum PoolingKind
{
    /// <summary>Their mean.</summary>
    Average,

    /// <summary>The largest.</summary>
    Max,

    /// <summary>The mean of all pixels of a channel; kernel and stride are the size.</summary>
    GlobalAverage,
}

/// <summary>The sizes of a 2-D pooling. It has no parameters and counts no multiply-adds, but takes time.</summary>
/// <param name="Pooling">What it keeps.</param>
/// <param name="Channels">Channels.</param>
/// <param name="Kernel">Height and width of the kernel in pixels.</param>
/// <param name="Stride">Step in pixels.</param>
/// <param name="InputSize">Height and width of the input in pixels.</param>
/// <exception cref="ArgumentException">A size is below 1.</exception>
internal sealed record PoolingShape(PoolingKind Pooling, int Channels, int Kernel, int Stride, int InputSize)
    : LayerShape(Channels, Kernel, Stride, InputSize)
{
    /// <inheritdoc/>
    public override string Kind => "pooling";

    /// <inheritdoc/>
    public override string Name => Pooling switch
    {
        PoolingKind.GlobalAverage => $"global average {Kind} of {Channels} channels from {InputSize}x{InputSize}",
        _ => $"{(Pooling == PoolingKind.Max ? "max" : "average")} {Kind} {Kernel}x{Kernel} of {Channels} channels "
            + $"from {InputSize}x{InputSize}, stride {Stride}",
    };

    /// <inheritdoc/>
    public override long Parameters => 0;

    /// <inheritdoc/>
    public override long MultiplyAdds => 0;

    /// <summary>The mean of every channel, as before a classifier.</summary>
    public static PoolingShape Global(int channels, int inputSize) =>
        new(PoolingKind.GlobalAverage, channels, inputSize, inputSize, inputSize);
}
