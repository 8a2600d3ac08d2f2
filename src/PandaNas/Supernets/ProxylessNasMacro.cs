using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Supernets;

/// <summary>One searchable layer of a ProxylessNAS network.</summary>
/// <param name="Inputs">Channels of its input.</param>
/// <param name="Outputs">Channels of its output.</param>
/// <param name="Stride">1 or 2.</param>
/// <param name="Residual">Whether the input is added to the output: size and width stay by the plan of the space.</param>
internal readonly record struct ProxylessNasLayerPlan(int Inputs, int Outputs, int Stride, bool Residual);

/// <summary>
/// The widths of a ProxylessNAS network: of the stem, the first block, the six stages and the head. The space's own are scaled and
/// rounded to multiples of 8 as in MobileNetV2; given ones are taken as they are, for published networks that keep to no multiplier.
/// </summary>
internal sealed class ProxylessNasMacro
{
    private const int RoundTo = 8;

    private readonly ImmutableArray<int> _widths;

    public ProxylessNasMacro(NetworkOptions options) =>
        _widths = options.Widths.IsEmpty ? [.. Own.Select(width => Scale(width, options.WidthMultiplier))] : options.Widths;

    /// <summary>The space's own widths.</summary>
    public static ImmutableArray<int> Own { get; } = [32, 16, 24, 40, 80, 96, 192, 320, 1280];

    /// <summary>Channels of the stem.</summary>
    public int Stem => _widths[0];

    /// <summary>Channels of the first block, which is not searched.</summary>
    public int FirstBlock => _widths[1];

    /// <summary>Channels of the head, which the classifier reads.</summary>
    public int Head => _widths[^1];

    /// <summary>Channels of the last searchable layer.</summary>
    public int Last => _widths[^2];

    /// <summary>The searchable layers in order.</summary>
    public IEnumerable<ProxylessNasLayerPlan> Layers()
    {
        int inputs = FirstBlock;
        for (int stage = 0; stage < ProxylessNas.Depths.Length; stage++)
        {
            int width = _widths[2 + stage];
            for (int layer = 0; layer < ProxylessNas.Depths[stage]; layer++)
            {
                yield return new ProxylessNasLayerPlan(inputs, width, layer == 0 ? ProxylessNas.Strides[stage] : 1, layer > 0);
                inputs = width;
            }
        }
    }

    // Never more than a tenth below the exact width.
    private static int Scale(int width, double multiplier)
    {
        double exact = width * multiplier;
        int rounded = Math.Max(RoundTo, (int)(exact + RoundTo / 2.0) / RoundTo * RoundTo);
        return rounded < 0.9 * exact ? rounded + RoundTo : rounded;
    }
}
