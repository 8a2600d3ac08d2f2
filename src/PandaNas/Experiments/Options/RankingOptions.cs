using PandaNas.Experiments.Stages;

namespace PandaNas.Experiments.Options;

/// <summary>What is ranked, and against what.</summary>
public sealed record RankingOptions
{
    /// <summary><c>all</c>, a number of random architectures, or a file with one a line.</summary>
    public string Architectures { get; init; } = "600";

    /// <summary>Whether only the first of architectures that are isomorphic is ranked.</summary>
    public bool Unique { get; init; }

    /// <summary>The least true accuracy, in percent, of architectures that are ranked; null ranks all.</summary>
    public double? MinTruth { get; init; }

    /// <summary>How many ranking images to use; 0 is all.</summary>
    public int Images { get; init; }

    /// <summary>Stages with fewer images that come first, as <see cref="ScreeningPlan"/> reads them; null scores all on all images.</summary>
    public string? Screen { get; init; }

    /// <summary>CSV file with an <c>architecture</c> column and stand-alone accuracies in percent; null ranks without truth.</summary>
    public string? Truth { get; init; }

    /// <summary>The truth's column; null is the one named as the data set.</summary>
    public string? TruthColumn { get; init; }

    /// <summary>Whether a column that belongs to another data set may be used.</summary>
    public bool AllowMismatch { get; init; }

    /// <summary>The K of BR@K, WR@K, P@TopK and tau within the top K, as <see cref="TopSizes"/> reads them.</summary>
    public string TopK { get; init; } = "1,10,50";

    /// <summary>Decides the random architectures, the images and the bootstrap.</summary>
    public long Seed { get; init; }
}
