using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Scoring;

/// <summary>The architectures of a space with the fewest and the most parameters.</summary>
/// <param name="Smallest">The one with the fewest, or one of them.</param>
/// <param name="Largest">The one with the most, or one of them.</param>
internal sealed record CostRange(Architecture Smallest, Architecture Largest)
{
    /// <summary>
    /// Finds both by changing one choice after the other as long as it helps. That is exact where what a choice costs, or the order of what
    /// its candidates cost, does not depend on other choices, as in all built-in and defined spaces.
    /// </summary>
    /// <param name="family">The space.</param>
    /// <param name="sizes">The sizes of its networks.</param>
    public static CostRange Of(SpaceFamily family, NetworkOptions sizes) =>
        new(Improve(family, sizes, -1), Improve(family, sizes, 1));

    private static Architecture Improve(SpaceFamily family, NetworkOptions sizes, int sign)
    {
        SearchSpace space = family.Space;
        Architecture best = space.At(0);
        long most = sign * family.Cost(sizes, best).Parameters;
        bool improved = true;
        while (improved)
        {
            improved = false;
            for (int choice = 0; choice < space.Choices.Length; choice++)
                for (int candidate = 0; candidate < space.Choices[choice].Candidates; candidate++)
                {
                    Architecture changed = best.With(choice, candidate);
                    long parameters = sign * family.Cost(sizes, changed).Parameters;
                    if (parameters <= most) continue;
                    (best, most, improved) = (changed, parameters, true);
                }
        }
        return best;
    }
}
