using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Sampling;

public sealed class UniformArchitecturesTests
{
    [Fact]
    public void Draw_GivesEveryArchitectureEquallyOften()
    {
        var space = new ToySpace(2, 3, 4);
        var stream = RandomStream.Derive(1, "draw");
        var counts = new Dictionary<Architecture, int>();
        for (int i = 0; i < 24_000; i++)
        {
            Architecture architecture = UniformArchitectures.Draw(space, stream);
            space.Check(architecture);
            counts[architecture] = counts.GetValueOrDefault(architecture) + 1;
        }
        Assert.Equal(24, counts.Count);
        // Critical value of chi-square with 23 degrees of freedom at p = 0.001.
        Assert.InRange(counts.Values.Sum(count => (count - 1_000.0) * (count - 1_000.0) / 1_000.0), 0, 49.73);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(600)]
    [InlineData(7_813)]
    [InlineData(15_625)]
    public void DrawDistinct_GivesThatManyDifferentOnes(int count)
    {
        IReadOnlyList<Architecture> drawn = UniformArchitectures.DrawDistinct(
            NasBench201Space.Instance, count, RandomStream.Derive(2, "distinct"));
        Assert.Equal(count, drawn.Count);
        Assert.Equal(count, drawn.Distinct().Count());
        Assert.Equal(drawn, UniformArchitectures.DrawDistinct(NasBench201Space.Instance, count, RandomStream.Derive(2, "distinct")));
    }

    [Fact]
    public void DrawDistinct_RefusesMoreThanTheSpaceHas()
    {
        string message = Assert.Throws<BadOptionException>(
            () => UniformArchitectures.DrawDistinct(NasBench201Space.Instance, 15_626, RandomStream.Derive(2, "distinct"))).Message;
        Assert.Contains("15626", message, StringComparison.Ordinal);
        Assert.Contains("15625", message, StringComparison.Ordinal);
    }
}
