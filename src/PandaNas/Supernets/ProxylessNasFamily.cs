using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>The ProxylessNAS space and its networks.</summary>
public sealed class ProxylessNasFamily : SpaceFamily
{
    private const double WidestMultiplier = 10;
    private const int WidestLayer = 1 << 14;

    /// <inheritdoc/>
    public override SearchSpace Space => ProxylessNas.Instance;

    /// <inheritdoc/>
    public override string Summary => "21 layers of mobile inverted convolutions, kernel 3, 5 or 7 and expansion 3 or 6, some of which may be left out (Cai et al. 2019)";

    /// <inheritdoc/>
    public override NetworkFeatures Features => NetworkFeatures.Widths | NetworkFeatures.TwoStems | NetworkFeatures.DropPath | NetworkFeatures.ZeroResiduals;

    /// <inheritdoc/>
    public override int CalibrationBatches => 20;

    /// <inheritdoc/>
    public override (int Channels, int Cells) UsualSizes(bool standalone) => (0, 0);

    /// <inheritdoc/>
    public override Network Supernet(NetworkOptions options, Device device, RandomStream random) => ProxylessNasNetwork.Supernet(options, device, random);

    /// <inheritdoc/>
    public override Network Standalone(NetworkOptions options, Architecture architecture, Device device, RandomStream random) =>
        ProxylessNasNetwork.Standalone(options, architecture, device, random);

    /// <inheritdoc/>
    public override IEnumerable<LayerShape> Layers(NetworkOptions options, Architecture architecture, bool liveOnly)
    {
        ArgumentNullException.ThrowIfNull(options);
        Space.Check(architecture);
        var macro = new ProxylessNasMacro(options);
        int size = options.ImageSize;
        if (options.HasLargeStem) size = (size + 1) / 2;
        List<LayerShape> layers =
        [
            .. LayerShapes.ConvolutionNorm(options.InputChannels, macro.Stem, 3, options.HasLargeStem ? 2 : 1, size),
            LayerShapes.Relu6(macro.Stem, size),
            .. LayerShapes.Inverted(macro.Stem, macro.FirstBlock, 3, 1, 1, size),
        ];
        int place = 0;
        foreach (ProxylessNasLayerPlan plan in macro.Layers())
        {
            int operation = architecture[place++];
            if (operation == ProxylessNas.Skip) continue;
            (int kernel, int expansion) = ProxylessNas.Convolutions[operation];
            layers.AddRange(LayerShapes.Inverted(plan.Inputs, plan.Outputs, kernel, plan.Stride, expansion, size));
            size = (size + plan.Stride - 1) / plan.Stride;
            if (plan.Residual) layers.AddRange(LayerShapes.Sum(2, plan.Outputs, size));
        }
        layers.AddRange(LayerShapes.ConvolutionNorm(macro.Last, macro.Head, 1, 1, size));
        layers.Add(LayerShapes.Relu6(macro.Head, size));
        layers.AddRange(LayerShapes.Classifier(macro.Head, size, options.Classes));
        return layers;
    }

    /// <inheritdoc/>
    protected override void CheckSizes(NetworkOptions options)
    {
        if (options.WidthMultiplier is not (> 0 and <= WidestMultiplier))
            throw new BadOptionException(FormattableString.Invariant($"width-multiplier is {options.WidthMultiplier}: expected above 0 to {WidestMultiplier}"));
        if (!options.Widths.IsEmpty)
        {
            if (options.WidthMultiplier != 1) throw new BadOptionException("width-multiplier and widths are both given: widths are taken as they are, leave the multiplier out");
            int expected = ProxylessNasMacro.Own.Length;
            // With one channel libtorch's convolutions give wrong gradients without an error: docs/dependencies.md.
            if (options.Widths.Length != expected || options.Widths.Any(width => width is < 2 or > WidestLayer))
                throw new BadOptionException($"widths is {string.Join(',', options.Widths)}: {Space.Name} expects {expected} numbers from 2 to {WidestLayer}, of stem, first block, six stages and head; its own are {string.Join(',', ProxylessNasMacro.Own)}");
        }
        if (options.ImageSize < 4) throw new BadOptionException($"image-size is {options.ImageSize}: {Space.Name} expects 4 or more pixels");
    }
}
