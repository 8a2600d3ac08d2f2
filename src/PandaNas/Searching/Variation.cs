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
            if (stream.NextBool(probability)) candidates[choice] = stream.NextInt(space.Choices[choice].Candidates.Length);
        return new Architecture(candidates);
    }

    /// <summary>Draws one choice, of those that leave a choice, another candidate; the parent where nothing can be chosen.</summary>
    public static Architecture MutateOne(SearchSpace space, Architecture parent, RandomStream stream)
    {
        int[] open = [.. Enumerable.Range(0, space.Choices.Length).Where(choice => space.Choices[choice].Candidates.Length > 1)];
        if (open.Length == 0) return parent;
        int changed = open[stream.NextInt(open.Length)];
        int[] candidates = [.. parent.Candidates];
        int drawn = stream.NextInt(space.Choices[changed].Candidates.Length - 1);
        candidates[changed] = drawn < candidates[changed] ? drawn : drawn + 1;
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
