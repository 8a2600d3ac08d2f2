using PandaNas.Costs;
using PandaNas.Spaces;

namespace PandaNas.Latency;

/// <summary>
/// Measures many things in rounds, each of which measures everything once, and takes of each its fastest round: whatever else keeps the
/// machine busy for a while slows a round, never speeds one up.
/// </summary>
/// <param name="meter">Measures.</param>
/// <param name="count">How many rounds count.</param>
/// <param name="report">Told after every measurement how many of how many are done.</param>
internal sealed class Rounds(ILatencyMeter meter, int count, Action<int, int> report)
{
    // The runtime compiles what it finds hot anew while it already runs, so that the first measurements are of slower code than the rest.
    private const int Discarded = 8;

    /// <summary>The seconds of networks and of layers, in the order given; of each in its fastest round.</summary>
    public (double[] Networks, double[] Layers) Measure(IReadOnlyList<Architecture> networks, IReadOnlyList<LayerShape> layers)
    {
        for (int i = 0; i < Discarded; i++) meter.Network(networks[i % networks.Count]);
        int total = count * (networks.Count + layers.Count), done = 0;
        double Counted(double seconds)
        {
            report(++done, total);
            return seconds;
        }

        var (networkSeconds, layerSeconds) = (new List<double[]>(), new List<double[]>());
        for (int round = 0; round < count; round++)
        {
            networkSeconds.Add([.. networks.Select(network => Counted(meter.Network(network)))]);
            layerSeconds.Add([.. layers.Select(layer => Counted(meter.Layer(layer)))]);
        }
        return (Fastest(networkSeconds, networks.Count), Fastest(layerSeconds, layers.Count));
    }

    private static double[] Fastest(List<double[]> rounds, int items) =>
        [.. Enumerable.Range(0, items).Select(item => rounds.Min(round => round[item]))];
}
