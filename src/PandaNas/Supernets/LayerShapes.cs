using PandaNas.Costs;

namespace PandaNas.Supernets;

/// <summary>Layers that come together in all spaces.</summary>
internal static class LayerShapes
{
    /// <summary>A convolution without bias and the batch norm after it, as in stand-alone networks.</summary>
    public static LayerShape[] ConvolutionNorm(int inputs, int outputs, int kernel, int stride, int outputSize, int groups = 1) =>
        [new ConvolutionShape(inputs, outputs, kernel, stride, groups, false, outputSize, outputSize), new BatchNormShape(outputs, affine: true, outputSize)];

    /// <summary>A depthwise and a 1×1 convolution and the batch norm after them.</summary>
    public static LayerShape[] Separable(int inputs, int outputs, int kernel, int stride, int outputSize, int dilation = 1) =>
        [new ConvolutionShape(inputs, inputs, kernel, stride, inputs, false, outputSize, outputSize, dilation), .. ConvolutionNorm(inputs, outputs, 1, 1, outputSize)];

    /// <summary>MobileNetV2's inverted convolution; an expansion of 1 has no first step.</summary>
    public static LayerShape[] Inverted(int inputs, int outputs, int kernel, int stride, int expansion, int inputSize)
    {
        int wide = inputs * expansion, outputSize = (inputSize + stride - 1) / stride;
        return
        [
            .. expansion > 1 ? [.. ConvolutionNorm(inputs, wide, 1, 1, inputSize), Relu6(wide, inputSize)] : Array.Empty<LayerShape>(),
            .. ConvolutionNorm(wide, wide, kernel, stride, outputSize, groups: wide),
            Relu6(wide, outputSize),
            .. ConvolutionNorm(wide, outputs, 1, 1, outputSize),
        ];
    }

    /// <summary>The sums that make one tensor of several, none for one.</summary>
    public static IEnumerable<LayerShape> Sum(int terms, int channels, int size) =>
        Enumerable.Repeat(new ElementwiseShape(ElementwiseKind.Addition, channels, size), Math.Max(terms - 1, 0));

    /// <summary>
    /// A factorized reduction: costs what one 1×1 convolution at its output's size costs, but copies every half of the pixels first and
    /// puts the results side by side.
    /// </summary>
    public static LayerShape[] FactorizedReduction(int inputs, int outputs, int outputSize) =>
    [
        new ElementwiseShape(ElementwiseKind.Concatenation, inputs, outputSize), new ElementwiseShape(ElementwiseKind.Concatenation, inputs, outputSize),
        .. ConvolutionNorm(inputs, outputs, 1, 1, outputSize), new ElementwiseShape(ElementwiseKind.Concatenation, outputs, outputSize),
    ];

    /// <summary>ReLU.</summary>
    public static LayerShape Relu(int channels, int size) => new ElementwiseShape(ElementwiseKind.Relu, channels, size);

    /// <summary>ReLU6.</summary>
    public static LayerShape Relu6(int channels, int size) => new ElementwiseShape(ElementwiseKind.Relu6, channels, size);

    /// <summary>Global average pooling and a classifier with bias.</summary>
    public static LayerShape[] Classifier(int channels, int size, int classes) => [PoolingShape.Global(channels, size), new LinearShape(channels, classes, bias: true)];
}
