using PandaNas.Costs;
using PandaNas.Experiments.Options;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Methods;

/// <summary>What a training method is made for.</summary>
/// <param name="Space">The search space.</param>
/// <param name="Cost">The cost of an architecture by the published convention.</param>
/// <param name="Examples">N: how many examples train.</param>
/// <param name="Options">The run's options.</param>
public sealed record MethodSetting(SearchSpace Space, Func<Architecture, Cost> Cost, int Examples, SupernetOptions Options)
{
    /// <summary>The cost of what an architecture computes.</summary>
    internal Func<Architecture, Cost> LiveCost { get; init; } = Cost;

    /// <summary>Operations with weights on the longest path from the images to the classifier; null where none leads there.</summary>
    internal Func<Architecture, int?> LiveDepth { get; init; } = _ => 0;

    /// <summary>The setting of a run.</summary>
    internal static MethodSetting Of(SupernetOptions options, SpaceFamily family, NetworkOptions sizes, int examples) =>
        new(family.Space, architecture => family.Cost(sizes, architecture), examples, options)
        {
            LiveCost = architecture => family.LiveCost(sizes, architecture),
            LiveDepth = architecture => family.Paths(sizes, architecture) is { ReadsImages: true } path ? path.Operations : null,
        };

    /// <summary>δ as a function of progress.</summary>
    public Func<double, double> PathConfidence => ConfidenceSchedules.Find(Options.PathSchedule, Options.PathConfidence);

    /// <summary>τ as a function of progress.</summary>
    public Func<double, double> DataConfidence => ConfidenceSchedules.Find(Options.DataSchedule, Options.DataConfidence);
}
