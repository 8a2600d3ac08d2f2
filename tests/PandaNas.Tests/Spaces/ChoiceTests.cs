using PandaNas.Spaces;

namespace PandaNas.Tests.Spaces;

public sealed class ChoiceTests
{
    [Fact]
    public void ChoiceBetweenSomethingElse_HasNoOperationAtAnyCandidate()
    {
        var space = new ToySpace(2, [new Choice("edges", 3), new Choice("edge", [1, 0])]);
        Assert.Equal(6, space.Size);
        Assert.Equal((null, 1), (space.OperationAt(new Architecture([2, 0]), 0), space.OperationAt(new Architecture([2, 0]), 1)));
    }

    [Theory]
    [InlineData]
    [InlineData(0, -1)]
    [InlineData(2)]
    [InlineData(-2)]
    public void ImpossibleCandidates_AreRefused(params int[] candidates) =>
        Assert.Throws<ArgumentException>(() => new ToySpace(2, [new Choice("edge", [.. candidates])]));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void ChoiceBetweenNothing_IsRefused(int candidates) =>
        Assert.Throws<ArgumentException>(() => new ToySpace(2, [new Choice("edges", candidates)]));
}
