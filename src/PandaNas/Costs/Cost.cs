namespace PandaNas.Costs;

/// <summary>What a layer or a network costs.</summary>
/// <param name="Parameters">Learnable scalars.</param>
/// <param name="MultiplyAdds">Multiply-adds of one forward pass of one example; the literature often calls them FLOPs.</param>
/// <param name="LatencyMs">Milliseconds for one batch, predicted or measured; null where nobody asks for it.</param>
public readonly record struct Cost(long Parameters, long MultiplyAdds, double? LatencyMs = null)
{
    /// <summary>A 2-D convolution with a square kernel.</summary>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="kernel">Height and width of the kernel in pixels.</param>
    /// <param name="outputSize">Height and width of the output in pixels, in which stride and padding show.</param>
    /// <param name="groups">Groups of channels, which divide both channel counts; the input channels in a depthwise convolution.</param>
    /// <param name="bias">Whether every output channel has a bias.</param>
    /// <exception cref="ArgumentException">A size is below 1, or the groups do not divide both channel counts.</exception>
    /// <exception cref="OverflowException">A figure is above 2⁶³ − 1.</exception>
    public static Cost OfConvolution(int inputs, int outputs, int kernel, int outputSize, int groups = 1, bool bias = false) =>
        Of(new ConvolutionShape(inputs, outputs, kernel, Stride: 1, groups, bias, outputSize, outputSize));

    /// <summary>A fully connected layer.</summary>
    /// <param name="inputs">Features of the input.</param>
    /// <param name="outputs">Features of the output.</param>
    /// <param name="bias">Whether every output feature has a bias.</param>
    /// <exception cref="ArgumentException">A size is below 1.</exception>
    public static Cost OfLinear(int inputs, int outputs, bool bias = true) => Of(new LinearShape(inputs, outputs, bias));

    /// <summary>A batch normalisation, which counts no multiply-adds, as in NAS-Bench-201 (Dong and Yang 2020).</summary>
    /// <param name="channels">Channels.</param>
    /// <param name="affine">Whether every channel has a learnt scale and shift.</param>
    /// <exception cref="ArgumentException">There are less than 1.</exception>
    public static Cost OfBatchNorm(int channels, bool affine = true) => Of(new BatchNormShape(channels, affine));

    /// <summary>The cost of both together.</summary>
    /// <exception cref="OverflowException">A sum is above 2⁶³ − 1.</exception>
    public static Cost operator +(Cost left, Cost right) =>
        new(
            checked(left.Parameters + right.Parameters), checked(left.MultiplyAdds + right.MultiplyAdds),
            left.LatencyMs + right.LatencyMs);

    /// <summary>The cost of a layer.</summary>
    internal static Cost Of(LayerShape layer) => new(layer.Parameters, layer.MultiplyAdds);
}
