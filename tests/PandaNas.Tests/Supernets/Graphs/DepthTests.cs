using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Darts;
using PandaNas.Supernets.NasBench201;
using PandaNas.Supernets.ProxylessNas;
using PandaNas.Tests.Supernets.Definitions;

namespace PandaNas.Tests.Supernets.Graphs;

public sealed class DepthTests
{
    // Published counts of how many convolutions lie on the longest path of a cell; three cells in a row, and stem and two reductions.
    [Fact]
    public void OfNasBench201_EveryDepthHasItsNumberOfArchitectures()
    {
        var family = new NasBench201Family();
        var sizes = new NetworkOptions(3, 8, 10, 4, 1);
        Dictionary<int, int> counts = Enumerable.Range(0, (int)family.Space.Size)
            .GroupBy(number => family.Depth(sizes, family.Space.At(number)))
            .ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(
            new Dictionary<int, int> { [0] = 341, [3] = 1983 - 341, [6] = 7122, [9] = 5520, [12] = 1000 }.OrderBy(pair => pair.Key),
            counts.OrderBy(pair => pair.Key));
    }

    // Written out, the way from the images is that of the live edges.
    [Fact]
    public void DisconnectedArchitectures_ReadNoImages()
    {
        var family = new NasBench201Family();
        var sizes = new NetworkOptions(3, 8, 10, 4, 1);
        for (int number = 0; number < (int)family.Space.Size; number += 7)
        {
            Architecture path = family.Space.At(number);
            Assert.Equal(NasBench201Space.Instance.LiveEdges(path).Contains(true), family.Paths(sizes, path).ReadsImages);
        }
        foreach (SpaceFamily always in (SpaceFamily[])[new DartsFamily(), new ProxylessNasFamily()])
        {
            NetworkOptions usual = always.Complete(new NetworkOptions(3, 32, 10, 0, 0), standalone: false);
            Assert.True(always.Paths(usual, always.Space.At(always.Space.Size / 3)).ReadsImages);
        }
    }

    [Theory]
    // Stem, first block and head convolution, a layer each that is no skip.
    [InlineData("0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0", 24)]
    [InlineData("0,6,6,6,0,6,6,6,0,6,6,6,0,6,6,6,0,6,6,6,0", 9)]
    public void OfProxylessNas_LayersThatAreNoSkipsCount(string candidates, int depth) => Assert.Equal(
        depth,
        new ProxylessNasFamily().Depth(
            new NetworkOptions(3, 32, 10, 0, 0), new Architecture([.. candidates.Split(',').Select(int.Parse)])));

    // A separable convolution is one operation, however many convolutions it has.
    [Fact]
    public void OfDarts_OperationsCount_NotTheirConvolutions()
    {
        var family = new DartsFamily();
        var sizes = new NetworkOptions(3, 32, 10, 4, 3) { Stem = Stem.Small };
        int Of(string operation) => family.Depth(sizes, family.Space.Parse(
            $"Genotype(normal=[{Edges(operation)}], normal_concat=range(2, 6), "
            + $"reduce=[{Edges(operation)}], reduce_concat=range(2, 6))"));
        static string Edges(string operation) => string.Join(", ", Enumerable.Range(0, 4).Select(
            node => $"('{operation}', {node}), ('{operation}', {node + 1})"));
        // In every cell an operation before and a chain of four nodes.
        Assert.Equal(1 + 3 * 5, Of("sep_conv_3x3"));
        Assert.Equal(1 + 3 * 5, Of("dil_conv_5x5"));
        Assert.Equal(1 + 3 * 1, Of("max_pool_3x3"));
    }

    [Fact]
    public void OfASpaceOfOnesOwn_ModulesWithWeightsCount()
    {
        SpaceFamily family = SmallSpaces.WithModule(SmallSpaces.Normed(normalize: false));
        var sizes = new NetworkOptions(3, 8, 4, 0, 0);
        Assert.Equal([1, 2, 3], ((string[])["skip-skip", "skip-normed", "normed-conv"]).Select(
            text => family.Depth(sizes, family.Space.Parse(text))));
    }
}
