namespace PandaNas.Costs;

/// <summary>The sizes of a 2-D convolution with a square kernel.</summary>
public sealed record ConvolutionShape : LayerShape
{
    /// <summary>Describes a convolution.</summary>
    /// <param name="inputChannels">Channels of the input, at least 1.</param>
    /// <param name="outputChannels">Channels of the output, at least 1.</param>
    /// <param name="kernel">Height and width of the kernel in pixels, at least 1.</param>
    /// <param name="stride">Step in pixels, at least 1; the output size already holds its effect.</param>
    /// <param name="groups">Groups of channels, at least 1; equal to the input channels in a depthwise convolution.</param>
    /// <param name="bias">Whether every output channel has a bias.</param>
    /// <param name="outputHeight">Height of the output in pixels, at least 1.</param>
    /// <param name="outputWidth">Width of the output in pixels, at least 1.</param>
    /// <param name="dilation">
    /// Distance of the kernel's pixels, at least 1; of no effect on what it costs, only on how long it takes.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    /// <exception cref="ArgumentException">The groups do not divide both channel counts.</exception>
    public ConvolutionShape(
        int inputChannels, int outputChannels, int kernel, int stride, int groups, bool bias, int outputHeight, int outputWidth,
        int dilation = 1)
    {
        InputChannels = AtLeastOne(inputChannels, nameof(inputChannels));
        OutputChannels = AtLeastOne(outputChannels, nameof(outputChannels));
        Kernel = AtLeastOne(kernel, nameof(kernel));
        Stride = AtLeastOne(stride, nameof(stride));
        Groups = AtLeastOne(groups, nameof(groups));
        Bias = bias;
        OutputHeight = AtLeastOne(outputHeight, nameof(outputHeight));
        OutputWidth = AtLeastOne(outputWidth, nameof(outputWidth));
        Dilation = AtLeastOne(dilation, nameof(dilation));
        if (inputChannels % groups != 0 || outputChannels % groups != 0)
            throw new ArgumentException(
                $"{groups} groups must divide both {inputChannels} input and {outputChannels} output channels", nameof(groups));
    }

    /// <summary>Channels of the input.</summary>
    public int InputChannels { get; }

    /// <summary>Channels of the output.</summary>
    public int OutputChannels { get; }

    /// <summary>Height and width of the kernel in pixels.</summary>
    public int Kernel { get; }

    /// <summary>Step in pixels.</summary>
    public int Stride { get; }

    /// <summary>Groups of channels.</summary>
    public int Groups { get; }

    /// <summary>Whether every output channel has a bias.</summary>
    public bool Bias { get; }

    /// <summary>Height of the output in pixels.</summary>
    public int OutputHeight { get; }

    /// <summary>Width of the output in pixels.</summary>
    public int OutputWidth { get; }

    /// <summary>Distance of the kernel's pixels.</summary>
    public int Dilation { get; }

    /// <inheritdoc/>
    public override string Kind => Groups > 1 ? "depthwise convolution" : Kernel == 1 ? "pointwise convolution" : "convolution";

    /// <inheritdoc/>
    public override string Name =>
        $"{Kind} {Kernel}x{Kernel} from {InputChannels} to {OutputChannels} channels at {OutputHeight}x{OutputWidth}, "
        + $"stride {Stride}, dilation {Dilation}, groups {Groups}{(Bias ? ", bias" : "")}";

    /// <inheritdoc/>
    public override long Parameters => checked(Weights + (Bias ? OutputChannels : 0));

    /// <inheritdoc/>
    public override long MultiplyAdds => checked(Weights * OutputHeight * OutputWidth);

    // Every weight meets every output pixel exactly once.
    private long Weights => checked((long)(InputChannels / Groups) * OutputChannels * Kernel * Kernel);
}
