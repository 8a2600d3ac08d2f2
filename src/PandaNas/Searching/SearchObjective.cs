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

/// <summary>Objectives as options name them and as numbers.</summary>
internal static class SearchObjectives
{
    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Enum.GetNames<SearchObjective>().Select(name => name.ToLowerInvariant())];

    /// <summary>Reads a list such as <c>accuracy,macs</c>.</summary>
    /// <exception cref="BadOptionException">A name is unknown or there twice, accuracy is missing, or no cost is there.</exception>
    public static ImmutableArray<SearchObjective> Parse(string text)
    {
        string[] names = text.Split(',', StringSplitOptions.TrimEntries);
        if (names.FirstOrDefault(name => !Names.Contains(name)) is { } unknown)
            throw new BadOptionException($"objectives: '{unknown}' is unknown; possible are {string.Join(", ", Names)}");
        ImmutableArray<SearchObjective> objectives = [.. names.Select(name => (SearchObjective)Names.IndexOf(name))];
        Check(objectives);
        return objectives;
    }

    /// <summary>Throws unless there is accuracy and at least one cost, each once.</summary>
    /// <exception cref="BadOptionException">There is not.</exception>
    public static void Check(ImmutableArray<SearchObjective> objectives)
    {
        if (objectives.Distinct().Count() != objectives.Length) throw new BadOptionException("objectives: one is there twice");
        if (!objectives.Contains(SearchObjective.Accuracy) || objectives.Length < 2)
            throw new BadOptionException(
                "objectives: expected accuracy and at least one of params, macs and latency, for example accuracy,macs");
    }

    /// <summary>An architecture as a point of which every coordinate is to be small.</summary>
    /// <exception cref="InvalidOperationException">Latency is an objective and not known.</exception>
    public static double[] PointOf(ImmutableArray<SearchObjective> objectives, VisitedArchitecture scored)
    {
        return
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
}
