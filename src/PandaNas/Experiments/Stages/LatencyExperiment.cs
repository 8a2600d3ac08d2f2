using System.Collections.Immutable;
using System.Text.Json.Serialization;
using MathNet.Numerics.Statistics;
using PandaNas.Costs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Latency;
using PandaNas.Runtime.Files;
using PandaNas.Runtime.Torch;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Stages;

/// <summary>Measured latencies beside what a table predicts.</summary>
/// <param name="Conditions">What they hold for, by name.</param>
/// <param name="Networks">One item an architecture; predicted is null without a table.</param>
/// <param name="MedianError">The median of the relative errors; null without a table.</param>
/// <param name="LargestError">The largest of them.</param>
internal sealed record LatencyComparison(
    IReadOnlyDictionary<string, string> Conditions, ImmutableArray<MeasuredLatency> Networks, double? MedianError, double? LargestError);

/// <summary>The latency of an architecture.</summary>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="MeasuredMs">Milliseconds for one batch: median of the repetitions in the fastest round.</param>
/// <param name="PredictedMs">What the table says; null without one.</param>
internal sealed record MeasuredLatency(string Architecture, double MeasuredMs, double? PredictedMs);

/// <summary>A table that was made.</summary>
/// <param name="Table">Its file.</param>
/// <param name="Layers">How many layers it has.</param>
/// <param name="MedianError">The median of the relative errors on networks that took no part in making it.</param>
/// <param name="LargestError">The largest of them.</param>
/// <param name="ConstantMs">Milliseconds that every network takes beside its layers.</param>
/// <param name="Factors">By kind of layer, how many times as long it takes in a network as alone.</param>
/// <param name="Conditions">What it holds for, by name.</param>
public sealed record LatencyTableSummary(
    string Table, int Layers, double MedianError, double LargestError,
    [property: JsonPropertyOrder(1)] double ConstantMs,
    [property: JsonPropertyOrder(1)] IReadOnlyDictionary<string, double> Factors,
    [property: JsonPropertyOrder(1)] IReadOnlyDictionary<string, string> Conditions)
{
    /// <summary>The networks that took no part.</summary>
    [JsonInclude]
    internal ImmutableArray<HeldOutLatency> HeldOut { get; init; } = [];
}

/// <summary>Measures the latency of stand-alone networks on this machine, and tables that predict it.</summary>
internal static class LatencyExperiment
{
    /// <summary>The name of the work in progress reports.</summary>
    public const string Stage = "latency";

    // The most values that the images of a batch have together.
    private const long LargestInput = 1L << 28;

    /// <summary>Measures a table and writes it.</summary>
    /// <param name="options">Which networks and how.</param>
    /// <param name="path">The table's file.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <param name="open">Opens models in ONNX Runtime; null where there is none.</param>
    /// <exception cref="BadOptionException">The space has fewer architectures than the protocol asks for.</exception>
    /// <exception cref="OperationCanceledException">Stopped when asked; nothing is written.</exception>
    public static LatencyTableSummary MakeTable(LatencyOptions options, string path, RunContext context, OnnxWorkOpener? open = null)
    {
        LatencyTable table = Tabulate(options, context, open);
        AtomicFile.WriteText(path, LatencyTableFile.Write(table));
        return new LatencyTableSummary(
            Path.GetFullPath(path), table.Layers.Length, table.MedianError, table.LargestError, table.ConstantMs, table.Factors,
            AsDictionary(table.Conditions))
        {
            HeldOut = table.HeldOut,
        };
    }

    /// <summary>The same table, not written.</summary>
    public static LatencyTable Tabulate(LatencyOptions options, RunContext context, OnnxWorkOpener? open = null)
    {
        options = options.Settle();
        IReadOnlyList<Architecture> architectures = Draw(options, options.Protocol.Networks + options.Protocol.HeldOut, "latency-table");
        LatencyConditions conditions = Conditions(options);
        var builder = new LatencyTableBuilder(
            options.Family.Space, LayersOf(options), Meter(options, context, open), Report(context));
        return builder.Build(conditions, options.Protocol, architectures);
    }

    /// <summary>Measures architectures, and compares with a table if there is one.</summary>
    /// <param name="options">Which networks and how.</param>
    /// <param name="text">An architecture; null for as many random ones as the protocol holds out.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <param name="open">Opens models in ONNX Runtime; null where there is none.</param>
    /// <exception cref="BadDataException">The table is damaged or holds for something else.</exception>
    public static LatencyComparison Measure(LatencyOptions options, string? text, RunContext context, OnnxWorkOpener? open = null)
    {
        options = options.Settle();
        // Another stream than the table's own: these are other networks than those it was made of.
        IReadOnlyList<Architecture> architectures = text is null
            ? Draw(options, options.Protocol.HeldOut, "latency-validation")
            : [ArchitectureSelection.Parse(options.Family.Space, text)];
        LatencyConditions conditions = Conditions(options);
        LatencyTable? table = options.LatencyTable is null
            ? null
            : LatencyTables.Open(options.LatencyTable, conditions, [], options.AllowOtherMachine);
        var rounds = new Rounds(Meter(options, context, open), options.Protocol.Rounds, Report(context));
        (double[] seconds, _) = rounds.Measure(architectures, []);
        ImmutableArray<MeasuredLatency> networks =
        [
            .. architectures.Zip(seconds, (architecture, taken) => new MeasuredLatency(
                options.Family.Space.Format(architecture), 1_000 * taken, table?.PredictMs(LayersOf(options)(architecture)))),
        ];
        double[] errors = table is null
            ? []
            : [.. networks.Select(one => Math.Abs(one.PredictedMs!.Value - one.MeasuredMs) / one.MeasuredMs).Order()];
        return new LatencyComparison(
            AsDictionary(conditions), networks, table is null ? null : errors.Median(), table is null ? null : errors[^1]);
    }

    private static IReadOnlyList<Architecture> Draw(LatencyOptions options, int count, string purpose)
    {
        SearchSpace space = options.Family.Space;
        if (count > space.Size)
            throw new BadOptionException(
                "networks",
                $"{Mention.Option("networks")} and {Mention.Option("held-out")} ask for {count} different architectures, "
                + $"but {space.Name} has {space.Size}: lower them");
        return UniformArchitectures.DrawDistinct(space, count, RandomStream.Derive(options.Protocol.Seed, purpose));
    }

    private static LatencyConditions Conditions(LatencyOptions options)
    {
        if (options is { Runtime: LatencyRuntime.Onnx, Precision: not Precision.Float32 })
            throw new BadOptionException(
                "precision", $"{Mention.Option("runtime")} is onnx, and exported models compute in float32: "
                + $"leave {Mention.Option("precision")} out");
        NetworkOptions sizes = options.Sizes();
        long values = (long)options.Batch * sizes.InputChannels * sizes.ImageSize * sizes.ImageSize;
        if (values > LargestInput)
            throw new BadOptionException(
                "batch",
                $"{Mention.Option("batch")}, {Mention.Option("input-channels")} and {Mention.Option("image-size")} "
                + $"give a batch of {values} values: "
                + $"expected at most {LargestInput}, so lower one of them");
        return LatencyConditions.OfThisMachine(
            options.Family, sizes, options.Batch, TorchRuntime.UseThreads(options.Threads), options.Precision, options.Runtime);
    }

    private static ILatencyMeter Meter(LatencyOptions options, RunContext context, OnnxWorkOpener? open)
    {
        LatencyProtocol protocol = options.Protocol;
        var timer = new MedianTimer(context.Clock, protocol.WarmUp, context.Stop);
        NetworkOptions sizes = options.Sizes();
        return options.Runtime == LatencyRuntime.Torch
            ? new TorchLatencyMeter(options.Family, sizes, options.Batch, options.Precision, timer, protocol.Repetitions)
            : new OnnxLatencyMeter(
                options.Family, sizes, options.Batch, TorchRuntime.UseThreads(options.Threads), timer, protocol.Repetitions,
                open ?? throw new BadOptionException(
                    "runtime", $"{Mention.Option("runtime")} is onnx, but this program brings no ONNX Runtime"));
    }

    private static Action<int, int> Report(RunContext context) =>
        (done, total) => context.Report(Stage, (double)done / total, $"{done} of {total} measurements");

    private static Func<Architecture, IEnumerable<LayerShape>> LayersOf(LatencyOptions options)
    {
        NetworkOptions sizes = options.Sizes();
        return architecture => options.Family.Layers(sizes, architecture, liveOnly: true);
    }

    private static Dictionary<string, string> AsDictionary(LatencyConditions conditions) => new(conditions.Facts);
}
