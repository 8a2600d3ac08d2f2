using System.Collections.Immutable;
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
public sealed record MethodSetting(SearchSpace Space, Func<Architecture, Cost> Cost, int Examples, ExperimentOptions Options)
{
    /// <summary>The setting of a run.</summary>
    public static MethodSetting Of(ExperimentOptions options, SpaceFamily family, NetworkOptions sizes, int examples)
    {
        ArgumentNullException.ThrowIfNull(family);
        return new(family.Space, architecture => family.Cost(sizes, architecture), examples, options);
    }

    /// <summary>For every choice its candidates, as kinds of operation.</summary>
    public ImmutableArray<ImmutableArray<int>> Choices => [.. Space.Choices.Select(choice => choice.Candidates)];

    /// <summary>How many kinds of operation there are.</summary>
    public int Operations => Space.Operations.Length;

    /// <summary>δ as a function of progress.</summary>
    public Func<double, double> PathConfidence => ConfidenceSchedules.Find(Options.PathSchedule, Options.PathConfidence);

    /// <summary>τ as a function of progress.</summary>
    public Func<double, double> DataConfidence => ConfidenceSchedules.Find(Options.DataSchedule, Options.DataConfidence);

    /// <summary>
    /// What every candidate of every choice costs: the architecture that takes it there and the first candidate everywhere else. Only
    /// differences within a choice say something, and they say all where a choice's cost does not depend on the others.
    /// </summary>
    public ImmutableArray<ImmutableArray<Cost>> CandidateCosts()
    {
        var costs = ImmutableArray.CreateBuilder<ImmutableArray<Cost>>(Space.Choices.Length);
        for (int choice = 0; choice < Space.Choices.Length; choice++)
        {
            var candidates = new int[Space.Choices.Length];
            var row = ImmutableArray.CreateBuilder<Cost>();
            for (candidates[choice] = 0; candidates[choice] < Space.Choices[choice].Candidates.Length; candidates[choice]++)
                row.Add(Cost(new Architecture(candidates)));
            costs.Add(row.ToImmutable());
        }
        return costs.MoveToImmutable();
    }
}
