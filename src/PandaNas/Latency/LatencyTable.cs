using System.Collections.Immutable;
using MathNet.Numerics.Statistics;
using PandaNas.Costs;

namespace PandaNas.Latency;

/// <summary>How long a layer takes.</summary>
/// <param name="Layer">The layer's <see cref="LayerShape.Name"/>.</param>
/// <param name="AloneMs">Milliseconds when it is run by itself: median of the repetitions in the fastest round.</param>
/// <param name="Ms">Milliseconds that it adds to a network: as above, times the factor of its kind.</param>
internal sealed record LayerLatency(string Layer, double AloneMs, double Ms);

/// <summary>A network that took no part in making the table.</summary>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="MeasuredMs">Milliseconds for one batch: median of the repetitions in the fastest round.</param>
/// <param name="PredictedMs">What the table says.</param>
internal sealed record HeldOutLatency(string Architecture, double MeasuredMs, double PredictedMs)
{
    /// <summary>|predicted − measured| / measured.</summary>
    internal double RelativeError() => Math.Abs(PredictedMs - MeasuredMs) / MeasuredMs;
}

/// <summary>How a table was measured.</summary>
/// <param name="WarmUp">Runs before those that count.</param>
/// <param name="Repetitions">Runs in a round whose median counts.</param>
/// <param name="Rounds">How often everything is measured, one round after the other; of each its fastest round counts.</param>
/// <param name="Networks">Random networks that the factors were fitted to.</param>
/// <param name="HeldOut">Other random networks that the table's error was measured on.</param>
/// <param name="Seed">Decides which.</param>
internal sealed record LatencyProtocol(
    int WarmUp = 3, int Repetitions = 10, int Rounds = 7, int Networks = 40, int HeldOut = 20, long Seed = 0);

/// <summary>
/// How long each layer of a space's stand-alone networks takes, so that the time of any of them is a sum: the constant, and for every
/// layer what it adds.
/// </summary>
/// <param name="conditions">What the times hold for.</param>
/// <param name="protocol">How they were measured.</param>
/// <param name="constantMs">Milliseconds that every network takes beside its layers.</param>
/// <param name="factors">By kind of layer, how many times as long it takes in a network as alone.</param>
/// <param name="layers">Every layer of the space's networks, by name.</param>
/// <param name="heldOut">Measured and predicted times of networks that took no part in making the table.</param>
internal sealed class LatencyTable(
    LatencyConditions conditions, LatencyProtocol protocol, double constantMs,
    ImmutableSortedDictionary<string, double> factors, ImmutableArray<LayerLatency> layers, ImmutableArray<HeldOutLatency> heldOut)
{
    private readonly Dictionary<string, double> _byName =
        layers.ToDictionary(layer => layer.Layer, layer => layer.Ms, StringComparer.Ordinal);
    // Names are long; a search asks for the same few shapes again and again.
    private readonly Dictionary<LayerShape, double> _byShape = [];

    /// <summary>What the times hold for.</summary>
    public LatencyConditions Conditions { get; } = conditions;

    /// <summary>How they were measured.</summary>
    public LatencyProtocol Protocol { get; } = protocol;

    /// <summary>Milliseconds that every network takes beside its layers.</summary>
    public double ConstantMs { get; } = constantMs;

    /// <summary>By kind of layer, how many times as long it takes in a network as alone.</summary>
    public ImmutableSortedDictionary<string, double> Factors { get; } = factors;

    /// <summary>Every layer of the space's networks.</summary>
    public ImmutableArray<LayerLatency> Layers { get; } = layers;

    /// <summary>Measured and predicted times of networks that took no part in making the table; at least one.</summary>
    public ImmutableArray<HeldOutLatency> HeldOut { get; } = heldOut;

    /// <summary>The median relative error on <see cref="HeldOut"/>.</summary>
    public double MedianError => HeldOut.Select(one => one.RelativeError()).Median();

    /// <summary>The largest relative error on <see cref="HeldOut"/>.</summary>
    public double LargestError => HeldOut.Max(one => one.RelativeError());

    /// <summary>The milliseconds that a network of these layers takes for one batch. Not safe for several threads at once.</summary>
    /// <exception cref="BadDataException">The table has no such layer.</exception>
    public double PredictMs(IEnumerable<LayerShape> layers) => ConstantMs + layers.Sum(Ms);

    /// <summary>Throws if the table holds for something else.</summary>
    /// <param name="wanted">What is asked for.</param>
    /// <param name="ignored">Names of conditions that may differ.</param>
    /// <param name="path">The table's file, for the error message.</param>
    /// <exception cref="BadDataException">It does.</exception>
    public void Require(LatencyConditions wanted, IReadOnlyCollection<string> ignored, string path)
    {
        if (Conditions.FirstDifference(wanted, ignored) is not { } name) return;
        string use =
            name == LatencyConditions.OfMachine ? $", or set {Mention.Option("allow-other-machine")} if its times are what you want" : "";
        throw new BadDataException(
            $"latency table '{path}' was measured for {name} '{Conditions[name]}', but '{wanted[name]}' is asked for: "
            + $"measure another table{Mention.How(Step.MeasureTable)}{use}");
    }

    private double Ms(LayerShape layer)
    {
        if (_byShape.TryGetValue(layer, out double known)) return known;
        if (!_byName.TryGetValue(layer.Name, out double ms))
            throw new BadDataException(
                $"the latency table has no layer '{layer.Name}': it is of another version; "
                + $"measure it anew{Mention.How(Step.MeasureTable)}");
        _byShape.Add(layer, ms);
        return ms;
    }
}
