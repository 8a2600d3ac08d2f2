using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using PandaNas.Distributed;
using PandaNas.Experiments.Inputs;
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
internal sealed record VarianceResult(
    string Run, string Method, int Epoch, int Samples, int BatchSize, long Seed, ImmutableArray<PairVariance> GradientVariance,
    double Seconds);

/// <summary>
/// Measures the gradient variance of a run's newest checkpoint, under the distributions that the checkpoint's samplers hold.
/// </summary>
internal static class VarianceExperiment
{
    private const string ResultName = "variance.json", Purpose = "variance";

    /// <summary>Measures; the result lands in the run's <c>variance.json</c>.</summary>
    /// <param name="folder">The run of a supernet, finished or interrupted.</param>
    /// <param name="measuring">What is measured.</param>
    /// <param name="adjust">Changes run options that do not affect results: data path, threads, device.</param>
    /// <param name="context">
    /// Progress, clock and the wish to stop. Where it has ranks, this is rank 0, and the others <see cref="Serve"/>.
    /// </param>
    /// <exception cref="BadOptionException">A pair is unknown or named twice, or the samples are too few.</exception>
    /// <exception cref="BadDataException">There is no run, or it has no usable checkpoint.</exception>
    public static VarianceResult Measure(
        string folder, VarianceOptions measuring, Func<SupernetOptions, SupernetOptions> adjust, RunContext context)
    {
        measuring = measuring.Settle();
        using RunDirectory run = RunDirectory.Open(folder);
        VarianceResult? result = null;
        WithNewestCheckpoint(run, measuring, adjust, context, (supernet, epoch) =>
        {
            long started = context.Clock.GetTimestamp();
            ImmutableArray<PairVariance> measured = supernet.NewMeasurement().Measure(
                measuring.Distributions, measuring.Samples, measuring.Seed, Purpose, "gradient variance", context);
            result = new VarianceResult(
                run.Path, supernet.Options.Method, epoch, measuring.Samples, supernet.Options.BatchSize, measuring.Seed, measured,
                context.Clock.GetElapsedTime(started).TotalSeconds);
        });
        run.Write(run.File(ResultName), JsonSerializer.Serialize(result, RunJson.Options) + "\n");
        context.EndStage(run);
        return result!;
    }

    /// <summary>Measures, on another rank than 0, what rank 0 asks for.</summary>
    /// <param name="folder">The run, which rank 0 holds.</param>
    /// <param name="measuring">What is measured.</param>
    /// <param name="adjust">Changes run options that do not affect results: data path, threads, device.</param>
    /// <param name="context">The ranks, the clock and the wish to stop.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    /// <exception cref="PandaNasException">Bad options or data.</exception>
    public static void Serve(
        string folder, VarianceOptions measuring, Func<SupernetOptions, SupernetOptions> adjust, RunContext context)
    {
        measuring = measuring.Settle();
        using RunDirectory run = RunDirectory.OpenToRead(folder);
        WithNewestCheckpoint(run, measuring, adjust, context, (supernet, _) =>
            supernet.NewMeasurement().Serve(measuring.Distributions, measuring.Samples, measuring.Seed, Purpose, context));
    }

    /// <summary>The last measurement in a run; null where there was none.</summary>
    /// <exception cref="BadDataException">The result's file is damaged.</exception>
    public static VarianceResult? ReadResult(string folder) => RunJson.ReadResult<VarianceResult>(Path.Combine(folder, ResultName));

    // What ranks must have in common for one to measure what the other would.
    private static IReadOnlyList<(string What, string Value)> Facts(SupernetOptions options, VarianceOptions measuring, int epoch) =>
    [
        ("the program's version", ProductVersion.Text),
        ("the number of threads", options.Threads.ToString(CultureInfo.InvariantCulture)),
        ("the device", options.Device),
        ("the precision", PrecisionResolver.NameOf(options.Precision)),
        ("what is measured", FormattableString.Invariant(
            $"{measuring.Samples} gradients of {string.Join(',', measuring.Distributions)}, seed {measuring.Seed}, after epoch {epoch}")),
    ];

    // Rank 0 and the others must measure the same.
    private static void WithNewestCheckpoint(
        RunDirectory run, VarianceOptions measuring, Func<SupernetOptions, SupernetOptions> adjust, RunContext context,
        Action<SupernetSetup, int> measure)
    {
        SupernetOptions options = adjust(RunDirectory.ReadOptions<SupernetOptions>(run.Path, context.Catalog)).Settle();
        options = options with { Threads = TorchRuntime.UseThreads(options.Threads) };
        Device device = TorchRuntime.OpenDevice(options.Device);
        using ExperimentData data = ExperimentData.ForSupernet(options, context);
        options = data.Adjust(options);
        RunOpening.DescribeOrCheck(run, options, data, RunKind.Supernet, null);
        using var supernet = new SupernetSetup(options, data, device);
        supernet.DecidePrecision(context.Clock);
        int epoch = Load(run, supernet);
        context.Ranks?.RequireSame(Facts(supernet.Options, measuring, epoch), context.Stop);
        measure(supernet, epoch);
    }

    private static int Load(RunDirectory run, SupernetSetup supernet)
    {
        string newest = new Checkpoints(run.CheckpointFolder).Newest()
            ?? throw new BadDataException(
                $"'{run.Path}' has no checkpoint yet: continue its training{Mention.How(Step.ContinueTraining, run.Path)}");
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
