using System.Globalization;
using PandaNas.Costs;

namespace PandaNas.Searching;

/// <summary>The most that an architecture may cost; null is no limit.</summary>
/// <param name="MaxParameters">Most learnable scalars, at least 1.</param>
/// <param name="MaxMultiplyAdds">Most multiply-adds of one forward pass of one example, at least 1.</param>
/// <param name="MaxLatencyMs">Most milliseconds for one batch, above 0.</param>
public sealed record CostLimits(long? MaxParameters, long? MaxMultiplyAdds, double? MaxLatencyMs = null)
{
    private const string AtMost = "at most ";

    /// <summary>No limit at all.</summary>
    internal static CostLimits None { get; } = new(null, null);

    /// <summary>Whether nothing is limited.</summary>
    internal bool IsNone => MaxParameters is null && MaxMultiplyAdds is null && MaxLatencyMs is null;

    /// <summary>Whether a cost keeps every limit; a limited latency must be known.</summary>
    public bool Admits(Cost cost) =>
        !(cost.Parameters > MaxParameters) && !(cost.MultiplyAdds > MaxMultiplyAdds)
            && (MaxLatencyMs is null || cost.LatencyMs <= MaxLatencyMs);

    /// <summary>The largest of the costs, each in units of its limit: above 1 where one is exceeded; 0 without limits.</summary>
    public double Excess(Cost cost) => Math.Max(
        Math.Max(cost.Parameters / (double?)MaxParameters ?? 0, cost.MultiplyAdds / (double?)MaxMultiplyAdds ?? 0),
        MaxLatencyMs is null ? 0 : cost.LatencyMs / MaxLatencyMs ?? double.PositiveInfinity);

    /// <summary>Throws unless every limit is possible.</summary>
    /// <exception cref="BadOptionException">A limit is below 1, or one of latency not above 0.</exception>
    internal void Validate()
    {
        if (MaxParameters < 1) throw new BadOptionException($"the limit on parameters is {MaxParameters}; expected at least 1");
        if (MaxMultiplyAdds < 1) throw new BadOptionException($"the limit on multiply-adds is {MaxMultiplyAdds}; expected at least 1");
        if (MaxLatencyMs is { } latency && !(latency > 0 && double.IsFinite(latency)))
            throw new BadOptionException(FormattableString.Invariant($"the limit on latency is {latency} ms; expected above 0"));
    }

    /// <summary>The limits in words, for example <c>at most 500,000 parameters</c>.</summary>
    public override string ToString()
    {
        string[] parts =
        [
            Part(MaxParameters, "N0", "parameters"), Part(MaxMultiplyAdds, "N0", "multiply-adds"),
            Part(MaxLatencyMs, "G6", "ms of latency"),
        ];
        return IsNone ? "no limit" : string.Join(" and ", parts.Where(part => part.Length > 0));
    }

    /// <summary>The limits that <see cref="ToString"/> put into words; what it did not put so is no limit.</summary>
    internal static CostLimits Read(string words)
    {
        return new CostLimits((long?)Most("parameters"), (long?)Most("multiply-adds"), Most("ms of latency"));

        double? Most(string what)
        {
            string? part = words.Split(" and ").FirstOrDefault(
                one => one.StartsWith(AtMost, StringComparison.Ordinal) && one.EndsWith(" " + what, StringComparison.Ordinal));
            if (part is null) return null;
            string number = part[AtMost.Length..^(what.Length + 1)];
            const NumberStyles Styles = NumberStyles.Float | NumberStyles.AllowThousands;
            return double.TryParse(number, Styles, CultureInfo.InvariantCulture, out double most) ? most : null;
        }
    }

    private static string Part(IFormattable? most, string format, string what) =>
        most is null ? "" : $"{AtMost}{most.ToString(format, CultureInfo.InvariantCulture)} {what}";
}
