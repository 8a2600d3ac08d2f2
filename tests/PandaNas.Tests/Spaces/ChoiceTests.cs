using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Tests.Spaces;

public sealed class ChoiceTests
{
    [Fact]
    public void ChoiceWithoutOperations_HasNoOperationAtAnyCandidate()
    {
        var space = new Space(["a", "b"], [Choice.WithoutOperations("edges", 3), new Choice("edge", [1, 0])]);
        Assert.Equal([false, true], space.Choices.Select(choice => choice.HasOperations));
        Assert.Equal(6, space.Size);
        Assert.Equal((Choice.NoOperation, 1), (space.OperationAt(new Architecture([2, 0]), 0), space.OperationAt(new Architecture([2, 0]), 1)));
    }

    [Theory]
    [InlineData]
    [InlineData(0, -1)]
    [InlineData(-1, 0)]
    [InlineData(2)]
    [InlineData(-2)]
    public void ImpossibleCandidates_AreRefused(params int[] candidates) =>
        Assert.Throws<ArgumentException>(() => new Space(["a", "b"], [new Choice("edge", [.. candidates])]));

    private sealed class Space(ImmutableArray<string> operations, ImmutableArray<Choice> choices) : SearchSpace("test", operations, choices)
    {
        public override string Format(Architecture architecture) => architecture.ToString();

        public override Architecture Parse(string text) => throw new ArchitectureFormatException(text);
    }
}
