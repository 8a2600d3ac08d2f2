namespace PandaNas.Costs;

/// <summary>Counts what a network costs from the sizes of its layers.</summary>
internal static class CostCounter
{
    /// <summary>The summed cost of the layers; zero for none.</summary>
    /// <exception cref="BadOptionException">A sum is above 2⁶³ − 1.</exception>
    public static Cost Count(IEnumerable<LayerShape> layers)
    {
        var total = new Cost(0, 0);
        try
        {
            foreach (LayerShape layer in layers) total += Cost.Of(layer);
            return total;
        }
        catch (OverflowException error)
        {
            throw new BadOptionException(
                "the network is too large to be counted: choose fewer channels or classes, or smaller images", error);
        }
    }
}
