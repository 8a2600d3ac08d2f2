using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Tests.Experiments.Scoring;

public sealed class EqualCostTests
{
    private static readonly SpaceFamily Family = Catalog.Default.Spaces[0];
    private static readonly Lazy<Dictionary<Architecture, long>> Parameters = new(() =>
    {
        SupernetOptions options = new() { Preset = "quickstart" };
        NetworkOptions sizes = RequestedNetwork.Of(options, standalone: true, inputChannels: 1, imageSize: 14, classes: 10);
        return Enumerable.Range(0, (int)Family.Space.Size)
            .Select(i => Family.Space.At(i))
            .ToDictionary(one => one, one => Family.LiveCost(sizes, one).Parameters);
    });

    [Fact]
    public void Draw_GivesOtherNetworksOfNearlyAsManyParameters()
    {
        Architecture given = Family.Space.Parse("|nor_conv_1x1~0|+|none~0|avg_pool_3x3~1|+|nor_conv_1x1~0|nor_conv_3x3~1|skip_connect~2|");
        IReadOnlyList<Architecture> drawn = Draw(given, 7);
        Assert.Equal(7, drawn.Count);
        Assert.Equal(8, drawn.Append(given).Select(Family.Space.LiveGraphKey).Distinct().Count());
        long cost = Parameters.Value[given];
        Assert.All(drawn, one => Assert.InRange(Parameters.Value[one], 0.9 * cost, 1.1 * cost));
        Assert.Equal(drawn, Draw(given, 7));
    }

    // Whatever the quickstart's search finds, there are opponents.
    [Fact]
    public void Draw_FindsEnoughForEveryWinnerOfTheQuickstart()
    {
        var kinds = Parameters.Value.Where(one => one.Value <= Quickstart.MaxParameters).GroupBy(one => one.Value, one => one.Key);
        Assert.All(kinds, kind => Assert.Equal(Quickstart.RandomArchitectures, Draw(kind.First(), Quickstart.RandomArchitectures).Count));
    }

    private static IReadOnlyList<Architecture> Draw(Architecture given, int count) =>
        EqualCost.Draw(Family.Space, given, one => Parameters.Value[one], count, RandomStream.Derive(3, "baseline"));
}
