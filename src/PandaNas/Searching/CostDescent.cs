using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>
/// Makes an architecture cheaper choice by choice until no single choice makes it cheaper: the cheapest of all where the cost is a sum
/// over choices, else a local minimum.
/// </summary>
internal static class CostDescent
{
    /// <summary>The architecture at which the descent ends.</summary>
    /// <param name="space">The space.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="cost">What is lowered; of equally cheap candidates the present one stays, else the first is taken.</param>
    /// <param name="stream">Decides the order of the choices.</param>
    public static Architecture Run(SearchSpace space, Architecture start, Func<Architecture, double> cost, RandomStream stream)
    {
        int[] order = stream.Permutation(space.Choices.Length);
        (Architecture best, double lowest) = (start, cost(start));
        for (bool lowered = true; lowered;)
        {
            lowered = false;
            foreach (int choice in order)
                for (int candidate = 0; candidate < space.Choices[choice].Candidates; candidate++)
                {
                    Architecture changed = best.With(choice, candidate);
                    double value = cost(changed);
                    if (!(value < lowest)) continue;
                    (best, lowest, lowered) = (changed, value, true);
                }
        }
        return best;
    }
}
