using System.Collections.Immutable;
using PandaNas.Supernets.Definitions;

namespace PandaNas.Supernets.ProxylessNas;

/// <summary>
/// The widths of a ProxylessNAS network: of the stem, the first block, the six stages and the head. The space's own are scaled and
/// rounded to multiples of 8 as in MobileNetV2; given ones are taken as they are, for published networks that keep to no multiplier.
/// </summary>
internal static class ProxylessNasWidths
{
    private const int RoundTo = 8;

    /// <summary>The space's own widths.</summary>
    public static ImmutableArray<int> Own { get; } = [32, 16, 24, 40, 80, 96, 192, 320, 1280];

    /// <summary>The widths of a network.</summary>
    public static ImmutableArray<int> Of(NetworkOptions options) =>
        options.Widths.IsEmpty ? [.. Own.Select(width => WidthScaling.Scale(width, options.WidthMultiplier, RoundTo))] : options.Widths;
}
