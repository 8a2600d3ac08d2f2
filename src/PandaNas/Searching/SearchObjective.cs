using System.Collections.Immutable;

namespace PandaNas.Searching;

/// <summary>What a search with several objectives weighs.</summary>
public enum SearchObjective
{
    /// <summary>The accuracy with the supernet's weights; more is better.</summary>
    Accuracy,

    /// <summary>Parameters; fewer are better.</summary>
    Params,

    /// <summary>Multiply-adds; fewer are better.</summary>
    Macs,

    /// <summary>Milliseconds for one batch; fewer are better.</summary>
    Latency,
}

/// <summary>Objectives as numbers.</summary>
internal static class SearchObjectives
{
    /// <summary>The objectives, if there is accuracy and at least one cost, each once.</summary>
    /// <exception cref="BadOptionException">There is not.</exception>
    public static ImmutableArray<SearchObjective> Checked(ImmutableArray<SearchObjective> objectives)
    {
        if (objectives.Distinct().Count() != objectives.Length) throw new BadOptionException("objectives: one is there twice");
        return objectives.Contains(SearchObjective.Accuracy) && objectives.Length > 1
            ? objectives
            : throw new BadOptionException(
                "objectives: expected accuracy and at least one of params, macs and latency, for example accuracy,macs");
    }

    /// <summary>An architecture as a point of which every coordinate is to be small.</summary>
    /// <exception cref="InvalidOperationException">Latency is an objective and not known.</exception>
    public static double[] PointOf(ImmutableArray<SearchObjective> objectives, VisitedArchitecture scored) =>
    [
        .. objectives.Select(objective => objective switch
        {
            SearchObjective.Accuracy => -scored.Score,
            SearchObjective.Params => scored.Cost.Parameters,
            SearchObjective.Macs => scored.Cost.MultiplyAdds,
            _ => scored.Cost.LatencyMs ?? throw new InvalidOperationException($"the latency of {scored.Text} is not known"),
        }),
    ];
}
