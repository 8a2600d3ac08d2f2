using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>Always the same path: training one architecture by itself.</summary>
/// <param name="path">The candidate index at every choice.</param>
/// <param name="operations">The kind of operation at every choice that is between operations.</param>
/// <param name="kinds">How many kinds of operation there are.</param>
public sealed class FixedPathSampler(int[] path, int[] operations, int kinds) : MemorylessPathSampler
{
    private readonly int[] _path = [.. path];

    /// <summary>The share of the path's choices that each kind of operation has.</summary>
    public override ImmutableArray<double> Probabilities { get; } =
        [.. Enumerable.Range(0, kinds).Select(kind => operations.Count(operation => operation == kind) / (double)operations.Length)];

    /// <inheritdoc/>
    public override IReadOnlyList<int[]> Sample(RandomStream random) => [[.. _path]];
}
