using System.Collections.Immutable;
using System.Diagnostics;
using PandaNas.Data.Batches;
using PandaNas.Experiments.Scoring;
using PandaNas.Ranking;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using TorchSharp;

namespace PandaNas.Benchmarks;

/// <summary>Evaluations of architectures as a ranking makes them.</summary>
internal static class RankBenchmark
{
    // Larger spaces are not listed: deduplication is then left out of the account.
    private const int LargestListed = 100_000;

    /// <summary>What deduplication saves of a whole space: its share of distinct live graphs, and a sample of those.</summary>
    public sealed record Distinct(double Share, ImmutableArray<Architecture> Sample);

    /// <summary>Seconds per architecture, mean over a list.</summary>
    public static double Measure(BenchmarkOptions options, SpaceFamily family, ImmutableArray<Architecture> architectures)
    {
        using ImageSet images = StepBenchmark.RandomImages(options, options.RankingImages);
        using Network network = family.Supernet(options.Sizes, torch.CPU, RandomStream.Derive(0, "weights"));
        network.Precision = options.Computes;
        var batches = EvaluationBatches.Make(images, ChannelStatistics.Of(images), SupernetEvaluation.BatchSize, torch.CPU);
        using var evaluator = new SubnetEvaluator(network, batches, evaluations: SubnetEvaluator.For(family, batches, null));
        Evaluate(architectures[..Math.Min(3, architectures.Length)]);
        long started = Stopwatch.GetTimestamp();
        Evaluate(architectures);
        return Stopwatch.GetElapsedTime(started).TotalSeconds / architectures.Length;

        void Evaluate(ImmutableArray<Architecture> some) => evaluator.Accuracies(some, (_, _) => { }, CancellationToken.None);
    }

    /// <summary>The distinct live graphs of a space, or everything where the space is too large to list.</summary>
    public static Distinct DistinctOf(SearchSpace space, int sample)
    {
        if (space.Size > LargestListed) return new Distinct(1, BenchmarkOptions.Draw(space, sample, "ranking"));
        Architecture[] distinct = [.. Enumerable.Range(0, (int)space.Size).Select(index => space.At(index)).DistinctBy(space.LiveGraphKey)];
        RandomStream random = RandomStream.Derive(0, "distinct");
        IEnumerable<Architecture> drawn = Enumerable.Range(0, sample).Select(_ => distinct[random.NextInt(distinct.Length)]);
        return new Distinct(distinct.Length / (double)space.Size, [.. drawn]);
    }
}
