using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Spaces;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Benchmarks;

/// <summary>
/// Times the literal port. It runs in a process of its own with the system's default memory allocator, as a program would that
/// knows nothing of ours: torch's SGD and clipping, gradients zeroed and not removed, and the loss read at every step.
/// </summary>
internal static class LiteralBenchmark
{
    private const double ClipNorm = 5;

    /// <summary>Runs in this process.</summary>
    public static LiteralReport Run(BenchmarkOptions options)
    {
        using var scope = NewDisposeScope();
        using LiteralNetwork network = LiteralNetwork.Make(options.Space, options.Sizes);
        double step = StepSeconds(options, network);
        double peak = PeakMemoryMegabytes();
        return new LiteralReport(step, ArchitectureSeconds(options, network), peak);
    }

    /// <summary>The largest resident memory of this process so far, in 10⁶ bytes.</summary>
    public static double PeakMemoryMegabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1e6;
    }

    private static double StepSeconds(BenchmarkOptions options, LiteralNetwork network)
    {
        using var optimizer = optim.SGD(network.Parameters, 0.05, momentum: 0.9, weight_decay: 2.5e-4);
        using var outer = NewDisposeScope();
        Tensor images = randn(options.BatchSize, BenchmarkOptions.InputChannels, options.ImageSize, options.ImageSize);
        Tensor labels = randint(0, BenchmarkOptions.Classes, options.BatchSize);
        ImmutableArray<Architecture> paths = BenchmarkOptions.Draw(options.Family.Space, options.Steps, "paths");
        foreach (Architecture path in paths.Take(2)) Step(path);
        long started = Stopwatch.GetTimestamp();
        foreach (Architecture path in paths) Step(path);
        return Stopwatch.GetElapsedTime(started).TotalSeconds / paths.Length;

        void Step(Architecture path)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor loss = functional.cross_entropy(network.Forward(images, path), labels);
            loss.backward();
            nn.utils.clip_grad_norm_(network.Parameters, ClipNorm);
            optimizer.step();
            _ = loss.item<float>();
        }
    }

    private static double ArchitectureSeconds(BenchmarkOptions options, LiteralNetwork network)
    {
        using var _ = no_grad();
        using var outer = NewDisposeScope();
        int batchSize = Math.Min(SupernetEvaluation.BatchSize, options.RankingImages);
        long[] shape = [batchSize, BenchmarkOptions.InputChannels, options.ImageSize, options.ImageSize];
        (Tensor Images, Tensor Labels)[] batches =
        [
            .. Enumerable.Range(0, options.RankingImages / batchSize)
                .Select(_ => (randn(shape), randint(0, BenchmarkOptions.Classes, batchSize))),
        ];
        ImmutableArray<Architecture> architectures = BenchmarkOptions.Draw(options.Family.Space, options.Architectures, "ranking");
        Evaluate(architectures[0]);
        long started = Stopwatch.GetTimestamp();
        foreach (Architecture architecture in architectures) Evaluate(architecture);
        return Stopwatch.GetElapsedTime(started).TotalSeconds / architectures.Length;

        double Evaluate(Architecture architecture)
        {
            double correct = 0;
            foreach ((Tensor images, Tensor labels) in batches)
            {
                using var scope = NewDisposeScope();
                correct += network.Forward(images, architecture).argmax(1).eq(labels).sum().item<long>();
            }
            return correct;
        }
    }

    /// <summary>Runs in a process of its own.</summary>
    /// <param name="options">What is measured.</param>
    /// <param name="start">The command that runs this program's literal part.</param>
    /// <param name="stop">Ends the process.</param>
    /// <exception cref="RunFailedException">The process failed.</exception>
    public static LiteralReport RunAside(BenchmarkOptions options, ProcessStartInfo start, CancellationToken stop)
    {
        start.RedirectStandardOutput = true;
        start.Environment[Runtime.Torch.NativeMemory.DefaultAllocatorVariable] = "1";
        using Process process = Process.Start(start) ?? throw new RunFailedException("cannot start a process for the literal port");
        using CancellationTokenRegistration registration = stop.Register(() => process.Kill());
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        stop.ThrowIfCancellationRequested();
        if (process.ExitCode != 0) throw new RunFailedException($"the process of the literal port ended with exit code {process.ExitCode}");
        return JsonSerializer.Deserialize<LiteralReport>(output, RunJson.Options)
            ?? throw new RunFailedException("the process of the literal port printed nothing");
    }
}
