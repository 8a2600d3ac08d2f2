using PandaNas.Costs;

namespace PandaNas.Searching;

/// <summary>What an architecture costs.</summary>
/// <param name="Parameters">Learnable scalars.</param>
/// <param name="MultiplyAdds">Multiply-adds of one forward pass of one example.</param>
/// <param name="LatencyMs">Milliseconds for one batch, predicted or measured; null where nobody asks for it.</param>
public readonly record struct ArchitectureCost(long Parameters, long MultiplyAdds, double? LatencyMs = null)
{
    /// <summary>Counted costs, with a latency if there is one.</summary>
    public static ArchitectureCost Of(Cost cost, double? latencyMs = null) => new(cost.Parameters, cost.MultiplyAdds, latencyMs);
}
