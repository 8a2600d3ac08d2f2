using System.Numerics;
using CsCheck;
using PandaNas.Spaces;
using PandaNas.Supernets.ProxylessNas;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Supernets.ProxylessNas;

public sealed class ProxylessNasSpaceTests
{
    private const string Mobile =
        "k5e3-k3e3-skip-skip-k7e3-k3e3-k5e3-k5e3-k7e6-k5e3-k5e3-k5e3-k5e6-k5e3-k5e3-k5e3-k7e6-k7e6-k7e3-k7e3-k7e6";

    private static readonly ProxylessNasSpace Space = ProxylessNasSpace.Instance;

    // 21 layers; the first of each of the six stages cannot be left out.
    [Fact]
    public void Size_IsTheProductOfTheLayers()
    {
        Assert.Equal(21, Space.Choices.Length);
        Assert.Equal(BigInteger.Pow(7, 15) * BigInteger.Pow(6, 6), Space.Size);
        Assert.Equal([0, 4, 8, 12, 16, 20], Enumerable.Range(0, 21).Where(layer => Space.Choices[layer].Candidates == 6));
    }

    [Fact]
    public void EveryArchitecture_SurvivesFormatAndParse() =>
        RandomArchitectures.Of(Space).Sample(architecture => Assert.Equal(architecture, Space.Parse($" {Space.Format(architecture)}\n")));

    [Fact]
    public void Notation_SaysKernelAndExpansion()
    {
        Architecture architecture = Space.Parse(Mobile);
        Assert.Equal([2, 0, 6, 6, 4, 0, 2, 2, 5, 2, 2, 2, 3, 2, 2, 2, 5, 5, 4, 4, 5], architecture.Candidates);
        Assert.Equal((7, 6), ProxylessNasSpace.Convolutions[architecture[20]]);
        Assert.Equal(ProxylessNasSpace.Skip, architecture[2]);
    }

    [Fact]
    public void LayersLeftOut_MayStandAnywhereInTheirStage()
    {
        Architecture architecture = Space.Parse(Mobile);
        string moved = Mobile.Replace("k5e3-k3e3-skip-skip", "k5e3-skip-k3e3-skip", StringComparison.Ordinal);
        string other = Mobile.Replace("k5e3-k3e3-skip-skip", "k5e3-skip-k3e6-skip", StringComparison.Ordinal);
        Assert.Equal(Space.IsomorphismKey(architecture), Space.IsomorphismKey(Space.Parse(moved)));
        Assert.NotEqual(Space.LiveGraphKey(architecture), Space.LiveGraphKey(Space.Parse(moved)));
        Assert.NotEqual(Space.IsomorphismKey(architecture), Space.IsomorphismKey(Space.Parse(other)));
    }

    [Fact]
    public void IsomorphismKey_IsAnArchitectureWithTheSameLayers() => RandomArchitectures.Of(Space).Sample(architecture =>
    {
        Architecture key = Space.Parse(Space.IsomorphismKey(architecture));
        Assert.Equal(architecture.Candidates.Order(), key.Candidates.Order());
        Assert.Equal(
            architecture.Candidates.Where(candidate => candidate != ProxylessNasSpace.Skip),
            key.Candidates.Where(candidate => candidate != ProxylessNasSpace.Skip));
    });

    [Theory]
    [InlineData("k5e3-k3e3", "skip-k3e3", "layer 1 to be one of k3e3, k3e6, k5e3, k5e6, k7e3, k7e6, found 'skip'")]
    [InlineData("k3e3-skip", "k4e3-skip", "layer 2 to be one of k3e3, k3e6, k5e3, k5e6, k7e3, k7e6, skip, found 'k4e3'")]
    [InlineData("-k3e3-skip", "-skip", "21 operations joined by '-', found 20")]
    [InlineData("k3e3-skip", "K3e3-skip", "found 'K3e3'")]
    public void WrongTexts_SayWhatIsWrong(string from, string to, string message)
    {
        int at = Mobile.IndexOf(from, StringComparison.Ordinal);
        string error = Assert.Throws<ArchitectureFormatException>(() => Space.Parse(Mobile.Remove(at, from.Length).Insert(at, to))).Message;
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains("The form is k3e3-k5e6-skip-", error, StringComparison.Ordinal);
    }

    [Fact]
    public void RandomText_ParsesOrIsAFormatError() => FuzzedText.Of(Mobile, "-ke3567skip").Sample(text =>
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
