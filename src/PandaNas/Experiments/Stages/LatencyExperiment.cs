using System.Collections.Immutable;
using MathNet.Numerics.Statistics;
using PandaNas.Costs;
using PandaNas.Experiments.Runs;
using PandaNas.Latency;
using PandaNas.Runtime.Files;
using PandaNas.Runtime.Torch;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Stages;

/// <summary>Which networks are measured and how they are run.</summary>
/// <param name="Family">The space.</param>
/// <param name="Sizes">The sizes of its stand-alone networks, complete.</param>
/// <param name="Batch">Images at a time, 1 to <see cref="LargestBatch"/>.</param>
/// <param name="Threads">Threads of torch; 0 is one a processor.</param>
/// <param name="Precision">What is computed in.</param>
/// <param name="Protocol">How it is measured.</param>
/// <param name="AllowOtherMachine">Whether a table that was measured on another machine may be compared.</param>
public sealed record LatencySetting(
    SpaceFamily Family, NetworkOptions Sizes, int Batch, int Threads, Precision Precision, LatencyProtocol Protocol, bool AllowOtherMachine)
{
    /// <summary>The most images at a time.</summary>
    public const int LargestBatch = 1 << 16;

    /// <summary>The most values that the images of a batch have together.</summary>
    public const long LargestInput = 1L << 28;
}

/// <summary>Measured latencies beside what a table predicts.</summary>
/// <param name="Conditions">What they hold for, by name.</param>
/// <param name="Networks">One item an architecture; predicted is null without a table.</param>
/// <param name="MedianError">The median of the relative errors; null without a table.</param>
/// <param name="LargestError">The largest of them.</param>
public sealed record LatencyComparison(
    IReadOnlyDictionary<string, string> Conditions, ImmutableArray<MeasuredLatency> Networks, double? MedianError, double? LargestError);

/// <summary>The latency of an architecture.</summary>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="MeasuredMs">Milliseconds for one batch: median of the repetitions in the fastest round.</param>
/// <param name="PredictedMs">What the table says; null without one.</param>
public sealed record MeasuredLatency(string Architecture, double MeasuredMs, double? PredictedMs);

/// <summary>A table that was made.</summary>
/// <param name="Table">Its file.</param>
/// <param name="Layers">How many layers it has.</param>
/// <param name="MedianError">The median of the relative errors on networks that took no part in making it.</param>
/// <param name="LargestError">The largest of them.</param>
/// <param name="HeldOut">Those networks.</param>
/// <param name="ConstantMs">Milliseconds that every network takes beside its layers.</param>
/// <param name="Factors">By kind of layer, how many times as long it takes in a network as alone.</param>
/// <param name="Conditions">What it holds for, by name.</param>
public sealed record LatencyTableSummary(
    string Table, int Layers, double MedianError, double LargestError, ImmutableArray<HeldOutLatency> HeldOut,
    double ConstantMs, IReadOnlyDictionary<string, double> Factors, IReadOnlyDictionary<string, string> Conditions);

/// <summary>Measures the latency of stand-alone networks on this machine, and tables that predict it.</summary>
public static class LatencyExperiment
{
    private const string Stage = "latency";

    /// <summary>Measures a table and writes it.</summary>
    /// <exception cref="BadOptionException">The space has fewer architectures than the protocol asks for.</exception>
    /// <exception cref="OperationCanceledException">Stopped when asked; nothing is written.</exception>
    public static LatencyTableSummary MakeTable(LatencySetting setting, string path, RunContext context)
    {
        ArgumentNullException.ThrowIfNull(setting);
        ArgumentNullException.ThrowIfNull(context);
        setting.Protocol.Validate();
        IReadOnlyList<Architecture> architectures = Draw(setting, setting.Protocol.Networks + setting.Protocol.HeldOut, "latency-table");
        LatencyConditions conditions = Conditions(setting);
        var builder = new LatencyTableBuilder(
            setting.Family.Space, LayersOf(setting), Meter(setting, context), Report(context));
        LatencyTable table = builder.Build(conditions, setting.Protocol, architectures);
        AtomicFile.WriteText(path, LatencyTableFile.Write(table));
        return new LatencyTableSummary(
            Path.GetFullPath(path), table.Layers.Length, table.MedianError, table.LargestError, table.HeldOut, table.ConstantMs, table.Factors, AsDictionary(conditions));
    }

    /// <summary>Measures architectures, and compares with a table if there is one.</summary>
    /// <param name="setting">Which networks and how.</param>
    /// <param name="text">An architecture; null for as many random ones as the protocol holds out.</param>
    /// <param name="tablePath">The table's file, or null.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <exception cref="BadDataException">The table is damaged or holds for something else.</exception>
    public static LatencyComparison Measure(LatencySetting setting, string? text, string? tablePath, RunContext context)
    {
        ArgumentNullException.ThrowIfNull(setting);
        ArgumentNullException.ThrowIfNull(context);
        setting.Protocol.Validate();
        // Another stream than the table's own: these are other networks than those it was made of.
        IReadOnlyList<Architecture> architectures = text is null
            ? Draw(setting, setting.Protocol.HeldOut, "latency-validation")
            : [ArchitectureSelection.Parse(setting.Family.Space, text)];
        LatencyConditions conditions = Conditions(setting);
        LatencyTable? table = tablePath is null ? null : LatencyTables.Open(tablePath, conditions, [], setting.AllowOtherMachine);
        var rounds = new Rounds(Meter(setting, context), setting.Protocol.Rounds, Report(context));
        (double[] seconds, _) = rounds.Measure(architectures, []);
        ImmutableArray<MeasuredLatency> networks =
        [
            .. architectures.Zip(seconds, (architecture, taken) => new MeasuredLatency(
                setting.Family.Space.Format(architecture), 1_000 * taken, table?.PredictMs(LayersOf(setting)(architecture)))),
        ];
        double[] errors = table is null ? [] : [.. networks.Select(one => Math.Abs(one.PredictedMs!.Value - one.MeasuredMs) / one.MeasuredMs).Order()];
        return new LatencyComparison(
            AsDictionary(conditions), networks, table is null ? null : errors.Median(), table is null ? null : errors[^1]);
    }

    private static IReadOnlyList<Architecture> Draw(LatencySetting setting, int count, string purpose)
    {
        SearchSpace space = setting.Family.Space;
        if (count > space.Size)
            throw new BadOptionException($"networks and held-out ask for {count} different architectures, but {space.Name} has {space.Size}: lower them");
        return UniformArchitectures.DrawDistinct(space, count, RandomStream.Derive(setting.Protocol.Seed, purpose));
    }

    private static LatencyConditions Conditions(LatencySetting setting)
    {
        if (setting.Batch is < 1 or > LatencySetting.LargestBatch) throw new BadOptionException($"batch is {setting.Batch}: expected 1 to {LatencySetting.LargestBatch}");
        long values = (long)setting.Batch * setting.Sizes.InputChannels * setting.Sizes.ImageSize * setting.Sizes.ImageSize;
        if (values > LatencySetting.LargestInput)
            throw new BadOptionException($"batch, input-channels and image-size give a batch of {values} values: expected at most {LatencySetting.LargestInput}, so lower one of them");
        if (setting.Threads is < 0 or > 1024) throw new BadOptionException($"threads is {setting.Threads}: expected 0 to 1024");
        return LatencyConditions.OfThisMachine(setting.Family, setting.Sizes, setting.Batch, TorchRuntime.UseThreads(setting.Threads), setting.Precision);
    }

    private static TorchLatencyMeter Meter(LatencySetting setting, RunContext context) => new(
        setting.Family, setting.Sizes, setting.Batch, setting.Precision, new MedianTimer(context.Clock, setting.Protocol.WarmUp, context.Stop), setting.Protocol.Repetitions);

    private static Action<int, int> Report(RunContext context) =>
        (done, total) => context.Report(Stage, (double)done / total, $"{done} of {total} measurements");

    private static Func<Architecture, IEnumerable<LayerShape>> LayersOf(LatencySetting setting) =>
        architecture => setting.Family.Layers(setting.Sizes, architecture, liveOnly: true);

    private static Dictionary<string, string> AsDictionary(LatencyConditions conditions) => new(conditions.Facts);
}
