using System.Collections.Immutable;
using System.Diagnostics;
using PandaNas.Data.Batches;
using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Recording;
using PandaNas.Training;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace PandaNas.Benchmarks;

/// <summary>
/// Training steps as a run makes them, loading and augmentation included: with uniform sampling, and with PA&amp;DA's measuring of
/// the same paths and examples, in alternating rounds.
/// </summary>
internal static class StepBenchmark
{
    /// <summary>Seconds per step of the rounds.</summary>
    /// <param name="Uniform">With uniform sampling.</param>
    /// <param name="Measuring">With PA&amp;DA's measuring added.</param>
    public sealed record Times(ImmutableArray<double> Uniform, ImmutableArray<double> Measuring);

    /// <summary>Times the rounds, after one of each to warm up.</summary>
    public static Times Measure(BenchmarkOptions options, SpaceFamily family)
    {
        using ImageSet images = RandomImages(options, options.BatchSize * options.Steps);
        var batches = new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(options.ImageSize / 8, Flip: true));
        Time(measuring: false);
        Time(measuring: true);
        List<double> uniform = [], measuring = [];
        for (int round = 0; round < options.Rounds; round++)
        {
            uniform.Add(Time(measuring: false));
            measuring.Add(Time(measuring: true));
        }
        return new Times([.. uniform], [.. measuring]);

        // From the same weights: both variants then train the same paths on the same examples, so only the measuring differs.
        double Time(bool measuring)
        {
            using Network network = family.Supernet(options.Sizes, torch.CPU, RandomStream.Derive(0, "weights"));
            network.Precision = options.Computes;
            TrainingMethod panda = Catalog.Default.FindMethod("panda");
            var setting = MethodSetting.Of(new SupernetOptions(), family, options.Sizes, images.Count);
            var paths = new ListedPaths(
                BenchmarkOptions.Draw(family.Space, options.Steps, "paths"), measuring ? panda.Paths(setting) : null, family.Space);
            IDataSampler data = measuring ? panda.Data(setting) : new UniformDataSampler(images.Count);
            var training = new SupernetOptions { Epochs = 1, BatchSize = options.BatchSize };
            using var trainer = new Trainer(network, batches, paths, data, training, 0, torch.CPU, TimeProvider.System);
            long started = Stopwatch.GetTimestamp();
            trainer.RunEpoch();
            return Stopwatch.GetElapsedTime(started).TotalSeconds / options.Steps;
        }
    }

    /// <summary>One more round of forward and backward passes with every operation noted.</summary>
    /// <returns>The profile, and the seconds of a pass.</returns>
    public static (OperationProfile Profile, double Seconds) Profile(BenchmarkOptions options, SpaceFamily family)
    {
        using Network network = family.Supernet(options.Sizes, torch.CPU, RandomStream.Derive(0, "weights"));
        network.Precision = options.Computes;
        using ImageSet images = RandomImages(options, options.BatchSize);
        var batches = new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(options.ImageSize / 8, Flip: true));
        var profile = new OperationProfile();
        double seconds = 0;
        RandomStream random = RandomStream.Derive(0, "augmentation");
        foreach (Architecture path in BenchmarkOptions.Draw(family.Space, options.Steps, "paths"))
        {
            using var scope = torch.NewDisposeScope();
            Batch batch = batches.Make([.. Enumerable.Range(0, options.BatchSize)], random, torch.CPU);
            OperationProfile.Current = profile;
            long started = Stopwatch.GetTimestamp();
            functional.cross_entropy(Logits(network, batch, path), batch.Labels).backward();
            seconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
            OperationProfile.Current = null;
            foreach (Weight weight in network.Weights) weight.Tensor.grad = null;
        }
        return (profile, seconds / options.Steps);
    }

    /// <summary>Images of random pixels: what is measured does not depend on them.</summary>
    public static ImageSet RandomImages(BenchmarkOptions options, int count)
    {
        byte[] pixels = new byte[count * BenchmarkOptions.InputChannels * options.ImageSize * options.ImageSize];
        new Random(1).NextBytes(pixels);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % BenchmarkOptions.Classes)];
        return ImageSet.FromArray(
            pixels, labels, BenchmarkOptions.InputChannels, options.ImageSize, options.ImageSize,
            [.. Enumerable.Range(0, BenchmarkOptions.Classes).Select(i => $"class {i}")]);
    }

    /// <summary>Samples the paths of a list in turn.</summary>
    public static IPathSampler Listed(ImmutableArray<Architecture> paths, SearchSpace space) => new ListedPaths(paths, null, space);

    private static torch.Tensor Logits(Network network, Batch batch, Architecture path)
    {
        using var scope = torch.NewDisposeScope();
        return network.Forward(batch.Images, path, training: true).MoveToOuterDisposeScope();
    }

    /// <summary>Samples the paths of a list in turn; observes as PA does if there is an observer.</summary>
    private sealed class ListedPaths(ImmutableArray<Architecture> paths, IPathSampler? observer, SearchSpace space) : IPathSampler
    {
        private int _next;

        public ImmutableArray<double> Probabilities =>
            observer?.Probabilities ?? [.. space.Operations.Select(_ => 1.0 / space.Operations.Length)];

        public bool NeedsGradientNorms => observer is not null;

        public IReadOnlyList<Architecture> Sample(RandomStream random) => [paths[_next++ % paths.Length]];

        public void Observe(PathNorms norms) => observer?.Observe(norms);

        public void EndEpoch(double progress) => observer?.EndEpoch(progress);
    }
}
