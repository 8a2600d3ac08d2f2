using System.Collections.Immutable;
using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Latency;

/// <summary>
/// Makes a latency table: measures every layer by itself, fits the factors of their kinds to some networks, and the error on others.
/// </summary>
/// <param name="space">The space.</param>
/// <param name="layersOf">The layers that an architecture's stand-alone network computes.</param>
/// <param name="meter">Measures.</param>
/// <param name="report">Told after every measurement how many of how many are done.</param>
internal sealed class LatencyTableBuilder(
    SearchSpace space, Func<Architecture, IEnumerable<LayerShape>> layersOf, ILatencyMeter meter, Action<int, int> report)
{
    private const double MsPerSecond = 1_000;

    /// <summary>Measures a table.</summary>
    /// <param name="conditions">What the meter measures under.</param>
    /// <param name="protocol">How it measures.</param>
    /// <param name="architectures">Different ones: first those that the factors are fitted to, then those held out.</param>
    public LatencyTable Build(LatencyConditions conditions, LatencyProtocol protocol, IReadOnlyList<Architecture> architectures)
    {
        ImmutableArray<LayerShape> layers = LayerInventory.Of(space, layersOf, RandomStream.Derive(protocol.Seed, "latency-layers"));
        var rounds = new Rounds(meter, protocol.Rounds, report);
        (double[] networkSeconds, double[] layerSeconds) = rounds.Measure(architectures, layers);
        Dictionary<LayerShape, double> alone = layers.Zip(layerSeconds, KeyValuePair.Create).ToDictionary();

        string[] kinds = [.. layers.Select(layer => layer.Kind).Distinct().Order(StringComparer.Ordinal)];
        CalibrationNetwork[] networks =
            [.. architectures.Take(protocol.Networks).Select(
                (architecture, i) => new CalibrationNetwork(networkSeconds[i], AloneByKind(architecture, kinds, alone)))];
        (double constant, ImmutableArray<double> factors) = Calibration.Fit(networks);
        ImmutableSortedDictionary<string, double> factorOf =
            kinds.Zip(factors, KeyValuePair.Create).ToImmutableSortedDictionary(StringComparer.Ordinal);
        ImmutableArray<LayerLatency> latencies =
            [.. layers.Select(
                layer => new LayerLatency(layer.Name, alone[layer] * MsPerSecond, alone[layer] * factorOf[layer.Kind] * MsPerSecond))];

        var unproven = new LatencyTable(conditions, protocol, constant * MsPerSecond, factorOf, latencies, []);
        ImmutableArray<HeldOutLatency> heldOut =
        [
            .. architectures.Skip(protocol.Networks).Select((architecture, i) => new HeldOutLatency(
                space.Format(architecture), networkSeconds[protocol.Networks + i] * MsPerSecond,
                unproven.PredictMs(layersOf(architecture)))),
        ];
        return new LatencyTable(conditions, protocol, constant * MsPerSecond, factorOf, latencies, heldOut);
    }

    private ImmutableArray<double> AloneByKind(Architecture architecture, string[] kinds, Dictionary<LayerShape, double> alone)
    {
        var sums = new double[kinds.Length];
        foreach (LayerShape layer in layersOf(architecture)) sums[Array.IndexOf(kinds, layer.Kind)] += alone[layer];
        return [.. sums];
    }
}
