using PandaNas.Costs;

namespace PandaNas.Supernets.Layers;

/// <summary>The shape of a value but for the number of its images.</summary>
/// <param name="Channels">Channels.</param>
/// <param name="Size">Height and width in pixels.</param>
internal sealed record MapShape(int Channels, int Size);

/// <summary>Lists the layers that a network computes in evaluation, with those that cost nothing but time.</summary>
/// <param name="ceiling">The activation's upper bound: infinity for ReLU, 6 for ReLU6.</param>
internal sealed class LayerListing(float ceiling) : IComputation<MapShape>
{
    private readonly List<LayerShape> _layers = [];

    /// <summary>The layers in the order in which they are computed.</summary>
    public IReadOnlyList<LayerShape> Layers => _layers;

    public MapShape Convolve(MapShape input, Convolution convolution)
    {
        ConvolutionShape shape = convolution.Shape(input.Size);
        _layers.Add(shape);
        return new MapShape(shape.OutputChannels, shape.OutputHeight);
    }

    public MapShape Pool(MapShape input, Pooling pooling)
    {
        _layers.Add(pooling.Shape(input.Channels, input.Size));
        return input with { Size = pooling.OutputSize(input.Size) };
    }

    public MapShape Classify(MapShape input, Linear linear)
    {
        _layers.Add(linear.Shape);
        return new MapShape(linear.Shape.OutputFeatures, 1);
    }

    public MapShape Run(MapShape input, ICustomLayer layer)
    {
        _layers.Add(layer.Shape);
        return new MapShape(layer.Outputs, layer.OutputSize);
    }

    public MapShape Concatenate(params ReadOnlySpan<MapShape> values)
    {
        int channels = 0;
        foreach (MapShape value in values) channels += value.Channels;
        return Elementwise(ElementwiseKind.Concatenation, values[0] with { Channels = channels });
    }

    // Copies, as putting side by side does.
    public MapShape EverySecond(MapShape input, int start) =>
        Elementwise(ElementwiseKind.Concatenation, input with { Size = (input.Size - start + 1) / 2 });

    // Takes next to no time.
    public MapShape Zeros(MapShape like) => like;

    public Features<MapShape> Sum(ReadOnlySpan<Term<MapShape>> terms, Reads reads, float? ceiling = null)
    {
        MapShape shape = terms[0].Value;
        for (int term = 0; term < terms.Length; term++)
        {
            if (terms[term].Norm is { } norm) _layers.Add(norm.Shape(shape.Size));
            if (term > 0) Elementwise(ElementwiseKind.Addition, shape);
        }
        if (!reads.HasFlag(Reads.Activated)) return new Features<MapShape>(shape, null);
        Elementwise(float.IsPositiveInfinity(ceiling ?? Ceiling) ? ElementwiseKind.Relu : ElementwiseKind.Relu6, shape);
        return new Features<MapShape>(shape, shape);
    }

    public Term<MapShape>[] Droppable(Term<MapShape>[] branch) => branch;

    public IReadOnlyList<MapShape> After(Func<IReadOnlyList<MapShape>> part) => part();

    private float Ceiling { get; } = ceiling;

    private MapShape Elementwise(ElementwiseKind kind, MapShape shape)
    {
        _layers.Add(new ElementwiseShape(kind, shape.Channels, shape.Size));
        return shape;
    }
}
