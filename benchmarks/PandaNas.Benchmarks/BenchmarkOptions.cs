using System.Collections.Immutable;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Benchmarks;

/// <summary>What is measured. The defaults are the released NAS-Bench-201 supernet.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>Threads of torch, at least 1.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>C: channels of the first stage.</summary>
    public int Channels { get; init; } = 16;

    /// <summary>N: cells a stage.</summary>
    public int Cells { get; init; } = 5;

    /// <summary>Side of the images in pixels.</summary>
    public int ImageSize { get; init; } = 32;

    /// <summary>Images a training step.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Steps a round, each of another random path; the literal port trains the same paths.</summary>
    public int Steps { get; init; } = 12;

    /// <summary>Rounds of which the median counts.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>Images that rank an architecture.</summary>
    public int RankingImages { get; init; } = 512;

    /// <summary>Architectures that are ranked.</summary>
    public int Architectures { get; init; } = 12;

    /// <summary>Of our own network; the literal port computes in float32.</summary>
    public Precision Precision { get; init; }

    /// <summary>Classes of the random images.</summary>
    internal const int Classes = 10;

    /// <summary>Channels of the random images.</summary>
    internal const int InputChannels = 3;

    /// <summary>Sizes of the network.</summary>
    internal NetworkOptions Sizes => new(InputChannels, ImageSize, Classes, Channels, Cells);

    /// <summary>The paths of a round, or the architectures that are ranked: the same in every process.</summary>
    internal static ImmutableArray<Architecture> Draw(SearchSpace space, int count, string purpose)
    {
        RandomStream random = RandomStream.Derive(0, purpose);
        return [.. Enumerable.Range(0, count).Select(_ => UniformArchitectures.Draw(space, random))];
    }
}
