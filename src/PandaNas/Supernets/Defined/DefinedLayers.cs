using PandaNas.Costs;

namespace PandaNas.Supernets.Defined;

/// <summary>Walks a layout from the images to the classifier, for counting.</summary>
internal sealed class DefinedLayers(SpaceDefinition definition, SpaceLayout layout)
{
    /// <summary>The layers of a network.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="at">The layers at a place, at a shape.</param>
    public IEnumerable<LayerShape> Of(NetworkOptions options, Func<Place, OperationShape, IEnumerable<LayerShape>> at)
    {
        StemLayer stem = definition.Stem;
        int size = Strided(options.ImageSize, stem.Stride), channels = layout.Outputs;
        List<LayerShape> layers = [.. LayerShapes.ConvolutionNorm(options.InputChannels, stem.Channels, stem.Kernel, stem.Stride, size)];
        foreach (Place place in layout.Places)
        {
            OperationShape shape = place.Shape(size);
            layers.AddRange(at(place, shape));
            size = shape.OutputSize;
        }
        if (definition.Head.Channels > 0)
        {
            layers.AddRange(LayerShapes.ConvolutionNorm(channels, definition.Head.Channels, 1, 1, size));
            channels = definition.Head.Channels;
        }
        else
        {
            layers.Add(new BatchNormShape(channels, affine: true, size));
        }
        layers.AddRange(LayerShapes.Classifier(channels, size, options.Classes));
        return layers;
    }

    /// <summary>The side of the last place's output in pixels.</summary>
    public static int LastSize(SpaceDefinition definition, SpaceLayout layout, int imageSize) =>
        layout.Places.Aggregate(Strided(imageSize, definition.Stem.Stride), (size, place) => place.Shape(size).OutputSize);

    private static int Strided(int size, int stride) => (size + stride - 1) / stride;
}
