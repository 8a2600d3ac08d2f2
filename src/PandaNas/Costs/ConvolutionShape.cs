namespace PandaNas.Costs;

/// <summary>The sizes of a 2-D convolution with a square kernel.</summary>
/// <param name="InputChannels">Channels of the input.</param>
/// <param name="OutputChannels">Channels of the output.</param>
/// <param name="Kernel">Height and width of the kernel in pixels.</param>
/// <param name="Stride">Step in pixels; the output size already holds its effect.</param>
/// <param name="Groups">Groups of channels, which divide both channel counts; the input channels in a depthwise convolution.</param>
/// <param name="Bias">Whether every output channel has a bias.</param>
/// <param name="OutputHeight">Height of the output in pixels.</param>
/// <param name="OutputWidth">Width of the output in pixels.</param>
/// <param name="Dilation">Distance of the kernel's pixels; of no effect on what it costs, only on how long it takes.</param>
/// <exception cref="ArgumentException">A size is below 1, or the groups do not divide both channel counts.</exception>
internal sealed record ConvolutionShape(
    int InputChannels, int OutputChannels, int Kernel, int Stride, int Groups, bool Bias, int OutputHeight, int OutputWidth,
    int Dilation = 1)
    : LayerShape(InputChannels, OutputChannels, Kernel, Stride, Groups, OutputHeight, OutputWidth, Dilation)
{
    // Runs before the sizes are checked.
    private readonly int _inputsOfAGroup = Groups < 1 ? 0
        : InputChannels % Groups == 0 && OutputChannels % Groups == 0 ? InputChannels / Groups
        : throw new ArgumentException($"{Groups} groups must divide both {InputChannels} input and {OutputChannels} output channels");

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
    private long Weights => checked((long)_inputsOfAGroup * OutputChannels * Kernel * Kernel);
}
