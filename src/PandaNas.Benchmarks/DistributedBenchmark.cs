using System.Collections.Immutable;
using System.Diagnostics;
using MathNet.Numerics.Statistics;
using PandaNas.Data.Batches;
using PandaNas.Distributed;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Runtime.Threads;
using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Benchmarks;

/// <summary>A sum of so many floats over all ranks.</summary>
/// <param name="Floats">How many.</param>
/// <param name="Seconds">The median time, of the slowest rank each time.</param>
internal sealed record SumTime(int Floats, double Seconds);

/// <summary>What a training step that ranks divide is made of: the parameters of the model in docs/scaling.md.</summary>
/// <param name="Ranks">N.</param>
/// <param name="Options">What was measured; the batch is that of all ranks together.</param>
/// <param name="Processor">The processor of rank 0.</param>
/// <param name="StepSeconds">A whole step, the median over steps.</param>
/// <param name="ComputeSeconds">Of it what a rank computes by itself: the median over ranks and steps.</param>
/// <param name="StragglerSeconds">By how much the slowest rank of a step computes longer than their mean, on average.</param>
/// <param name="StragglerDeviation">The deviation of ranks from the mean of their step, relative to it.</param>
/// <param name="CommunicationShare">The share of a step for the other ranks, waiting included, on average.</param>
/// <param name="GradientFloats">Floats of a path's gradient, on average.</param>
/// <param name="Sums">Sums of several sizes, all ranks beginning at once.</param>
/// <param name="LatencySeconds">α: a sum takes 2(N − 1)α + 2(N − 1)/N · bytes/β; fitted to the sums.</param>
/// <param name="BandwidthGigabytes">β, in GB/s.</param>
/// <param name="PeakMemoryMegabytes">Of the largest rank.</param>
/// <param name="JoiningSeconds">Until the ranks had found each other.</param>
internal sealed record DistributedReport(
    int Ranks, BenchmarkOptions Options, string Processor, double StepSeconds, double ComputeSeconds, double StragglerSeconds,
    double StragglerDeviation, double CommunicationShare, double GradientFloats, ImmutableArray<SumTime> Sums, double LatencySeconds,
    double BandwidthGigabytes, double PeakMemoryMegabytes, double JoiningSeconds);

/// <summary>Measures a step that ranks divide, and the sums of gradients by themselves.</summary>
internal static class DistributedBenchmark
{
    private static readonly int[] Sizes = [1, 1 << 8, 1 << 12, 1 << 16, 1 << 18, 1 << 20, 1 << 22];

    /// <summary>Measures, on all ranks at once.</summary>
    /// <param name="options">What is measured.</param>
    /// <param name="context">The ranks, progress and the wish to stop.</param>
    public static DistributedReport Run(BenchmarkOptions options, RunContext context)
    {
        ICommunicator ranks = context.Ranks!;
        context.Report("benchmark", 0, "sums");
        ImmutableArray<SumTime> sums = [.. Sizes.Select(size => new SumTime(size, TimeSum(ranks, size)))];
        context.Report("benchmark", 0.2, "training steps");
        double gradient = GradientFloats(options);
        TimeSteps(options, ranks, 1);
        (double[] steps, double[] together) = TimeSteps(options, ranks, options.Rounds);
        context.Report("benchmark", 1, "done");

        double[][] all = ranks.Everybodys([.. steps, .. together]);
        double[][] computed = [.. all.Select(one => one[..steps.Length].Zip(one[steps.Length..], (step, wait) => step - wait).ToArray())];
        double[] means = [.. steps.Select((_, i) => computed.Average(one => one[i]))];
        using var process = Process.GetCurrentProcess();
        (double latency, double bandwidth) = Fit(sums, ranks.Size);
        return new DistributedReport(
            ranks.Size, options, Machine.ProcessorName,
            all.SelectMany(one => one[..steps.Length]).Median(), computed.SelectMany(one => one).Median(),
            means.Select((mean, i) => computed.Max(one => one[i]) - mean).Average(),
            means.SelectMany((mean, i) => computed.Select(one => one[i] / mean)).PopulationStandardDeviation(),
            all.Sum(one => one[steps.Length..].Sum()) / all.Sum(one => one[..steps.Length].Sum()),
            gradient, sums, latency, bandwidth,
            ranks.Everybodys([process.PeakWorkingSet64 / 1e6]).Max(one => one[0]),
            ranks.Everybodys([ranks.Time.Joining.TotalSeconds]).Max(one => one[0]));
    }

    /// <summary>α and 1/β of 2(N − 1)α + 2(N − 1)/N · bytes/β by least squares of relative errors.</summary>
    internal static (double LatencySeconds, double BandwidthGigabytes) Fit(IEnumerable<SumTime> sums, int ranks)
    {
        double aa = 0, ab = 0, bb = 0, at = 0, bt = 0;
        foreach ((int floats, double seconds) in sums)
        {
            double a = 2 * (ranks - 1) / seconds, b = 2.0 * (ranks - 1) / ranks * sizeof(float) * floats / seconds;
            (aa, ab, bb, at, bt) = (aa + a * a, ab + a * b, bb + b * b, at + a, bt + b);
        }
        double determinant = aa * bb - ab * ab;
        return ((at * bb - bt * ab) / determinant, determinant / (bt * aa - at * ab) / 1e9);
    }

    private static double TimeSum(ICommunicator ranks, int floats)
    {
        var sum = new RankSum(ranks);
        int times = Math.Clamp((1 << 22) / floats, 8, 200);
        var seconds = new double[times];
        var ready = new float[ranks.Size];
        for (int i = -2; i < times; i++)
        {
            sum.Begin(floats).Fill(ranks.Rank);
            ranks.Gather([1], ready);
            long started = Stopwatch.GetTimestamp();
            sum.Finish();
            if (i >= 0) seconds[i] = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        double[][] all = ranks.Everybodys(seconds);
        return Enumerable.Range(0, times).Select(i => all.Max(one => one[i])).Median();
    }

    // Of every step its time, and how much of that is for the other ranks.
    private static (double[] Steps, double[] Together) TimeSteps(BenchmarkOptions options, ICommunicator ranks, int rounds)
    {
        SpaceFamily family = options.Family;
        using ImageSet images = StepBenchmark.RandomImages(options, options.BatchSize * options.Steps);
        var batches = new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(options.ImageSize / 8, Flip: true));
        using Network network = family.Supernet(options.Sizes, CPU, RandomStream.Derive(0, "weights"));
        network.Precision = options.Computes;
        var paths = StepBenchmark.Listed(BenchmarkOptions.Draw(family.Space, options.Steps, "paths"), family.Space);
        var training = new SupernetOptions { Epochs = rounds, BatchSize = options.BatchSize };
        using var trainer = new Trainer(
            network, batches, paths, new UniformDataSampler(images.Count), training, 0, CPU, TimeProvider.System, ranks: ranks);
        List<double> steps = [], together = [];
        for (int round = 0; round < rounds; round++)
        {
            long before = Stopwatch.GetTimestamp();
            TimeSpan communicated = ranks.Time.Total;
            trainer.RunEpoch(default, () =>
            {
                steps.Add(Stopwatch.GetElapsedTime(before).TotalSeconds);
                together.Add((ranks.Time.Total - communicated).TotalSeconds);
                (before, communicated) = (Stopwatch.GetTimestamp(), ranks.Time.Total);
            });
        }
        return ([.. steps], [.. together]);
    }

    private static double GradientFloats(BenchmarkOptions options)
    {
        using Network network = options.Family.Supernet(options.Sizes, CPU, RandomStream.Derive(0, "weights"));
        return BenchmarkOptions.Draw(options.Family.Space, options.Steps, "paths").Average(
            path => network.Weights.Where(weight => Network.Uses(path, weight)).Sum(weight => (double)weight.Tensor.numel()));
    }
}
