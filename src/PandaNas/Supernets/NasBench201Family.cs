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
                size = (size + 1) / 2;
                layers.AddRange(LayerShapes.ConvolutionNorm(channels, 2 * channels, 3, 2, size));
                layers.AddRange(LayerShapes.ConvolutionNorm(2 * channels, 2 * channels, 3, 1, size));
                layers.Add(new ConvolutionShape(channels, 2 * channels, 1, 1, 1, false, size, size));
                channels *= 2;
            }
            LayerShape[] cell = [.. Enumerable.Range(0, counted.Length).Where(edge => counted[edge]).SelectMany(edge => EdgeLayers(architecture[edge], channels, size))];
            for (int i = 0; i < options.Cells; i++) layers.AddRange(cell);
        }
        layers.Add(new BatchNormShape(channels, affine: true));
        layers.Add(new LinearShape(channels, options.Classes, bias: true));
        return layers;
    }

    private static LayerShape[] EdgeLayers(int operation, int channels, int size) => operation switch
    {
        NasBench201.Convolution1x1 => LayerShapes.ConvolutionNorm(channels, channels, 1, 1, size),
        NasBench201.Convolution3x3 => LayerShapes.ConvolutionNorm(channels, channels, 3, 1, size),
        _ => [],
    };
}
