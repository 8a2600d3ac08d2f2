using System.Collections.Immutable;
using System.Diagnostics;
using MathNet.Numerics.Statistics;
using PandaNas.Experiments.Runs;
using PandaNas.Supernets;
using PandaNas.Supernets.Recording;

namespace PandaNas.Benchmarks;

/// <summary>Measures training steps and ranking beside a literal port and beside what the machine can do.</summary>
internal static class Benchmark
{
    private const int Stages = 6;

    /// <summary>Runs the literal port in this process.</summary>
    public static LiteralReport Literal(BenchmarkOptions options) => LiteralBenchmark.Run(options);

    /// <summary>Runs everything.</summary>
    /// <param name="options">What is measured.</param>
    /// <param name="literal">Makes the command that runs <see cref="Literal"/> with the same options in a process of its own.</param>
    /// <param name="context">Progress and the wish to stop.</param>
    public static BenchmarkReport Run(BenchmarkOptions options, Func<ProcessStartInfo> literal, RunContext context)
    {
        SpaceFamily family = options.Family;
        int stage = 0;
        T Next<T>(string what, Func<T> work)
        {
            context.Stop.ThrowIfCancellationRequested();
            context.Report("benchmark", stage++ / (double)Stages, what);
            return work();
        }

        MachineLimits machine = Next("limits of the machine", () => MachineProbe.Measure(options.Threads));
        LiteralReport before = Next("literal port", () => LiteralBenchmark.RunAside(options, literal(), context.Stop));
        StepBenchmark.Times times = Next("training steps", () => StepBenchmark.Measure(options, family));
        double peak = LiteralBenchmark.PeakMemoryMegabytes();
        (OperationProfile profile, double pass) = Next("operations of a step", () => StepBenchmark.Profile(options, family));
        RankReport rank(double literalSeconds) => Rank(options, family, literalSeconds);
        double architecture = before.ArchitectureSeconds;
        RankReport ranking = Next("ranking", () => rank(architecture));
        LiteralReport after = Next("literal port again", () => LiteralBenchmark.RunAside(options, literal(), context.Stop));
        context.Report("benchmark", 1, "done");

        double seconds = times.Uniform.Median(), literalSeconds = (before.StepSeconds + after.StepSeconds) / 2;
        double roofline = Roofline(profile, machine, options) / options.Steps;
        var step = new StepReport(
            seconds, literalSeconds, literalSeconds / seconds, roofline, seconds / roofline, options.BatchSize / seconds,
            peak, before.PeakMemoryMegabytes, Shares(profile, pass, seconds, options.Steps));
        double overhead = times.Measuring.Zip(times.Uniform, (with, without) => with / without - 1).Median();
        return new BenchmarkReport(machine, options, step, Scaled(ranking, before, after), new OverheadReport(overhead));
    }

    private static RankReport Rank(BenchmarkOptions options, SpaceFamily family, double literalSeconds)
    {
        RankBenchmark.Distinct distinct = RankBenchmark.DistinctOf(family.Space, options.Architectures);
        double all = RankBenchmark.Measure(options, family, BenchmarkOptions.Draw(family.Space, options.Architectures, "ranking"));
        double once = distinct.Share * RankBenchmark.Measure(options, family, distinct.Sample);
        return new RankReport(
            options.RankingImages / all, options.RankingImages / literalSeconds, literalSeconds / once, literalSeconds / all, 1 / all);
    }

    // The literal port ran twice: its mean counts.
    private static RankReport Scaled(RankReport ranking, LiteralReport before, LiteralReport after)
    {
        double factor = (before.ArchitectureSeconds + after.ArchitectureSeconds) / 2 / before.ArchitectureSeconds;
        return ranking with
        {
            LiteralImagesPerSecond = ranking.LiteralImagesPerSecond / factor,
            Ratio = ranking.Ratio * factor,
            RatioWithoutDeduplication = ranking.RatioWithoutDeduplication * factor,
        };
    }

    private static double Roofline(OperationProfile profile, MachineLimits machine, BenchmarkOptions options)
    {
        double peak = 1e9 * (options.Computes == Precision.BFloat16 ? machine.Bfloat16Gigaflops : machine.Float32Gigaflops);
        return profile.Work.Sum(work => Math.Max(2.0 * work.MultiplyAdds / peak, work.Bytes / (1e9 * machine.BandwidthGigabytes)));
    }

    // Torch's own operations go backward where nobody sees them: what is left of the pass is theirs, and nearly all of it convolutions.
    private static ImmutableSortedDictionary<string, double> Shares(OperationProfile profile, double pass, double step, int steps)
    {
        var shares = profile.Seconds.ToDictionary(entry => entry.Key, entry => entry.Value / steps / step);
        shares["TorchBackward"] = Math.Max(0, pass / step - shares.Values.Sum());
        shares["LoadingAndUpdate"] = Math.Max(0, 1 - pass / step);
        return shares.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }
}
