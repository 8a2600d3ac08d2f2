using PandaNas.Searching;

namespace PandaNas.Experiments.Stages;

/// <summary>What a search is asked for.</summary>
/// <param name="Algorithm">How to search.</param>
/// <param name="Name">The algorithm's name for the result.</param>
public sealed record SearchRequest(ISearchAlgorithm Algorithm, string Name)
{
    /// <summary>What the architectures may cost.</summary>
    public CostLimits Limits { get; init; } = CostLimits.None;

    /// <summary>The file of a latency table that tells the architectures' latencies; null where nobody asks for them.</summary>
    public string? LatencyTable { get; init; }

    /// <summary>Whether the table may be of another machine.</summary>
    public bool AllowOtherMachine { get; init; }

    /// <summary>How many ranking images to use; 0 is all.</summary>
    public int Images { get; init; }

    /// <summary>How many of the best architectures to report, at least 1.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Decides the search's random numbers.</summary>
    public long Seed { get; init; }

    /// <summary>Throws unless the request makes sense.</summary>
    /// <exception cref="BadOptionException">It does not.</exception>
    public void Validate()
    {
        Limits.Validate();
        if (Top < 1) throw new BadOptionException($"top is {Top}: expected at least 1 architecture to report");
        if (LatencyTable is not null) return;
        if (Limits.MaxLatencyMs is not null) throw NeedsTable("--max-latency-ms");
        if (Algorithm is Nsga2Search { NeedsLatency: true }) throw NeedsTable("the objective latency");
    }

    private static BadOptionException NeedsTable(string what) =>
        new($"{what} needs --latency-table FILE, which tells how long architectures take: make one with 'panda latency --out FILE'");
}
