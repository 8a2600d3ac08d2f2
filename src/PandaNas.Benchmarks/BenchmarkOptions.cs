using System.Collections.Immutable;
using PandaNas.Experiments.Options;
using PandaNas.Messages;
using PandaNas.Runtime.Threads;
using PandaNas.Runtime.Torch;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;

namespace PandaNas.Benchmarks;

/// <summary>What is measured. The default sizes are those of the published supernets on 32×32 images.</summary>
internal sealed record BenchmarkOptions : OptionSet
{
    /// <summary>The space, one with a literal port.</summary>
    [Option("space", "search space", Group = OptionGroup.Network, IsUsual = true, Value = "NAME")]
    public string Space { get => Get(NasBench201Space.Instance.Name); init => Set(value); }

    /// <summary>C: channels of the first stage; 0 is what is usual in the space.</summary>
    [Option(
        "channels", "C: channels of the first stage; 0 is what is usual in the space", Group = OptionGroup.Network, IsUsual = true,
        Least = 0, Most = 1024)]
    public int Channels { get => Get(0); init => Set(value); }

    /// <summary>N: cells, of a stage or in all; 0 is what is usual in the space.</summary>
    [Option(
        "cells", "N: cells per stage, in darts cells in all; 0 is what is usual in the space", Group = OptionGroup.Network, IsUsual = true,
        Least = 0, Most = 100)]
    public int Cells { get => Get(0); init => Set(value); }

    /// <summary>Side of the images in pixels.</summary>
    [Option("image-size", "side of the images", Group = OptionGroup.Network, IsUsual = true, Unit = "pixels", Least = 4, Most = 512)]
    public int ImageSize { get => Get(32); init => Set(value); }

    /// <summary>Images per training step.</summary>
    [Option(
        "batch-size", "images per training step", Group = OptionGroup.Measurement, IsUsual = true, Unit = "images", Least = 2,
        Most = 1 << 16)]
    public int BatchSize { get => Get(256); init => Set(value); }

    /// <summary>Steps per round, each of another random path; the literal port trains the same paths.</summary>
    [Option(
        "steps", "training steps per round, each of another random path", Group = OptionGroup.Measurement, IsUsual = true, Least = 1,
        Most = 10_000)]
    public int Steps { get => Get(12); init => Set(value); }

    /// <summary>Rounds of which the median counts.</summary>
    [Option("rounds", "rounds, of which the median counts", Group = OptionGroup.Measurement, IsUsual = true, Least = 1, Most = 1000)]
    public int Rounds { get => Get(3); init => Set(value); }

    /// <summary>Images that rank an architecture.</summary>
    [Option(
        "images", "images that rank an architecture", Group = OptionGroup.Measurement, IsUsual = true, Unit = "images", Least = 2,
        Most = 1 << 20)]
    public int RankingImages { get => Get(512); init => Set(value); }

    /// <summary>Architectures that are ranked.</summary>
    [Option("architectures", "architectures that are ranked", Group = OptionGroup.Measurement, IsUsual = true, Least = 1, Most = 100_000)]
    public int Architectures { get => Get(12); init => Set(value); }

    /// <summary>Threads of torch; 0 is one per processor.</summary>
    [Option("threads", "threads of torch; 0 is one per processor", Group = OptionGroup.Run, IsUsual = true, Least = 0, Most = 1024)]
    public int Threads { get => Get(0); init => Set(value); }

    /// <summary>Of our own network; the literal port computes in float32.</summary>
    [Option(
        "precision", "of our own network; auto is bfloat16 where the processor computes in it", Group = OptionGroup.Run, IsUsual = true)]
    public PrecisionChoice Precision { get => Get(PrecisionChoice.Auto); init => Set(value); }

    /// <summary>The spaces that can be measured: those with a literal port.</summary>
    internal static IReadOnlyList<string> Spaces => LiteralNetwork.Spaces;

    /// <summary>The definite precision.</summary>
    internal Precision Computes => PrecisionResolver.PrecisionOf(Precision);

    /// <summary>Classes of the random images.</summary>
    internal const int Classes = 10;

    /// <summary>Channels of the random images.</summary>
    internal const int InputChannels = 3;

    /// <summary>The space and its networks.</summary>
    internal SpaceFamily Family => Catalog.Default.FindSpace(Space).Family;

    /// <summary>Sizes of the network, complete.</summary>
    internal NetworkOptions Sizes =>
        Family.Complete(new NetworkOptions(InputChannels, ImageSize, Classes, Channels, Cells), standalone: false);

    /// <summary>The options of this machine, with a definite number of threads and precision.</summary>
    public BenchmarkOptions OnThisMachine() => this.Settle() with
    {
        Threads = TorchRuntime.UseThreads(Threads),
        Precision =
            Precision == PrecisionChoice.Auto ? Machine.ComputesBFloat16 ? PrecisionChoice.BFloat16 : PrecisionChoice.Float32 : Precision,
    };

    /// <summary>The paths of a round, or the architectures that are ranked: the same in every process.</summary>
    internal static ImmutableArray<Architecture> Draw(SearchSpace space, int count, string purpose)
    {
        RandomStream random = RandomStream.Derive(0, purpose);
        return [.. Enumerable.Range(0, count).Select(_ => UniformArchitectures.Draw(space, random))];
    }

    /// <inheritdoc/>
    private protected override void Check()
    {
        if (!Spaces.Contains(Space))
            throw new BadOptionException(
                "space",
                $"{Mention.Option("space")}: there is no literal port of '{Space}' to compare with. Possible: {string.Join(", ", Spaces)}");
        Family.Validate(Sizes);
    }
}
