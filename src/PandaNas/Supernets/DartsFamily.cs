using System.Collections.Immutable;
using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>The DARTS space and its networks.</summary>
public sealed class DartsFamily : SpaceFamily
{
    // With fewer, the reductions at a third and at two thirds fall on the same cell or on the first.
    private const int FewestCells = 3;

    /// <inheritdoc/>
    public override SearchSpace Space => Darts.Instance;

    /// <inheritdoc/>
    public override string Summary => "a normal and a reduction cell of 4 nodes, each with 2 edges and one of 7 operations on them (Liu et al. 2019)";

    /// <inheritdoc/>
    public override NetworkFeatures Features =>
        NetworkFeatures.ChannelsAndCells | NetworkFeatures.TwoStems | NetworkFeatures.AuxiliaryHead | NetworkFeatures.DropPath;

    /// <inheritdoc/>
    public override (int Channels, int Cells) UsualSizes(bool standalone) => standalone ? (36, 20) : (16, 8);

    /// <inheritdoc/>
    public override Network Supernet(NetworkOptions options, Device device, RandomStream random) => DartsNetwork.Supernet(options, device, random);

    /// <inheritdoc/>
    public override Network Standalone(NetworkOptions options, Architecture architecture, Device device, RandomStream random) =>
        DartsNetwork.Standalone(options, architecture, device, random);

    /// <inheritdoc/>
    public override IEnumerable<LayerShape> Layers(NetworkOptions options, Architecture architecture, bool liveOnly)
    {
        ArgumentNullException.ThrowIfNull(options);
        Space.Check(architecture);
        int size = options.ImageSize, channels = 0;
        List<LayerShape> layers = [.. StemLayers(options, ref size)];
        foreach (DartsCellPlan plan in DartsMacro.Cells(options))
        {
            layers.AddRange(CellLayers(plan, architecture, ref size));
            channels = plan.Output;
        }
        layers.AddRange(LayerShapes.Classifier(channels, size, options.Classes));
        return layers;
    }

    /// <inheritdoc/>
    protected override void CheckSizes(NetworkOptions options)
    {
        // With one channel libtorch's convolutions give wrong gradients without an error: docs/dependencies.md. A factorized reduction halves them.
        if (options.Channels is < 4 or > 1024 || options.Channels % 2 != 0)
            throw new BadOptionException($"channels is {options.Channels}: {Space.Name} expects an even number from 4 to 1024");
        if (options.Cells is < FewestCells or > 100) throw new BadOptionException($"cells is {options.Cells}: {Space.Name} expects {FewestCells} to 100 cells in all");
        int step = Reduction(options);
        if (options.ImageSize < step || options.ImageSize % step != 0)
            throw new BadOptionException($"image-size is {options.ImageSize}: {Space.Name} with the {(options.HasLargeStem ? "large" : "small")} stem expects a multiple of {step} pixels");
        int smallest = step * AuxiliaryHead.SmallestSide(options.HasLargeStem);
        if (options.AuxiliaryHead && options.ImageSize < smallest)
            throw new BadOptionException($"image-size is {options.ImageSize}: the auxiliary head needs {smallest} pixels or more; set auxiliary-weight to 0");
    }

    // By how much the network reduces the size before and after its cells' two reductions.
    private static int Reduction(NetworkOptions options) => options.HasLargeStem ? 32 : 4;

    private static LayerShape[] StemLayers(NetworkOptions options, ref int size)
    {
        int channels = DartsMacro.StemChannels(options);
        if (!options.HasLargeStem) return LayerShapes.ConvolutionNorm(options.InputChannels, channels, 3, 1, size);
        size /= 8;
        return
        [
            .. LayerShapes.ConvolutionNorm(options.InputChannels, channels / 2, 3, 2, 4 * size),
            LayerShapes.Relu(channels / 2, 4 * size),
            .. LayerShapes.ConvolutionNorm(channels / 2, channels, 3, 2, 2 * size),
            LayerShapes.Relu(channels, 2 * size),
            .. LayerShapes.ConvolutionNorm(channels, channels, 3, 2, size),
        ];
    }

    private static List<LayerShape> CellLayers(DartsCellPlan plan, Architecture architecture, ref int size)
    {
        LayerShape[] first = plan.AfterReduction
            ? LayerShapes.FactorizedReduction(plan.FirstInput, plan.Channels, size)
            : LayerShapes.ConvolutionNorm(plan.FirstInput, plan.Channels, 1, 1, size);
        List<LayerShape> layers = [.. first, .. LayerShapes.ConvolutionNorm(plan.SecondInput, plan.Channels, 1, 1, size)];
        int inputSize = size;
        layers.AddRange([LayerShapes.Relu(plan.FirstInput, plan.AfterReduction ? 2 * size : size), LayerShapes.Relu(plan.SecondInput, size)]);
        bool reduces = plan.Kind == DartsCellKind.Reduction;
        if (reduces) size /= 2;
        ImmutableArray<DartsEdge> edges = Darts.Edges(architecture, plan.Kind);
        foreach (DartsEdge edge in edges)
            layers.AddRange(OperationLayers(edge.Operation, plan.Channels, reduces && edge.Source < Darts.Inputs ? 2 : 1, size));
        // A node's ReLU is computed once for all operations that read it.
        foreach (int source in edges.Where(edge => ReadsActivation(edge, reduces)).Select(edge => edge.Source).Distinct())
            layers.Add(LayerShapes.Relu(plan.Channels, source < Darts.Inputs ? inputSize : size));
        for (int node = 0; node < Darts.Nodes; node++) layers.AddRange(LayerShapes.Sum(edges.Length / Darts.Nodes, plan.Channels, size));
        layers.Add(new ElementwiseShape(ElementwiseKind.Concatenation, plan.Output, size));
        return layers;
    }

    private static bool ReadsActivation(DartsEdge edge, bool reduces) => edge.Operation switch
    {
        Darts.MaxPool3x3 or Darts.AveragePool3x3 => false,
        Darts.SkipConnect => reduces && edge.Source < Darts.Inputs,
        _ => true,
    };

    private static LayerShape[] OperationLayers(int operation, int channels, int stride, int size) => operation switch
    {
        Darts.MaxPool3x3 => [new PoolingShape(PoolingKind.Max, channels, 3, stride, stride * size)],
        Darts.AveragePool3x3 => [new PoolingShape(PoolingKind.Average, channels, 3, stride, stride * size)],
        Darts.SkipConnect when stride == 2 => LayerShapes.FactorizedReduction(channels, channels, size),
        Darts.SeparableConvolution3x3 => [.. LayerShapes.Separable(channels, channels, 3, stride, size), LayerShapes.Relu(channels, size), .. LayerShapes.Separable(channels, channels, 3, 1, size)],
        Darts.SeparableConvolution5x5 => [.. LayerShapes.Separable(channels, channels, 5, stride, size), LayerShapes.Relu(channels, size), .. LayerShapes.Separable(channels, channels, 5, 1, size)],
        Darts.DilatedConvolution3x3 => LayerShapes.Separable(channels, channels, 3, stride, size, dilation: 2),
        Darts.DilatedConvolution5x5 => LayerShapes.Separable(channels, channels, 5, stride, size, dilation: 2),
        _ => [],
    };
}
