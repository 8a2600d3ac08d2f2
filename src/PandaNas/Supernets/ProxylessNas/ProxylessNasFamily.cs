using System.Collections.Immutable;
using PandaNas.Supernets.Definitions;
using PandaNas.Supernets.Operations;

namespace PandaNas.Supernets.ProxylessNas;

/// <summary>
/// The ProxylessNAS space and its networks (Cai et al. 2019): a 3×3 stem, one fixed inverted convolution, 21 searchable layers, a 1×1
/// head, global average pooling and a linear classifier.
/// </summary>
internal sealed class ProxylessNasFamily() : ChainFamily(Define, new NetworkOptions(3, 224, 1000, 0, 0))
{
    private const int WidestLayer = 1 << 14;

    // Of the first layer of the first, second, … stage; all other layers have stride 1.
    private static readonly ImmutableArray<int> Strides = [2, 2, 2, 1, 2, 1];

    /// <inheritdoc/>
    internal override NetworkFeatures Features =>
        NetworkFeatures.WidthMultiplier | NetworkFeatures.Widths | NetworkFeatures.TwoStems | NetworkFeatures.DropPath
        | NetworkFeatures.ZeroResiduals | NetworkFeatures.WeightEntanglement;

    // No supernet of minutes is known to rank better: docs/experiment-log.md, 2026-11-27, operations that share weights.
    internal override string Ranker => "naswot+live-macs";

    /// <inheritdoc/>
    private protected override void CheckSizes(NetworkOptions options)
    {
        WidthScaling.Check(options.WidthMultiplier);
        if (!options.Widths.IsEmpty)
        {
            if (options.WidthMultiplier != 1)
                throw new BadOptionException(
                    "width-multiplier and widths are both given: widths are taken as they are, leave the multiplier out");
            int expected = ProxylessNasWidths.Own.Length;
            // With one channel libtorch's convolutions give wrong gradients without an error: docs/dependencies.md.
            if (options.Widths.Length != expected || options.Widths.Any(width => width is < 2 or > WidestLayer))
                throw new BadOptionException(
                    $"widths is {string.Join(',', options.Widths)}: {Space.Name} expects {expected} numbers from 2 to {WidestLayer}, "
                    + $"of stem, first block, six stages and head; its own are {string.Join(',', ProxylessNasWidths.Own)}");
        }
        if (options.ImageSize < 4)
            throw new BadOptionException($"image-size is {options.ImageSize}: {Space.Name} expects 4 or more pixels");
    }

    private static SpaceDefinition Define(NetworkOptions options)
    {
        ImmutableArray<int> widths = ProxylessNasWidths.Of(options);
        var first = new FixedLayers(Operation.InvertedConvolution("first_block", 3, 1), widths[1]) { PlaceName = _ => "first_block" };
        return new(
            "proxylessnas",
            "21 layers of mobile inverted convolutions, kernel 3, 5 or 7 and expansion 3 or 6, "
            + "some of which may be left out (Cai et al. 2019)")
        {
            Stem = new StemLayer(widths[0], Stride: options.HasLargeStem ? 2 : 1, Activate: true),
            Body = [first, .. Enumerable.Range(0, Strides.Length).SelectMany(stage => Stage(stage, widths[stage + 2]))],
            HeadChannels = widths[^1],
            Activation = Activation.Relu6,
            CalibrationBatches = 20,
            MakeSpace = outline => new ProxylessNasSpace(outline),
        };
    }

    // The first layer can never be left out, even where it would keep the shape.
    private static IEnumerable<SpacePart> Stage(int stage, int width)
    {
        ImmutableArray<Operation> convolutions =
            [.. ProxylessNasSpace.Convolutions.Select(
                one => Operation.InvertedConvolution($"k{one.Kernel}e{one.Expansion}", one.Kernel, one.Expansion))];
        int depth = ProxylessNasSpace.Depths[stage], before = ProxylessNasSpace.Depths.Take(stage).Sum();
        yield return new SearchedLayers(convolutions, width, Strides[stage])
        {
            PlaceName = _ => $"layers.{before}",
            ChoiceName = _ => $"stage {stage + 1} layer 1",
        };
        if (depth == 1) yield break;
        yield return new SearchedLayers([.. convolutions, Operation.Skip("skip")], Count: depth - 1, Residual: true)
        {
            PlaceName = layer => $"layers.{before + 1 + layer}",
            ChoiceName = layer => $"stage {stage + 1} layer {layer + 2}",
        };
    }
}
