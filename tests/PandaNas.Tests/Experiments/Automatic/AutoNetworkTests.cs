using PandaNas.Experiments.Automatic;
using PandaNas.Searching;

namespace PandaNas.Tests.Experiments.Automatic;

/// <summary>Networks near a known one, by their costs alone.</summary>
public sealed class AutoNetworkTests
{
    private static readonly AutoImages Images = new(45_000, 5_000, 10_000, 10, 3, 4_500, 4_500, 0, 32);

    [Theory]
    [InlineData(1.9)]
    [InlineData(5.0)]
    public void TheNeighbour_UsesTheTimeThatTheKnownNetworkLeaves_UnderTheSameLimit(double growth)
    {
        var training = AutoTraining.Of(new() { Minutes = 20 }, "images:none") with { ImageSize = 16 };
        AutoNetwork known = AutoNetwork.AtWidths(training, Images, AutoRules.Known[0], new(60_000, null))[^1];
        var limits = new CostLimits(60_000, (long)(growth * known.MultiplyAdds));
        AutoNetwork found = AutoNetwork.NeighbourOf(training, Images, known.Architecture, limits);
        Assert.True(limits.Admits(found.Cost), found.ToString());
        Assert.True(found.MultiplyAdds > Math.Min(growth, 3.5) * 0.95 * known.MultiplyAdds, $"{found} of {known}");
        string[] operations = found.Architecture.Split('-');
        Assert.InRange(operations.Zip(known.Architecture.Split('-')).Count(pair => pair.First != pair.Second), 1, 2);
        Assert.DoesNotContain(operations, operation => operation.StartsWith("mobile", StringComparison.Ordinal));
    }
}
