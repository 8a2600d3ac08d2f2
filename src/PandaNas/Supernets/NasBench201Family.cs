using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>The NAS-Bench-201 space and its networks.</summary>
public sealed class NasBench201Family : SpaceFamily
{
    private const int Stages = 3;

    /// <inheritdoc/>
    public override SearchSpace Space => NasBench201.Instance;

    /// <inheritdoc/>
    public override string Summary => "cells of 4 nodes with one of 5 operations on every edge (Dong and Yang 2020)";

    /// <inheritdoc/>
    public override NetworkFeatures Features => NetworkFeatures.ChannelsAndCells | NetworkFeatures.ConvolutionBias;

    /// <inheritdoc/>
    public override (int Channels, int Cells) UsualSizes(bool standalone) => (16, 5);

    /// <inheritdoc/>
    protected override void CheckSizes(NetworkOptions options)
    {
        // With one channel libtorch's convolutions give wrong gradients without an error: docs/dependencies.md.
        if (options.Channels is < 2 or > 1024) throw new BadOptionException($"channels is {options.Channels}: expected 2 to 1024");
        if (options.Cells is < 1 or > 100) throw new BadOptionException($"cells is {options.Cells}: expected 1 to 100 cells a stage");
        // Of images of a single pixel libtorch's 3×3 convolutions are wrong, too.
        if (options.ImageSize < 5) throw new BadOptionException($"image-size is {options.ImageSize}: {Space.Name} halves it twice and needs 2 pixels then, so expected 5 or more");
    }

    /// <inheritdoc/>
    public override Network Supernet(NetworkOptions options, Device device, RandomStream random) =>
        NasBench201Network.Supernet(options, device, random);

    /// <inheritdoc/>
    public override Network Standalone(NetworkOptions options, Architecture architecture, Device device, RandomStream random) =>
        NasBench201Network.Standalone(options, architecture, device, random);

    /// <inheritdoc/>
    public override IEnumerable<LayerShape> Layers(NetworkOptions options, Architecture architecture, bool liveOnly)
    {
        ArgumentNullException.ThrowIfNull(options);
        Space.Check(architecture);
        int channels = options.Channels, size = options.ImageSize;
        bool[] counted = [.. liveOnly ? NasBench201.LiveEdges(architecture) : Enumerable.Repeat(true, NasBench201.Edges.Length)];
        List<LayerShape> layers = [.. LayerShapes.ConvolutionNorm(options.InputChannels, channels, 3, 1, size)];
        for (int stage = 0; stage < Stages; stage++)
        {
            if (stage > 0)
            {
                layers.AddRange(ReductionLayers(channels, size));
                (channels, size) = (2 * channels, (size + 1) / 2);
            }
            List<LayerShape> cell = CellLayers(architecture, counted, channels, size);
            for (int i = 0; i < options.Cells; i++) layers.AddRange(cell);
        }
        layers.AddRange([new BatchNormShape(channels, affine: true, size), LayerShapes.Relu(channels, size)]);
        layers.AddRange(LayerShapes.Classifier(channels, size, options.Classes));
        return layers;
    }

    private static List<LayerShape> ReductionLayers(int inputs, int inputSize)
    {
        int size = (inputSize + 1) / 2, outputs = 2 * inputs;
        return
        [
            LayerShapes.Relu(inputs, inputSize),
            .. LayerShapes.ConvolutionNorm(inputs, outputs, 3, 2, size),
            LayerShapes.Relu(outputs, size),
            .. LayerShapes.ConvolutionNorm(outputs, outputs, 3, 1, size),
            new PoolingShape(PoolingKind.Average, inputs, 2, 2, inputSize),
            new ConvolutionShape(inputs, outputs, 1, 1, 1, false, size, size),
            .. LayerShapes.Sum(2, outputs, size),
        ];
    }

    // A node's ReLU is computed once for all convolutions that read it.
    private static List<LayerShape> CellLayers(Architecture architecture, bool[] counted, int channels, int size)
    {
        int[] edges = [.. Enumerable.Range(0, counted.Length).Where(edge => counted[edge] && architecture[edge] != NasBench201.None)];
        var layers = new List<LayerShape>();
        foreach (int _ in edges.Where(edge => IsConvolution(architecture[edge])).Select(edge => NasBench201.Edges[edge].Source).Distinct()) layers.Add(LayerShapes.Relu(channels, size));
        foreach (int edge in edges) layers.AddRange(EdgeLayers(architecture[edge], channels, size));
        foreach (IGrouping<int, int> node in edges.GroupBy(edge => NasBench201.Edges[edge].Target)) layers.AddRange(LayerShapes.Sum(node.Count(), channels, size));
        return layers;
    }

    private static bool IsConvolution(int operation) => operation is NasBench201.Convolution1x1 or NasBench201.Convolution3x3;

    private static LayerShape[] EdgeLayers(int operation, int channels, int size) => operation switch
    {
        NasBench201.Convolution1x1 => LayerShapes.ConvolutionNorm(channels, channels, 1, 1, size),
        NasBench201.Convolution3x3 => LayerShapes.ConvolutionNorm(channels, channels, 3, 1, size),
        NasBench201.AveragePool3x3 => [new PoolingShape(PoolingKind.Average, channels, 3, 1, size)],
        _ => [],
    };
}
