using System.Collections.Immutable;
using System.Text.Json.Nodes;
using PandaNas.Experiments.Automatic;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Training;

namespace PandaNas.Reporting.Contents;

/// <summary>All that the folder of a run tells, as far as it can be read. Reading takes no lock: the run may be going on.</summary>
internal sealed record RunContents
{
    /// <summary>The folder, absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>What kind of run it is: see <see cref="RunKind"/>; empty where the folder holds none that can be read.</summary>
    public required string Kind { get; init; }

    /// <summary>What <c>run.json</c> says.</summary>
    public required JsonObject Facts { get; init; }

    /// <summary>The options it was started with; null where they cannot be read, for example of a space of another program.</summary>
    public TrainingRunOptions? Options { get; init; }

    /// <summary>One record an epoch.</summary>
    public ImmutableArray<EpochRecord> Epochs { get; init; } = [];

    /// <summary>The gradient variances that were measured during training.</summary>
    public ImmutableArray<VarianceRecord> Variances { get; init; } = [];

    /// <summary>The result of the training of a supernet; null while it is not finished.</summary>
    public SupernetResult? Training { get; init; }

    /// <summary>What the training would draw the most and the least; null where it draws all alike or kept no pictures.</summary>
    public DrawnImages? Drawn { get; init; }

    /// <summary>The last ranking; null where there was none.</summary>
    public RankingResult? Ranking { get; init; }

    /// <summary>The last search; null where there was none.</summary>
    public SearchResult? Search { get; init; }

    /// <summary>What was evaluated on the images of the search, with costs.</summary>
    public ImmutableArray<ScoredArchitecture> Evaluated { get; init; } = [];

    /// <summary>The last measurement of the gradient variance; null where there was none.</summary>
    public VarianceResult? Variance { get; init; }

    /// <summary>The result of a retraining; null while it is not finished.</summary>
    public RetrainingResult? Retraining { get; init; }

    /// <summary>What a retrained network takes its test images for; null while it is not finished.</summary>
    public TestPredictions? Predictions { get; init; }

    /// <summary>What a comparison has given so far; null while no run of it is done.</summary>
    public ComparisonResult? Comparison { get; init; }

    /// <summary>What came out in a given time; null while it is not finished.</summary>
    public AutoResult? Auto { get; init; }

    /// <summary>The plan of a given time; null before it is made.</summary>
    public AutoPlan? Plan { get; init; }

    /// <summary>The networks of the run and of its best architecture; null where the run does not say what they are.</summary>
    public RunNetworks? Networks { get; init; }

    /// <summary>What could not be read, a sentence each.</summary>
    public ImmutableArray<string> Problems { get; init; } = [];

    /// <summary>The folder's own name.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Folder)) is { Length: > 0 } name ? name : Folder;

    /// <summary>The stages that the run has a finished result of.</summary>
    public bool IsFinished => Kind switch
    {
        RunKind.Supernet => Training is not null,
        RunKind.Standalone => Retraining is not null,
        RunKind.Auto => Auto is not null,
        _ => Comparison is { } comparison && comparison.RunsDone == comparison.RunsPlanned,
    };

    /// <summary>A text of <c>run.json</c>; empty where there is none.</summary>
    public string Fact(string key) => Facts[key]?.ToString() ?? "";
}
