using System.Collections.Immutable;
using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Latency;

/// <summary>Finds the different layers of a space's networks.</summary>
internal static class LayerInventory
{
    // Every candidate is met in so many random surroundings: what a layer is may hang on a second choice, for example on where an edge
    // starts.
    private const int Surroundings = 100;

    /// <summary>The layers, ordered by name.</summary>
    /// <param name="space">The space.</param>
    /// <param name="layersOf">The layers of an architecture's network.</param>
    /// <param name="stream">Draws the surroundings.</param>
    public static ImmutableArray<LayerShape> Of(
        SearchSpace space, Func<Architecture, IEnumerable<LayerShape>> layersOf, RandomStream stream)
    {
        var layers = new Dictionary<string, LayerShape>(StringComparer.Ordinal);
        for (int choice = 0; choice < space.Choices.Length; choice++)
            for (int candidate = 0; candidate < space.Choices[choice].Candidates; candidate++)
                for (int i = 0; i < Surroundings; i++)
                    foreach (LayerShape layer in layersOf(With(space, choice, candidate, stream))) layers.TryAdd(layer.Name, layer);
        return [.. layers.Values.OrderBy(layer => layer.Name, StringComparer.Ordinal)];
    }

    private static Architecture With(SearchSpace space, int choice, int candidate, RandomStream stream)
    {
        var candidates = new int[space.Choices.Length];
        for (int i = 0; i < candidates.Length; i++) candidates[i] = i == choice ? candidate : stream.NextInt(space.Choices[i].Candidates);
        return new Architecture(candidates);
    }
}
