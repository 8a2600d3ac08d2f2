using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Experiments.Scoring;

/// <summary>Random architectures that cost as much as a given one: the fair opponents of what a search found.</summary>
internal static class EqualCost
{
    /// <summary>How far parameters may differ, as a share of those of the given architecture.</summary>
    public const double Tolerance = 0.1;

    /// <summary>
    /// Random architectures with nearly as many parameters, each of another live graph than the given one and the others; fewer where
    /// the space has no more.
    /// </summary>
    /// <param name="space">The space; every architecture of it may be looked at.</param>
    /// <param name="given">The given architecture.</param>
    /// <param name="parameters">The parameters of an architecture.</param>
    /// <param name="count">How many.</param>
    /// <param name="stream">Draws them.</param>
    public static IReadOnlyList<Architecture> Draw(
        SearchSpace space, Architecture given, Func<Architecture, long> parameters, int count, RandomStream stream)
    {
        int[] order = stream.Permutation((int)space.Size);
        long cost = parameters(given);
        var seen = new HashSet<string>(StringComparer.Ordinal) { space.LiveGraphKey(given) };
        return
        [
            .. order.Select(number => space.At(number))
                .Where(architecture =>
                    Math.Abs(parameters(architecture) - cost) <= Tolerance * cost && seen.Add(space.LiveGraphKey(architecture)))
                .Take(count),
        ];
    }

    /// <summary>The random architecture, of some drawn from any space, whose parameters are the nearest to those of a given one.</summary>
    /// <param name="space">The space.</param>
    /// <param name="given">The given architecture; the other one computes something else.</param>
    /// <param name="parameters">The parameters of an architecture.</param>
    /// <param name="stream">Draws them.</param>
    public static Architecture Nearest(SearchSpace space, Architecture given, Func<Architecture, long> parameters, RandomStream stream)
    {
        const int Drawn = 1_000;
        long cost = parameters(given);
        string key = space.LiveGraphKey(given);
        return Enumerable.Range(0, Drawn)
            .Select(_ => UniformArchitectures.Draw(space, stream))
            .Where(architecture => space.LiveGraphKey(architecture) != key)
            .MinBy(architecture => Math.Abs(parameters(architecture) - cost))!;
    }
}
