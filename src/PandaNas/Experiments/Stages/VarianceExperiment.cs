using System.Collections.Immutable;
using System.Text.Json;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Runtime.Torch;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Stages;

/// <summary>What measuring the gradient variance of a checkpoint gave.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="Method">The method that trained it.</param>
/// <param name="Epoch">Epochs that the checkpoint has finished.</param>
/// <param name="Samples">M: gradients a pair of distributions.</param>
/// <param name="BatchSize">Examples a gradient.</param>
/// <param name="Seed">Decided the draws.</param>
/// <param name="GradientVariance">The pairs, in the order asked for.</param>
/// <param name="Seconds">Time of the measurement.</param>
public sealed record VarianceResult(
    string Run, string Method, int Epoch, int Samples, int BatchSize, long Seed, ImmutableArray<PairVariance> GradientVariance, double Seconds);

/// <summary>Measures the gradient variance of a run's newest checkpoint, under the distributions that the checkpoint's samplers hold.</summary>
public static class VarianceExperiment
{
    private const int MostSamples = 1_000_000;

    private const string ResultName = "variance.json";

    /// <summary>Measures; the result lands in the run's <c>variance.json</c>.</summary>
    /// <param name="folder">The run of a supernet, finished or interrupted.</param>
    /// <param name="pairs">Which pairs of distributions, joined by commas.</param>
    /// <param name="samples">M: gradients a pair.</param>
    /// <param name="seed">Decides every random number.</param>
    /// <param name="adjust">Changes run options that do not affect results: data path, threads, device.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <exception cref="BadOptionException">A pair is unknown or named twice, or the samples are too few.</exception>
    /// <exception cref="BadDataException">There is no run, or it has no usable checkpoint.</exception>
    public static VarianceResult Measure(
        string folder, string pairs, int samples, long seed, Func<ExperimentOptions, ExperimentOptions> adjust, RunContext context)
    {
        ImmutableArray<string> names = ParsePairs(pairs);
        if (samples < GradientVarianceEstimator.FewestSamples)
            throw new BadOptionException($"samples is {samples}: an interval needs {GradientVarianceEstimator.FewestSamples} or more");
        if (samples > MostSamples) throw new BadOptionException($"samples is {samples}: expected at most {MostSamples}");
        using RunDirectory run = RunDirectory.Open(folder);
        ExperimentOptions options = adjust(RunDirectory.ReadOptions(folder, context.ForSupernet));
        options = options with { Threads = TorchRuntime.UseThreads(options.Threads) };
        Device device = TorchRuntime.OpenDevice(options.Device);
        using ExperimentData data = ExperimentData.ForSupernet(options, context);
        options = data.Adjust(options);
        TrainingSession.DescribeOrCheck(run, options, OptionScope.Supernet, data, RunKind.Supernet, null);

        using var supernet = new SupernetSetup(options, data, device);
        supernet.DecidePrecision(context.Clock);
        int epoch = Load(run, supernet);
        long started = context.Clock.GetTimestamp();
        ImmutableArray<PairVariance> measured = supernet.NewMeasurement().Measure(names, samples, seed, "variance", "gradient variance", context);
        var result = new VarianceResult(
            run.Path, options.Method, epoch, samples, options.Training.BatchSize, seed, measured, context.Clock.GetElapsedTime(started).TotalSeconds);
        run.Write(run.File(ResultName), JsonSerializer.Serialize(result, RunJson.Options) + "\n");
        context.EndStage(run);
        return result;
    }

    /// <summary>The last measurement in a run; null where there was none.</summary>
    /// <exception cref="BadDataException">The result's file is damaged.</exception>
    public static VarianceResult? ReadResult(string folder) => RunJson.ReadResult<VarianceResult>(Path.Combine(folder, ResultName));

    private static ImmutableArray<string> ParsePairs(string pairs)
    {
        ImmutableArray<string> names = [.. pairs.Split(',', StringSplitOptions.TrimEntries)];
        foreach (string name in names)
            if (!VarianceMeasurement.Names.Contains(name))
                throw new BadOptionException($"distributions: '{name}' is unknown. Did you mean '{NearestName.Of(name, VarianceMeasurement.Names)}'? Possible: {string.Join(", ", VarianceMeasurement.Names)}");
        return names.Distinct().Count() == names.Length ? names : throw new BadOptionException($"distributions: '{pairs}' names one twice");
    }

    private static int Load(RunDirectory run, SupernetSetup supernet)
    {
        string newest = new Checkpoints(run.CheckpointFolder).Newest()
            ?? throw new BadDataException($"'{run.Path}' has no checkpoint yet: continue its training with 'panda train --resume --out {run.Path}'");
        TrainerState state = Checkpoints.Read(newest);
        try
        {
            supernet.Network.Load(state.Tensors, newest);
            supernet.Paths.Restore(state.Paths);
            supernet.Examples.Restore(state.Data);
            return state.Epoch;
        }
        finally
        {
            foreach (Tensor tensor in state.Tensors.Values) tensor.Dispose();
        }
    }
}
