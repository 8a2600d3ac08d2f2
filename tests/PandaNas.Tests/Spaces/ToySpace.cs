using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Tests.Spaces;

/// <summary>A space of any shape for fast tests; written as numbers joined by dashes.</summary>
internal sealed class ToySpace : SearchSpace
{
    /// <summary>Choice i has the given number of candidates, the first kinds of operation.</summary>
    public ToySpace(params int[] candidates)
        : this(
            candidates.Max(),
            [.. candidates.Select((count, choice) => new Choice($"choice{choice}", [.. Enumerable.Range(0, count)]))])
    {
    }

    /// <summary>Any choices between so many kinds of operation.</summary>
    public ToySpace(int operations, ImmutableArray<Choice> choices)
        : base("toy", [.. Enumerable.Range(0, operations).Select(operation => $"op{operation}")], choices)
    {
    }

    /// <summary>For tests of samplers: choices of five kinds, of two, of three in another order, of a single one.</summary>
    public static ToySpace Mixed { get; } = OfKinds(5, [0, 1, 2, 3, 4], [4, 2], [3, 0, 1], [2]);

    /// <summary>Choices between the given kinds of operation.</summary>
    public static ToySpace OfKinds(int operations, params IEnumerable<int[]> choices) =>
        new(operations, [.. choices.Select((kinds, choice) => new Choice($"choice{choice}", [.. kinds]))]);

    public override string Format(Architecture architecture)
    {
        Check(architecture);
        return architecture.ToString();
    }

    public override Architecture Parse(string text)
    {
        try
        {
            var architecture = new Architecture(
                [.. text.Split('-').Select(part => int.Parse(part, System.Globalization.CultureInfo.InvariantCulture))]);
            Check(architecture);
            return architecture;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or ArgumentException)
        {
            throw new ArchitectureFormatException($"'{text}' is not of the toy space");
        }
    }
}
