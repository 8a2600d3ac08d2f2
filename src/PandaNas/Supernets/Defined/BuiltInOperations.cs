using PandaNas.Costs;

namespace PandaNas.Supernets.Defined;

internal sealed record SkipOperation(string Name) : Operation(Name, ShapeChange.None)
{
    internal override bool IsSkip => true;

    internal override IEnumerable<LayerShape> Layers(OperationShape shape) => [];

    internal override IOperation Make(OperationSetting setting) => new Identity();
}

internal sealed record NoneOperation(string Name) : Operation(Name, ShapeChange.None)
{
    internal override bool CarriesNothing => true;

    internal override IEnumerable<LayerShape> Layers(OperationShape shape) => [];

    // Whoever computes a place leaves such operations out.
    internal override IOperation Make(OperationSetting setting) => throw new InvalidOperationException($"{Name} is not computed");
}

// A 1×1 convolution of stride 2 corrupts memory in libtorch: docs/dependencies.md.
internal sealed record ConvolutionOperation(string Name, int Kernel) : Operation(Name, Kernel == 1 ? ShapeChange.Channels : ShapeChange.Any)
{
    internal override IEnumerable<LayerShape> Layers(OperationShape shape) =>
        LayerShapes.ConvolutionNorm(shape.Inputs, shape.Outputs, Kernel, shape.Stride, shape.OutputSize);

    internal override IOperation Make(OperationSetting setting) => new ConvolutionNorm(
        setting.Store, setting.Name, setting.Shape.Inputs, setting.Shape.Outputs, Kernel, setting.Shape.Stride, bias: false, setting.Normalization);
}

internal sealed record SeparableConvolutionOperation(string Name, int Kernel, int Dilation) : Operation(Name, ShapeChange.Any)
{
    internal override IEnumerable<LayerShape> Layers(OperationShape shape) =>
        LayerShapes.Separable(shape.Inputs, shape.Outputs, Kernel, shape.Stride, shape.OutputSize, Dilation);

    internal override IOperation Make(OperationSetting setting) => new SeparableConvolution(
        setting.Store, setting.Name, setting.Shape.Inputs, setting.Shape.Outputs, Kernel, setting.Shape.Stride, Dilation, setting.Normalization);
}

internal sealed record InvertedConvolutionOperation(string Name, int Kernel, int Expansion) : Operation(Name, ShapeChange.Any)
{
    internal override IEnumerable<LayerShape> Layers(OperationShape shape) =>
        LayerShapes.Inverted(shape.Inputs, shape.Outputs, Kernel, shape.Stride, Expansion, shape.InputSize);

    internal override IOperation Make(OperationSetting setting) => new InvertedConvolution(
        setting.Store, setting.Name, setting.Shape.Inputs, setting.Shape.Outputs, Kernel, setting.Shape.Stride, Expansion, setting.Normalization);
}

internal sealed record ResidualBlockOperation(string Name) : Operation(Name, ShapeChange.Any)
{
    internal override IEnumerable<LayerShape> Layers(OperationShape shape) =>
    [
        .. LayerShapes.ConvolutionNorm(shape.Inputs, shape.Outputs, 3, shape.Stride, shape.OutputSize),
        LayerShapes.Relu(shape.Outputs, shape.OutputSize),
        .. LayerShapes.ConvolutionNorm(shape.Outputs, shape.Outputs, 3, 1, shape.OutputSize),
        .. shape.IsKept ? (LayerShape[])[] : [new ConvolutionShape(shape.Inputs, shape.Outputs, 1, 1, 1, false, shape.OutputSize, shape.OutputSize)],
    ];

    internal override IOperation Make(OperationSetting setting) => new ResidualBlock(setting.Store, setting.Name, setting.Shape, setting.Normalization);
}

internal sealed record PoolingOperation(string Name, bool Largest) : Operation(Name, ShapeChange.Size)
{
    internal override IEnumerable<LayerShape> Layers(OperationShape shape) =>
        [new PoolingShape(Largest ? PoolingKind.Max : PoolingKind.Average, shape.Inputs, 3, shape.Stride, shape.InputSize)];

    internal override IOperation Make(OperationSetting setting) => new Pooling(Largest, setting.Shape.Stride);
}
