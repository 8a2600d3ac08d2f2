using PandaNas.Spaces;

namespace PandaNas.Tests.Spaces;

/// <summary>A space of any shape for fast tests: choice i has the given number of candidates; written as numbers joined by dashes.</summary>
internal sealed class ToySpace(params int[] candidates) : SearchSpace(
    "toy",
    [.. Enumerable.Range(0, candidates.Max()).Select(operation => $"op{operation}")],
    [.. candidates.Select((count, choice) => new Choice($"choice{choice}", [.. Enumerable.Range(0, count)]))])
{
    public override string Format(Architecture architecture)
    {
        Check(architecture);
        return architecture.ToString();
    }

    public override Architecture Parse(string text)
    {
        try
        {
            var architecture = new Architecture([.. text.Split('-').Select(part => int.Parse(part, System.Globalization.CultureInfo.InvariantCulture))]);
            Check(architecture);
            return architecture;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or ArgumentException)
        {
            throw new ArchitectureFormatException($"'{text}' is not of the toy space");
        }
    }
}
