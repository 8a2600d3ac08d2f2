using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>Always the same path: training one architecture by itself.</summary>
internal sealed class FixedPathSampler(SearchSpace space, Architecture path) : IPathSampler
{
    /// <summary>The share that each kind of operation has of the path's choices between operations.</summary>
    public ImmutableArray<double> Probabilities { get; } = SharesOf(space, path);

    /// <inheritdoc/>
    public IReadOnlyList<Architecture> Sample(RandomStream random) => [path];

    private static ImmutableArray<double> SharesOf(SearchSpace space, Architecture path)
    {
        int[] taken = [.. Enumerable.Range(0, space.Choices.Length).Select(choice => space.OperationAt(path, choice)).OfType<int>()];
        return [.. space.Operations.Select((_, kind) => taken.Count(operation => operation == kind) / (double)taken.Length)];
    }
}
