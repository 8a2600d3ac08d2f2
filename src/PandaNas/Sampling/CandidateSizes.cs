using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// How large the candidates of one choice make an architecture that takes the first candidate everywhere else. Only differences within
/// a choice say something, and they say all where what a choice adds does not depend on the others.
/// </summary>
/// <param name="Sizes">The size with every candidate, in the unit of the function that measured.</param>
internal sealed record CandidateSizes(ImmutableArray<double> Sizes)
{
    /// <summary>The candidates of the largest size.</summary>
    public ImmutableArray<int> Largest { get; } = OfSize(Sizes, Sizes.Max());

    /// <summary>The candidates of the smallest size.</summary>
    public ImmutableArray<int> Smallest { get; } = OfSize(Sizes, Sizes.Min());

    /// <summary>The sizes at every choice of a space.</summary>
    public static ImmutableArray<CandidateSizes> Of(SearchSpace space, Func<Architecture, double> size)
    {
        Architecture first = space.At(0);
        return
        [
            .. space.Choices.Select((choice, place) =>
                new CandidateSizes([.. Enumerable.Range(0, choice.Candidates).Select(candidate => size(first.With(place, candidate)))])),
        ];
    }

    /// <summary>A path of such candidates, each equally likely where a choice has several.</summary>
    /// <param name="choices">The sizes at every choice.</param>
    /// <param name="among">Which candidates.</param>
    /// <param name="random">Where the numbers come from, one a choice.</param>
    public static Architecture Draw(
        ImmutableArray<CandidateSizes> choices, Func<CandidateSizes, ImmutableArray<int>> among, RandomStream random) =>
        new([.. choices.Select(among).Select(candidates => candidates[random.NextInt(candidates.Length)])]);

    private static ImmutableArray<int> OfSize(ImmutableArray<double> sizes, double size) =>
        [.. Enumerable.Range(0, sizes.Length).Where(candidate => sizes[candidate] == size)];
}
