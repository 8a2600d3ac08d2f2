using PandaNas.Costs;
using PandaNas.Latency;
using PandaNas.OnnxRuntime;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Tests.Latency;

/// <summary>The measuring code with a clock that the tests move: no test waits for anything or depends on the machine's speed.</summary>
public sealed class LatencyMeasurementTests
{
    public static TheoryData<string> Spaces => [.. Catalog.Default.SpaceNames];

    [Fact]
    public void Timer_TakesTheMedianAfterTheWarmUp()
    {
        var clock = new ManualClock();
        int[] durations = [100, 100, 7, 1, 9, 3, 5];
        int run = 0;
        double seconds =
            new MedianTimer(clock, warmUp: 2, CancellationToken.None).Seconds(() => clock.Ticks += durations[run++], repetitions: 5);
        Assert.Equal((7, 5.0 / clock.TimestampFrequency), (run, seconds));
    }

    [Fact]
    public void Timer_StopsWhenAsked()
    {
        using var source = new CancellationTokenSource();
        int runs = 0;
        var timer = new MedianTimer(new ManualClock(), warmUp: 2, source.Token);
        Assert.Throws<OperationCanceledException>(() => timer.Seconds(() =>
        {
            if (++runs == 4) source.Cancel();
        }, repetitions: 10));
        Assert.Equal(4, runs);
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public void EveryLayerOfASpace_CanBeRunByItself(string name)
    {
        (SpaceFamily family, NetworkOptions sizes) = LatencyTableBuilderTests.Networks(name);
        var clock = new ManualClock();
        var timer = new MedianTimer(clock, warmUp: 0, CancellationToken.None);
        int opened = 0;
        ILatencyMeter[] meters =
        [
            new TorchLatencyMeter(family, sizes, batch: 2, Precision.Float32, timer, repetitions: 1),
            new OnnxLatencyMeter(family, sizes, batch: 2, threads: 1, timer, repetitions: 1, (model, inputs, threads) =>
            {
                opened++;
                return new OnnxWork(model, inputs, threads);
            }),
        ];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < 20; i++)
            foreach (LayerShape layer in family.Layers(
                sizes, UniformArchitectures.Draw(family.Space, RandomStream.Derive(i, "layers")), liveOnly: true))
                if (seen.Add(layer.Name)) Assert.All(meters, meter => Assert.Equal(0, meter.Layer(layer)));
        Assert.All(meters, meter => Assert.Equal(0, meter.Network(family.Space.At(0))));
        // Every layer, the call of a model, and a network.
        Assert.Equal(seen.Count + 2, opened);
    }

    // What is listed for the table is what is computed: every convolution and classifier, with the multiply-adds that it does.
    [Theory]
    [MemberData(nameof(Spaces))]
    public void ListedLayers_AreThoseThatTheNetworkComputes(string name)
    {
        (SpaceFamily family, NetworkOptions sizes) = LatencyTableBuilderTests.Networks(name);
        for (int i = 0; i < 10; i++)
        {
            Architecture architecture = UniformArchitectures.Draw(family.Space, RandomStream.Derive(i, "listed"));
            using var inference = inference_mode();
            using var scope = NewDisposeScope();
            using Network network = family.Standalone(sizes, architecture, CPU, RandomStream.Derive(0, "weights"));
            // Else the profile counts what their gradients would take, too.
            foreach (Weight weight in network.Weights) weight.Tensor.requires_grad = false;
            var profile = new OperationProfile();
            OperationProfile.Current = profile;
            try
            {
                network.Forward(rand(1, sizes.InputChannels, sizes.ImageSize, sizes.ImageSize), architecture, training: false);
            }
            finally
            {
                OperationProfile.Current = null;
            }
            long computed = profile.Work.Where(work => work.MultiplyAdds > 0).Sum(work => work.MultiplyAdds);
            Assert.Equal(family.LiveCost(sizes, architecture).MultiplyAdds, computed);
        }
    }

    // The clock moves by what is known: a model's nodes.
    [Fact]
    public void InOnnx_ALayerIsWhatItTakesMoreThanAModelThatDoesNothing()
    {
        (SpaceFamily family, NetworkOptions sizes) = LatencyTableBuilderTests.Networks("nasbench201");
        var clock = new ManualClock();
        var timer = new MedianTimer(clock, warmUp: 1, CancellationToken.None);
        var meter = new OnnxLatencyMeter(
            family, sizes, batch: 1, threads: 1, timer, repetitions: 3, (model, _, _) => new CountedNodes(model, clock));

        Assert.Equal(0.006, meter.Layer(new ConvolutionShape(4, 4, 3, 1, 1, false, 8, 8)), 1e-12);
        Assert.Equal(0, meter.Layer(new BatchNormShape(4, true, 8)), 1e-12);
    }

    // Seven ticks for a convolution, one for anything else.
    private sealed class CountedNodes(byte[] model, ManualClock clock) : IOnnxWork
    {
        private readonly int _ticks =
            Onnx.Protocol.ModelProto.Parser.ParseFrom(model).Graph.Node.Sum(node => node.OpType == "Conv" ? 7 : 1);

        public void Run() => clock.Ticks += _ticks;

        public void Dispose()
        {
        }
    }

    private sealed class ManualClock : TimeProvider
    {
        public long Ticks { get; set; }

        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => Ticks;
    }
}
