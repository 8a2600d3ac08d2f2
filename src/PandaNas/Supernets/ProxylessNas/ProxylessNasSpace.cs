using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Supernets.ProxylessNas;

/// <summary>
/// The ProxylessNAS space (Cai, Zhu and Han 2019): 21 layers in six stages, each a mobile inverted convolution of kernel 3, 5 or 7 and
/// expansion 3 or 6, or, where a layer keeps size and width, nothing. 7¹⁵·6⁶ architectures, written with a dash between layers:
/// <c>k5e3-k3e3-skip-skip-k7e3-…</c> is kernel 5 with expansion 3, kernel 3 with expansion 3, two layers left out, and so on.
/// </summary>
public sealed class ProxylessNasSpace : OperationSpace
{
    internal ProxylessNasSpace(SpaceOutline outline) : base(outline)
    {
    }

    /// <summary>Layers of the first, second, … stage.</summary>
    public static ImmutableArray<int> Depths { get; } = [4, 4, 4, 4, 4, 1];

    /// <summary>Kernel and expansion of every operation but the last.</summary>
    public static ImmutableArray<(int Kernel, int Expansion)> Convolutions { get; } =
        [.. from kernel in new[] { 3, 5, 7 } from expansion in new[] { 3, 6 } select (kernel, expansion)];

    /// <summary>Index of the operation that leaves its layer out.</summary>
    public static int Skip { get; } = Convolutions.Length;

    /// <summary>The space; it has no state, so one instance serves all.</summary>
    public static ProxylessNasSpace Instance { get; } = (ProxylessNasSpace)new ProxylessNasFamily().Space;

    /// <inheritdoc/>
    protected override string Form =>
        "The form is k3e3-k5e6-skip-…, one of k3e3, k3e6, k5e3, k5e6, k7e3, k7e6 or skip for each of 21 layers";

    /// <summary>
    /// The notation with the layers left out moved to the end of their stage, whose other layers all have the same shape.
    /// </summary>
    public override string IsomorphismKey(Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        var candidates = new List<int>(Choices.Length);
        foreach (int depth in Depths)
        {
            int[] stage = [.. architecture.Candidates.AsSpan(candidates.Count, depth)];
            candidates.AddRange(stage.OrderBy(candidate => candidate == Skip));
        }
        return Format(new Architecture([.. candidates]));
    }
}
