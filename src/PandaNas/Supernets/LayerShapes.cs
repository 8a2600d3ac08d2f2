using PandaNas.Costs;

namespace PandaNas.Supernets;

/// <summary>Layers that come together in all spaces.</summary>
internal static class LayerShapes
{
    /// <summary>A convolution without bias and the batch norm after it, as in stand-alone networks.</summary>
    public static LayerShape[] ConvolutionNorm(int inputs, int outputs, int kernel, int stride, int outputSize, int groups = 1) =>
        [new ConvolutionShape(inputs, outputs, kernel, stride, groups, false, outputSize, outputSize), new BatchNormShape(outputs, affine: true)];
}
