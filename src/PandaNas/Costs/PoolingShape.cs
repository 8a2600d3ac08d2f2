namespace PandaNas.Costs;

/// <summary>What pooling keeps of the pixels that it sees.</summary>
public enum PoolingKind
{
    /// <summary>Their mean.</summary>
    Average,

    /// <summary>The largest.</summary>
    Max,

    /// <summary>The mean of all pixels of a channel; kernel and stride are the size.</summary>
    GlobalAverage,
}

/// <summary>The sizes of a 2-D pooling. It has no parameters and counts no multiply-adds, but takes time.</summary>
public sealed record PoolingShape : LayerShape
{
    /// <summary>Describes a pooling.</summary>
    /// <param name="pooling">What it keeps.</param>
    /// <param name="channels">Channels, at least 1.</param>
    /// <param name="kernel">Height and width of the kernel in pixels, at least 1.</param>
    /// <param name="stride">Step in pixels, at least 1.</param>
    /// <param name="inputSize">Height and width of the input in pixels, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public PoolingShape(PoolingKind pooling, int channels, int kernel, int stride, int inputSize)
    {
        Pooling = pooling;
        Channels = AtLeastOne(channels, nameof(channels));
        Kernel = AtLeastOne(kernel, nameof(kernel));
        Stride = AtLeastOne(stride, nameof(stride));
        InputSize = AtLeastOne(inputSize, nameof(inputSize));
    }

    /// <summary>What it keeps.</summary>
    public PoolingKind Pooling { get; }

    /// <summary>Channels.</summary>
    public int Channels { get; }

    /// <summary>Height and width of the kernel in pixels.</summary>
    public int Kernel { get; }

    /// <summary>Step in pixels.</summary>
    public int Stride { get; }

    /// <summary>Height and width of the input in pixels.</summary>
    public int InputSize { get; }

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
