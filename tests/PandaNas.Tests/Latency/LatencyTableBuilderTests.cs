using PandaNas.Costs;
using PandaNas.Latency;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Tests.Latency;

public sealed class LatencyTableBuilderTests
{
    private static readonly LatencyProtocol Protocol = new(Networks: 40, HeldOut: 20, Rounds: 2);

    public static TheoryData<string> Spaces => [.. Catalog.Default.SpaceNames];

    [Theory]
    [MemberData(nameof(Spaces))]
    public void NetworksThatTakeTheSumOfTheirLayers_ArePredictedExactly(string space)
    {
        LatencyTable table = Build(space, constant: 0.002, factorOf: _ => 1, noise: () => 1);
        Assert.True(table.LargestError < 1e-6, $"largest error {table.LargestError}");
        Assert.Equal(2, table.ConstantMs, 1e-3);
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void LayersThatAreSlowerInContext_ArePredictedAsSlow(string space)
    {
        // The prior holds factors near 1 a little.
        LatencyTable table =
            Build(space, constant: 0, factorOf: kind => kind.Contains("convolution", StringComparison.Ordinal) ? 1.5 : 1.2, noise: () => 1);
        Assert.True(table.MedianError < 0.02, $"median error {table.MedianError}");
    }

    [Fact]
    public void BusyRounds_DoNotCount()
    {
        // The first round and what comes before it.
        int call = 0, busy = Protocol.Networks + Protocol.HeldOut + 8;
        LatencyTable table = Build("nasbench201", constant: 0, factorOf: _ => 1, noise: () => call++ < busy ? 3 : 1);
        Assert.True(table.LargestError < 1e-6, $"largest error {table.LargestError}");
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void EveryArchitecture_CanBePredicted(string name)
    {
        LatencyTable table = Build(name, constant: 0, factorOf: _ => 1, noise: () => 1);
        (SpaceFamily family, NetworkOptions sizes) = Networks(name);
        for (int i = 0; i < 300; i++)
        {
            Architecture architecture = UniformArchitectures.Draw(family.Space, RandomStream.Derive(i, "predicted"));
            IEnumerable<LayerShape> layers = family.Layers(sizes, architecture, liveOnly: true);
            Assert.Equal(1_000 * layers.Sum(FakeMeter.Alone), table.PredictMs(layers), 1e-6);
        }
    }

    [Fact]
    public void LayerThatTheTableLacks_IsNamed()
    {
        LatencyTable table = Build("nasbench201", constant: 0, factorOf: _ => 1, noise: () => 1);
        Assert.Contains(
            "linear from 7 to 3 features",
            Assert.Throws<BadDataException>(() => table.PredictMs([new LinearShape(7, 3, Bias: false)])).Message, StringComparison.Ordinal);
    }

    internal static LatencyTable Build(string name, double constant, Func<string, double> factorOf, Func<double> noise)
    {
        (SpaceFamily family, NetworkOptions sizes) = Networks(name);
        IEnumerable<LayerShape> LayersOf(Architecture architecture) => family.Layers(sizes, architecture, liveOnly: true);
        var meter = new FakeMeter(LayersOf, constant, factorOf, noise);
        IReadOnlyList<Architecture> architectures =
            UniformArchitectures.DrawDistinct(family.Space, Protocol.Networks + Protocol.HeldOut, RandomStream.Derive(0, "latency"));
        var conditions = LatencyConditions.OfThisMachine(family, sizes, 1, 1, Precision.Float32);
        return new LatencyTableBuilder(family.Space, LayersOf, meter, (_, _) => { }).Build(conditions, Protocol, architectures);
    }

    internal static (SpaceFamily Family, NetworkOptions Sizes) Networks(string name)
    {
        SpaceFamily family = Catalog.Default.FindSpace(name).Family;
        return (family, family.Complete(new NetworkOptions(3, 32, 10, 0, 0), standalone: false));
    }

    /// <summary>A machine on which every layer takes a time of its own, and in a network so many times as long.</summary>
    private sealed class FakeMeter(
        Func<Architecture, IEnumerable<LayerShape>> layersOf, double constant, Func<string, double> factorOf, Func<double> noise)
        : ILatencyMeter
    {
        public static double Alone(LayerShape layer) => 1e-6 * (1 + layer.Name.Length % 7) + 1e-10 * layer.MultiplyAdds;

        public double Layer(LayerShape layer) => Alone(layer);

        public double Network(Architecture architecture) =>
            noise() * (constant + layersOf(architecture).Sum(layer => factorOf(layer.Kind) * Alone(layer)));
    }
}
