using System.Collections.Immutable;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;

namespace PandaNas.Benchmarks;

/// <summary>What is measured. The default sizes are those of the published supernets on 32×32 images.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>Threads of torch, at least 1.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>The spaces that can be measured: those with a literal port.</summary>
    public static IReadOnlyList<string> Spaces => LiteralNetwork.Spaces;

    /// <summary>The space, one with a literal port.</summary>
    public string Space { get; init; } = NasBench201Space.Instance.Name;

    /// <summary>C: channels of the first stage; 0 is what is usual in the space.</summary>
    public int Channels { get; init; }

    /// <summary>N: cells, of a stage or in all; 0 is what is usual in the space.</summary>
    public int Cells { get; init; }

    /// <summary>Side of the images in pixels.</summary>
    public int ImageSize { get; init; } = 32;

    /// <summary>Images per training step.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Steps per round, each of another random path; the literal port trains the same paths.</summary>
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

    /// <summary>The space and its networks.</summary>
    internal SpaceFamily Family => Catalog.Default.FindSpace(Space).Family;

    /// <summary>Sizes of the network, complete.</summary>
    internal NetworkOptions Sizes =>
        Family.Complete(new NetworkOptions(InputChannels, ImageSize, Classes, Channels, Cells), standalone: false);

    /// <summary>Throws unless there is such a space with a literal port, and it has networks of these sizes.</summary>
    /// <exception cref="BadOptionException">The message names the option.</exception>
    public void Validate()
    {
        if (!Spaces.Contains(Space))
            throw new BadOptionException(
                $"space: there is no literal port of '{Space}' to compare with. Possible: {string.Join(", ", Spaces)}");
        Family.Validate(Sizes);
    }

    /// <summary>The paths of a round, or the architectures that are ranked: the same in every process.</summary>
    internal static ImmutableArray<Architecture> Draw(SearchSpace space, int count, string purpose)
    {
        RandomStream random = RandomStream.Derive(0, purpose);
        return [.. Enumerable.Range(0, count).Select(_ => UniformArchitectures.Draw(space, random))];
    }
}
