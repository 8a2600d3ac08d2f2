using System.Text.Json.Serialization;
using PandaNas.Costs;
using PandaNas.Experiments.Options;
using PandaNas.Searching;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Automatic;

/// <summary>An architecture at some width, as a network by itself.</summary>
/// <param name="Name">What kind of network it is.</param>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="Width">The factor on all widths.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="MultiplyAdds">Its multiply-adds for one image.</param>
internal sealed record AutoNetwork(string Name, string Architecture, double Width, long Parameters, long MultiplyAdds)
{
    /// <summary>Its cost.</summary>
    [JsonIgnore]
    public Cost Cost => new(Parameters, MultiplyAdds);

    /// <summary>A network.</summary>
    /// <param name="training">The space, with the size of the images.</param>
    /// <param name="images">The images.</param>
    /// <param name="name">What it is called, and its architecture.</param>
    /// <param name="width">The factor on all widths.</param>
    public static AutoNetwork Of(SpaceOptions training, AutoImages images, (string Name, string Architecture) name, double width)
    {
        SpaceFamily family = training.Family;
        NetworkOptions sizes = RequestedNetwork.Of(
            training with { WidthMultiplier = width }, standalone: true, images.Channels, training.ImageSize, images.Classes);
        Cost cost = family.LiveCost(sizes, family.Space.Parse(name.Architecture));
        return new AutoNetwork(name.Name, name.Architecture, width, cost.Parameters, cost.MultiplyAdds);
    }

    /// <summary>A known network at all widths that make a difference and keep limits, the fewest multiply-adds first.</summary>
    public static AutoNetwork[] AtWidths(
        SpaceOptions training, AutoImages images, (string Name, string Architecture) known, CostLimits limits) =>
    [
        .. AutoRules.Widths
            .Select(width => Of(training, images, known, width))
            .DistinctBy(network => network.Cost)
            .Where(network => limits.Admits(network.Cost))
            .OrderBy(network => network.MultiplyAdds),
    ];

    /// <summary>The one of nearly a given cost: in multiply-adds where only these are limited, else in parameters.</summary>
    public static AutoNetwork Nearest(IEnumerable<AutoNetwork> networks, Cost cost, CostLimits limits) =>
        networks.MinBy(network => limits is { MaxMultiplyAdds: not null, MaxParameters: null }
            ? Math.Abs(Math.Log((double)network.MultiplyAdds / cost.MultiplyAdds))
            : Math.Abs(Math.Log((double)network.Parameters / cost.Parameters)))!;

    /// <summary>
    /// Of all networks that differ from one in few operations, at the widths at which they use the limits up, the one of the most
    /// multiply-adds. The late layers of a network have its parameters: what saves them there makes all of it wider.
    /// </summary>
    /// <param name="training">The space, with the size of the images.</param>
    /// <param name="images">The images.</param>
    /// <param name="architecture">The network from which they differ; keeps the limits at some width.</param>
    /// <param name="limits">Without one of latency.</param>
    public static AutoNetwork NeighbourOf(SpaceOptions training, AutoImages images, string architecture, CostLimits limits)
    {
        SearchSpace space = training.Family.Space;
        double[] widths = [.. AutoRules.Widths];
        HashSet<Architecture> alike = [space.Parse(architecture)];
        for (int step = 0; step < AutoRules.NeighbourSteps; step++)
            alike.UnionWith(alike.ToArray().SelectMany(Changed));
        return alike.Select(Widest).OfType<AutoNetwork>().MaxBy(network => network.MultiplyAdds)!;

        IEnumerable<Architecture> Changed(Architecture one) =>
            from choice in Enumerable.Range(0, space.Choices.Length)
            from candidate in Enumerable.Range(0, space.Choices[choice].Candidates)
            let changed = one.With(choice, candidate)
            where space.OperationAt(changed, choice) is { } operation
                && AutoRules.NeighbourOperations.Contains(space.Operations[operation])
            select changed;

        // Costs grow with the width.
        AutoNetwork? Widest(Architecture one)
        {
            AutoNetwork? widest = null;
            for (int low = 0, high = widths.Length; low < high;)
            {
                int middle = (low + high) / 2;
                AutoNetwork network = Of(training, images, (AutoRules.Found, space.Format(one)), widths[middle]);
                if (limits.Admits(network.Cost)) (widest, low) = (network, middle + 1);
                else high = middle;
            }
            return widest;
        }
    }
}
