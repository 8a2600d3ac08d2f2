using System.Globalization;
using PandaNas.Costs;

namespace PandaNas.Searching;

/// <summary>The most that an architecture may cost; null is no limit.</summary>
/// <param name="MaxParameters">Most learnable scalars, at least 1.</param>
/// <param name="MaxMultiplyAdds">Most multiply-adds of one forward pass of one example, at least 1.</param>
public sealed record CostLimits(long? MaxParameters, long? MaxMultiplyAdds)
{
    /// <summary>No limit at all.</summary>
    public static CostLimits None { get; } = new(null, null);

    /// <summary>Whether nothing is limited.</summary>
    public bool IsNone => MaxParameters is null && MaxMultiplyAdds is null;

    /// <summary>Whether a cost keeps every limit.</summary>
    public bool Admits(Cost cost) => !(cost.Parameters > MaxParameters) && !(cost.MultiplyAdds > MaxMultiplyAdds);

    /// <summary>Throws unless every limit is possible.</summary>
    /// <exception cref="BadOptionException">A limit is below 1.</exception>
    public void Validate()
    {
        if (MaxParameters < 1) throw new BadOptionException($"the limit on parameters is {MaxParameters}; expected at least 1");
        if (MaxMultiplyAdds < 1) throw new BadOptionException($"the limit on multiply-adds is {MaxMultiplyAdds}; expected at least 1");
    }

    /// <summary>The limits in words, for example <c>at most 500,000 parameters</c>.</summary>
    public override string ToString()
    {
        string[] parts = [Part(MaxParameters, "parameters"), Part(MaxMultiplyAdds, "multiply-adds")];
        return IsNone ? "no limit" : string.Join(" and ", parts.Where(part => part.Length > 0));
    }

    private static string Part(long? most, string what) => most is null ? "" : string.Create(CultureInfo.InvariantCulture, $"at most {most:N0} {what}");
}
