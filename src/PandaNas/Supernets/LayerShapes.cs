using PandaNas.Costs;

namespace PandaNas.Supernets;

/// <summary>Layers that come together in all spaces.</summary>
internal static class LayerShapes
{
    /// <summary>A convolution without bias and the batch norm after it, as in stand-alone networks.</summary>
    public static LayerShape[] ConvolutionNorm(int inputs, int outputs, int kernel, int stride, int outputSize, int groups = 1) =>
        [new ConvolutionShape(inputs, outputs, kernel, stride, groups, false, outputSize, outputSize), new BatchNormShape(outputs, affine: true)];

    /// <summary>A depthwise and a 1×1 convolution and the batch norm after them.</summary>
    public static LayerShape[] Separable(int inputs, int outputs, int kernel, int stride, int outputSize) =>
        [new ConvolutionShape(inputs, inputs, kernel, stride, inputs, false, outputSize, outputSize), .. ConvolutionNorm(inputs, outputs, 1, 1, outputSize)];

    /// <summary>MobileNetV2's inverted convolution; an expansion of 1 has no first step.</summary>
    public static LayerShape[] Inverted(int inputs, int outputs, int kernel, int stride, int expansion, int inputSize)
    {
        int wide = inputs * expansion, outputSize = (inputSize + stride - 1) / stride;
        return
        [
            .. expansion > 1 ? ConvolutionNorm(inputs, wide, 1, 1, inputSize) : [],
            .. ConvolutionNorm(wide, wide, kernel, stride, outputSize, groups: wide),
            .. ConvolutionNorm(wide, outputs, 1, 1, outputSize),
        ];
    }
}
