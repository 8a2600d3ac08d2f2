using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using PandaNas.Data;
using PandaNas.Experiments;
using PandaNas.Runtime;
using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Training;
using TorchSharp;

namespace PandaNas.Benchmarks;

/// <summary>
/// Time of a training step: uniform sampling, and the same paths and examples with PA&amp;DA's measuring added, in alternating rounds
/// of one process. Loading with augmentation is timed by itself.
/// </summary>
internal static class StepBenchmark
{
    private sealed record Settings(int Threads, int Channels, int Cells, int ImageSize, int BatchSize, int Steps, int Rounds);

    public static int Run(string[] options)
    {
        var settings = new Settings(Get("threads", 2), Get("channels", 8), Get("cells", 1), Get("image-size", 16), Get("batch-size", 256), Get("steps", 100), Get("rounds", 5));
        TorchRuntime.UseThreads(settings.Threads);
        using ImageSet images = RandomImages(settings);
        var batches = new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(settings.ImageSize / 8, Flip: true));

        // Warm-up outside the timer: compilation, and torch's caches of convolution kernels.
        EpochSeconds(settings, images, batches, measuring: false);
        EpochSeconds(settings, images, batches, measuring: true);
        List<double> uniform = [], measured = [], loading = [];
        for (int round = 0; round < settings.Rounds; round++)
        {
            uniform.Add(1000 * EpochSeconds(settings, images, batches, measuring: false) / settings.Steps);
            measured.Add(1000 * EpochSeconds(settings, images, batches, measuring: true) / settings.Steps);
            loading.Add(LoadingMilliseconds(settings, batches));
        }
        Print(settings, uniform, measured, loading);
        return 0;

        int Get(string name, int standard)
        {
            int at = Array.IndexOf(options, "--" + name);
            return at < 0 ? standard : int.Parse(options[at + 1], CultureInfo.InvariantCulture);
        }
    }

    private static ImageSet RandomImages(Settings settings)
    {
        const int Classes = 10;
        int count = settings.BatchSize * settings.Steps;
        byte[] pixels = new byte[count * 3 * settings.ImageSize * settings.ImageSize];
        new Random(1).NextBytes(pixels);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % Classes)];
        return ImageSet.FromArray(pixels, labels, 3, settings.ImageSize, settings.ImageSize, [.. Enumerable.Range(0, Classes).Select(i => $"class {i}")]);
    }

    // One epoch from the same weights: both variants then train the same paths on the same examples, so only the measuring differs.
    private static double EpochSeconds(Settings settings, ImageSet images, BatchMaker batches, bool measuring)
    {
        SpaceFamily family = SpaceCatalog.Find("nasbench201");
        var sizes = new NetworkOptions(3, settings.ImageSize, images.Classes, settings.Channels, settings.Cells);
        using Network network = family.Supernet(sizes, torch.CPU, RandomStream.Derive(0, "weights"));
        ImmutableArray<ImmutableArray<int>> choices = [.. family.Space.Choices.Select(choice => choice.Candidates)];
        var uniform = new UniformPathSampler(choices, family.Space.Operations.Length);
        var setting = MethodSetting.Of(new ExperimentOptions(), family, sizes, images.Count);
        IPathSampler paths = measuring ? new MeasuringSampler(uniform, MethodCatalog.Find("panda").Paths(setting)) : uniform;
        IDataSampler data = measuring ? MethodCatalog.Find("panda").Data(setting) : new UniformDataSampler(images.Count);
        using var trainer = new Trainer(
            network, batches, paths, data, new TrainingOptions { Epochs = 1, BatchSize = settings.BatchSize }, 0, torch.CPU, TimeProvider.System);
        long started = Stopwatch.GetTimestamp();
        trainer.RunEpoch();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double LoadingMilliseconds(Settings settings, BatchMaker batches)
    {
        RandomStream random = RandomStream.Derive(0, "augmentation");
        long started = Stopwatch.GetTimestamp();
        for (int step = 0; step < settings.Steps; step++)
        {
            using var scope = torch.NewDisposeScope();
            batches.Make([.. Enumerable.Range(step * settings.BatchSize, settings.BatchSize)], random, torch.CPU);
        }
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds / settings.Steps;
    }

    private static void Print(Settings settings, List<double> uniform, List<double> measured, List<double> loading)
    {
        string[] overheads = [.. uniform.Zip(measured, (without, with) => (with / without - 1).ToString("P1", CultureInfo.InvariantCulture))];
        Console.WriteLine($"{settings}");
        Console.WriteLine(Row("uniform sampling, ms a step", uniform));
        Console.WriteLine(Row("with PA&DA's measuring, ms a step", measured));
        Console.WriteLine($"overhead by round: {string.Join(", ", overheads)}");
        Console.WriteLine(Row("loading and augmentation, ms a step", loading));
    }

    private static string Row(string name, List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return string.Create(CultureInfo.InvariantCulture, $"{name}: median {sorted[sorted.Length / 2]:F2}, min {sorted[0]:F2}, max {sorted[^1]:F2}");
    }

    /// <summary>Draws paths uniformly, but observes as PA does.</summary>
    private sealed class MeasuringSampler(UniformPathSampler uniform, IPathSampler observer) : IPathSampler
    {
        public ImmutableArray<double> Probabilities => observer.Probabilities;

        public bool NeedsGradientNorms => true;

        public IReadOnlyList<int[]> Sample(RandomStream random) => uniform.Sample(random);

        public void Observe(ReadOnlySpan<double> norms) => observer.Observe(norms);

        public void EndEpoch(double progress) => observer.EndEpoch(progress);

        public SamplerState Save() => observer.Save();

        public void Restore(SamplerState state) => observer.Restore(state);
    }
}
