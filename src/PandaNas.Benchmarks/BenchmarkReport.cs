using System.Collections.Immutable;

namespace PandaNas.Benchmarks;

/// <summary>What a benchmark found.</summary>
/// <param name="Machine">The machine and its limits.</param>
/// <param name="Options">What was measured.</param>
/// <param name="Step">Training steps.</param>
/// <param name="Rank">Ranking.</param>
/// <param name="Overhead">What PA&amp;DA costs more than uniform sampling.</param>
internal sealed record BenchmarkReport(
    MachineLimits Machine, BenchmarkOptions Options, StepReport Step, RankReport Rank, OverheadReport Overhead);

/// <summary>What the machine can do at most.</summary>
/// <param name="Processor">Its name.</param>
/// <param name="Threads">Threads used.</param>
/// <param name="Vector">The widest vectors.</param>
/// <param name="BandwidthGigabytes">Copying large blocks, bytes read and written, 10⁹ a second.</param>
/// <param name="Float32Gigaflops">Fused multiply-adds in registers, 10⁹ operations per second.</param>
/// <param name="Bfloat16Gigaflops">Torch's product of large bfloat16 matrices, 10⁹ operations per second.</param>
internal sealed record MachineLimits(
    string Processor, int Threads, string Vector, double BandwidthGigabytes, double Float32Gigaflops, double Bfloat16Gigaflops);

/// <summary>Training steps of uniform sampling, with loading and augmentation.</summary>
/// <param name="Seconds">Median over the rounds of the mean over the paths.</param>
/// <param name="LiteralSeconds">The literal port, the same paths, mean of a run before and one after.</param>
/// <param name="Ratio">Literal over ours.</param>
/// <param name="RooflineSeconds">Sum over the operations of max(arithmetic / peak, bytes / bandwidth).</param>
/// <param name="RooflineRatio">Ours over that.</param>
/// <param name="ImagesPerSecond">Images trained a second.</param>
/// <param name="PeakMemoryMegabytes">Largest resident memory of this process so far, in 10⁶ bytes.</param>
/// <param name="LiteralPeakMemoryMegabytes">The literal port's.</param>
/// <param name="Shares">The share of a step by kind of operation.</param>
internal sealed record StepReport(
    double Seconds,
    double LiteralSeconds,
    double Ratio,
    double RooflineSeconds,
    double RooflineRatio,
    double ImagesPerSecond,
    double PeakMemoryMegabytes,
    double LiteralPeakMemoryMegabytes,
    ImmutableSortedDictionary<string, double> Shares);

/// <summary>Evaluating architectures with a supernet's weights.</summary>
/// <param name="ImagesPerSecond">Images × architectures per second, without deduplication.</param>
/// <param name="LiteralImagesPerSecond">The literal port's.</param>
/// <param name="Ratio">Ours over the literal, for all architectures of the space, of which equal live graphs are computed once.</param>
/// <param name="RatioWithoutDeduplication">Ours over the literal, architecture by architecture.</param>
/// <param name="ArchitecturesPerSecond">Architectures per second, without deduplication.</param>
internal sealed record RankReport(
    double ImagesPerSecond, double LiteralImagesPerSecond, double Ratio, double RatioWithoutDeduplication, double ArchitecturesPerSecond);

/// <summary>Overheads.</summary>
/// <param name="PandaOverSpos">PA&amp;DA's step over uniform sampling's, less 1, on the same paths and examples; median.</param>
internal sealed record OverheadReport(double PandaOverSpos);

/// <summary>What the process of the literal port found.</summary>
/// <param name="StepSeconds">Mean over the paths.</param>
/// <param name="ArchitectureSeconds">Mean over the architectures.</param>
/// <param name="PeakMemoryMegabytes">Largest resident memory after the steps, in 10⁶ bytes.</param>
internal sealed record LiteralReport(double StepSeconds, double ArchitectureSeconds, double PeakMemoryMegabytes);
