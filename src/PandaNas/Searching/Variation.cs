using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>Makes new architectures of old ones.</summary>
internal static class Variation
{
    /// <summary>Draws every choice anew with a probability; the new candidate may be the old one.</summary>
    public static Architecture Mutate(SearchSpace space, Architecture parent, double probability, RandomStream stream)
    {
        int[] candidates = [.. parent.Candidates];
        for (int choice = 0; choice < candidates.Length; choice++)
            if (stream.NextBool(probability)) candidates[choice] = stream.NextInt(space.Choices[choice].Candidates);
        return new Architecture(candidates);
    }

    /// <summary>Takes every choice from one of the two, equally likely.</summary>
    public static Architecture Cross(Architecture mother, Architecture father, RandomStream stream)
    {
        int[] candidates = [.. mother.Candidates];
        for (int choice = 0; choice < candidates.Length; choice++)
            if (stream.NextBool(0.5)) candidates[choice] = father[choice];
        return new Architecture(candidates);
    }
}
