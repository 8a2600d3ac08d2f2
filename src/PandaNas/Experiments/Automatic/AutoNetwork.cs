using System.Text.Json.Serialization;
using PandaNas.Experiments.Options;
using PandaNas.Searching;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Automatic;

/// <summary>An architecture at some size, as a network by itself.</summary>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="Channels">Channels of the first stage.</param>
/// <param name="Cells">Cells of a stage.</param>
/// <param name="Parameters">Parameters of what is computed.</param>
/// <param name="MultiplyAdds">Multiply-adds of that for one image.</param>
internal sealed record AutoNetwork(string Architecture, int Channels, int Cells, long Parameters, long MultiplyAdds)
{
    /// <summary>What it is, in a word or two.</summary>
    [JsonIgnore]
    public string Name => Architecture == AutoRules.KnownCell ? AutoRules.KnownName : "a random architecture";

    /// <summary>Its cost.</summary>
    [JsonIgnore]
    public ArchitectureCost Cost => new(Parameters, MultiplyAdds);

    /// <summary>A network.</summary>
    /// <param name="training">The space, with the size of the images.</param>
    /// <param name="images">The images.</param>
    /// <param name="architecture">In the space's notation.</param>
    /// <param name="channels">Channels of the first stage.</param>
    /// <param name="cells">Cells of a stage.</param>
    public static AutoNetwork Of(SpaceOptions training, AutoImages images, string architecture, int channels, int cells)
    {
        SpaceFamily family = training.Family;
        NetworkOptions sizes = SizesOf(training, images, channels, cells);
        var cost = ArchitectureCost.Of(family.LiveCost(sizes, family.Space.Parse(architecture)));
        return new AutoNetwork(architecture, channels, cells, cost.Parameters, cost.MultiplyAdds);
    }

    /// <summary>The sizes of networks.</summary>
    public static NetworkOptions SizesOf(SpaceOptions training, AutoImages images, int channels, int cells) => RequestedNetwork.Of(
        training with { Channels = channels, Cells = cells }, standalone: true, images.Channels, training.ImageSize, images.Classes);

    /// <summary>The known network at all its sizes, the fewest multiply-adds first.</summary>
    public static IReadOnlyList<AutoNetwork> Known(SpaceOptions training, AutoImages images) =>
    [
        .. AutoRules.KnownSizes
            .Select(size => Of(training, images, AutoRules.KnownCell, size.Channels, size.Cells))
            .OrderBy(network => network.MultiplyAdds),
    ];

    /// <summary>The one of nearly a given cost: in multiply-adds where only these are limited, else in parameters.</summary>
    public static AutoNetwork Nearest(IEnumerable<AutoNetwork> networks, ArchitectureCost cost, CostLimits limits) =>
        networks.MinBy(network => limits is { MaxMultiplyAdds: not null, MaxParameters: null }
            ? Math.Abs(Math.Log((double)network.MultiplyAdds / cost.MultiplyAdds))
            : Math.Abs(Math.Log((double)network.Parameters / cost.Parameters)))!;
}
