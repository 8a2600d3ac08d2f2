using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Runtime.Threads;
using PandaNas.Supernets;

namespace PandaNas.Latency;

/// <summary>
/// All that a latency depends on but the architecture: names and values in words. Two latencies compare only if all are equal.
/// </summary>
/// <param name="Facts">Every name of <see cref="Names"/>, in that order, with its value.</param>
internal sealed record LatencyConditions(ImmutableArray<KeyValuePair<string, string>> Facts)
{
    private const string RuntimeName = "runtime", BatchName = "batch", ThreadsName = "threads", PrecisionName = "precision";
    private const string MachineName = "machine";

    /// <summary>What conditions say, named as the options of the command line are where there is one.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "space", "channels", "cells", "stem", "width-multiplier", "widths", "input-channels", "image-size", "classes",
        RuntimeName, BatchName, ThreadsName, PrecisionName, MachineName,
    ];

    /// <summary>The names that say how a network is run, not which: a table may be used wherever these are not at stake.</summary>
    public static ImmutableArray<string> OfRunning { get; } = [RuntimeName, BatchName, ThreadsName, PrecisionName];

    /// <summary>What tables do not say that were written before there was a choice.</summary>
    public static KeyValuePair<string, string> Formerly { get; } = KeyValuePair.Create(RuntimeName, NameOf(LatencyRuntime.Torch));

    /// <summary>The name of the machine's description.</summary>
    public static string OfMachine => MachineName;

    /// <summary>A value by its name.</summary>
    public string this[string name] => Facts.First(fact => fact.Key == name).Value;

    /// <summary>The running in one line, for example <c>batch 1, 2 thread(s), float32</c>; it names a runtime that is not torch.</summary>
    public string Running =>
        $"batch {this[BatchName]}, {this[ThreadsName]} thread(s), {this[PrecisionName]}"
        + (this[RuntimeName] switch { "torch" => "", "onnx" => ", ONNX Runtime", var other => $", {other}" });

    /// <summary>The conditions of networks that run on this machine.</summary>
    /// <param name="family">The space.</param>
    /// <param name="sizes">The sizes of its stand-alone networks, complete.</param>
    /// <param name="batch">Images at a time.</param>
    /// <param name="threads">Threads in force.</param>
    /// <param name="precision">What is computed in.</param>
    /// <param name="runtime">What computes.</param>
    public static LatencyConditions OfThisMachine(
        SpaceFamily family, NetworkOptions sizes, int batch, int threads, Precision precision,
        LatencyRuntime runtime = LatencyRuntime.Torch)
    {
        string[] values =
        [
            family.Space.Name, Text(sizes.Channels), Text(sizes.Cells), sizes.HasLargeStem ? "large" : "small", Text(sizes.WidthMultiplier),
            string.Join(',', sizes.Widths), Text(sizes.InputChannels), Text(sizes.ImageSize), Text(sizes.Classes),
            NameOf(runtime), Text(batch), Text(threads), precision.ToString().ToLowerInvariant(), Machine.Description,
        ];
        return new LatencyConditions([.. Names.Zip(values, KeyValuePair.Create)]);
    }

    /// <summary>The name of the first value that differs, null if none does.</summary>
    /// <param name="other">What they are compared with.</param>
    /// <param name="ignored">Names that may differ.</param>
    public string? FirstDifference(LatencyConditions other, IReadOnlyCollection<string> ignored) =>
        Names.FirstOrDefault(name => !ignored.Contains(name) && this[name] != other[name]);

    private static string NameOf(LatencyRuntime runtime) => runtime.ToString().ToLowerInvariant();

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
