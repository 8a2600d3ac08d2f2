using CsCheck;
using PandaNas.Spaces;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Supernets.NasBench201;

public sealed class NasBench201SpaceTests
{
    private static readonly NasBench201Space Space = NasBench201Space.Instance;
    private static readonly Architecture[] All = [.. Enumerable.Range(0, 15_625).Select(number => Space.At(number))];

    [Fact]
    public void Size_Is15625()
    {
        Assert.Equal(15_625, Space.Size);
        Assert.Equal(15_625, All.Distinct().Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => Space.At(15_625));
        Assert.Throws<ArgumentOutOfRangeException>(() => Space.At(-1));
    }

    [Fact]
    public void EveryArchitecture_SurvivesFormatAndParse()
    {
        foreach (Architecture architecture in All) Assert.Equal(architecture, Space.Parse(Space.Format(architecture)));
    }

    [Fact]
    public void Notation_IsTheBenchmarksOwn()
    {
        const string text = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_3x3~0|none~1|skip_connect~2|";
        Architecture architecture = Space.Parse(text);
        Assert.Equal([4, 2, 1, 3, 0, 1], architecture.Candidates);
        Assert.Equal(text, Space.Format(architecture));
        Assert.Equal(architecture, Space.Parse($" {text}\n"));
        Assert.Equal([(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)], NasBench201Space.Instance.Edges);
    }

    [Fact]
    public void LiveGraphs_Are9445() => Assert.Equal(9_445, All.Select(Space.LiveGraphKey).Distinct().Count());

    // The number of unique cells published with the benchmark.
    [Fact]
    public void IsomorphismClasses_Are6466() => Assert.Equal(6_466, All.Select(Space.IsomorphismKey).Distinct().Count());

    // The benchmark's expression does not simplify a sum of nothing, so cells that compute the same can stand in different classes.
    [Fact]
    public void IsomorphismKey_KeepsTheBenchmarksSumsOfNothing()
    {
        Architecture nothing = new([0, 0, 0, 0, 0, 0]), deadConvolution = new([0, 0, 0, 0, 0, 3]);
        Assert.Equal(Space.LiveGraphKey(nothing), Space.LiveGraphKey(deadConvolution));
        Assert.NotEqual(Space.IsomorphismKey(nothing), Space.IsomorphismKey(deadConvolution));
    }

    // Edges in order: 0->1, 0->2, 1->2, 0->3, 1->3, 2->3.
    [Theory]
    [InlineData("3,0,0,0,0,0", "")]
    [InlineData("0,0,0,0,0,0", "")]
    [InlineData("0,0,0,3,0,0", "3")]
    [InlineData("3,3,3,3,3,3", "0,1,2,3,4,5")]
    [InlineData("0,0,3,3,3,3", "3")]
    [InlineData("3,3,3,3,3,0", "0,3,4")]
    [InlineData("3,0,3,0,0,3", "0,2,5")]
    [InlineData("0,3,3,0,3,3", "1,5")]
    [InlineData("3,3,0,0,0,1", "1,5")]
    [InlineData("4,0,0,0,1,0", "0,4")]
    public void LiveEdges_AreThoseBetweenInputAndOutput(string candidates, string live)
    {
        var architecture = new Architecture(Numbers(candidates));
        Assert.Equal(Numbers(live), Enumerable.Range(0, 6).Where(edge => NasBench201Space.Instance.LiveEdges(architecture)[edge]));
    }

    [Fact]
    public void SkipToOneNode_IsIsomorphicToTheDirectEdge() => Assert.Equal(
        Space.IsomorphismKey(new Architecture([0, 0, 0, 3, 0, 0])), Space.IsomorphismKey(new Architecture([1, 0, 0, 0, 3, 0])));

    [Theory]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("|none~0|")]
    [InlineData("|none~0|+|none~0|none~1|+|none~0|none~1|")]
    [InlineData("|none~0|+|none~0|none~1|+|none~0|none~1|none~3|")]
    [InlineData("|none~0|+|none~0|none~1|+|none~0|none~1|sep_conv_3x3~2|")]
    [InlineData("|none~0|+|none~0|none~1|+|none~0|none~1|none~2")]
    [InlineData("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|+")]
    [InlineData("|NONE~0|+|none~0|none~1|+|none~0|none~1|none~2|")]
    [InlineData("|none~00|+|none~0|none~1|+|none~0|none~1|none~2|")]
    public void BadNotation_IsRefusedWithTheForm(string text) => Assert.Contains(
        "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|",
        Assert.Throws<ArchitectureFormatException>(() => Space.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void RandomText_ParsesOrIsAFormatError()
    {
        string good = Space.Format(All[12_345]);
        FuzzedText.Of(good, "|+~01 none").Sample(text =>
        {
            try
            {
                Space.Check(Space.Parse(text));
            }
            catch (ArchitectureFormatException)
            {
            }
        });
    }

    [Fact]
    public void ForeignArchitectures_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => Space.Format(new Architecture([0, 0])));
        Assert.Throws<ArgumentException>(() => Space.Format(new Architecture([0, 0, 0, 0, 0, 5])));
        Assert.Throws<ArgumentException>(() => Space.Check(new Architecture([0, 0, 0, 0, 0, -1])));
    }

    private static int[] Numbers(string list) =>
        [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(
            number => int.Parse(number, System.Globalization.CultureInfo.InvariantCulture))];
}
