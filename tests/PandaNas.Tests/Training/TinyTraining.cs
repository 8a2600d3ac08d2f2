using PandaNas.Data.Batches;
using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Spaces;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Tests.Training;

/// <summary>Networks, images and samplers small enough to train in a moment.</summary>
internal static class TinyTraining
{
    public const int Examples = 20;

    public static readonly NetworkOptions Small = new(InputChannels: 3, ImageSize: 8, Classes: 3, Channels: 4, Cells: 1);

    public static ImageSet RandomImages()
    {
        var random = new Random(1);
        var pixels = new byte[Examples * 3 * 8 * 8];
        random.NextBytes(pixels);
        int[] labels = [.. Enumerable.Range(0, Examples).Select(i => i % 3)];
        return ImageSet.FromArray(pixels, labels, 3, 8, 8, ["a", "b", "c"]);
    }

    public static Network NewNetwork(long seed) => new NasBench201Family().Supernet(Small, CPU, RandomStream.Derive(seed, "weights"));

    public static FixedPathSampler Fixed(params int[] path) => new(NasBench201Space.Instance, new Architecture(path));

    public static MethodSetting Setting { get; } = MethodSetting.Of(new SupernetOptions(), new NasBench201Family(), Small, Examples);

    public static void RunSteps(Trainer trainer, int steps)
    {
        using var stop = new CancellationTokenSource();
        while (steps > 0)
        {
            trainer.RunEpoch(stop.Token, () =>
            {
                if (--steps == 0) stop.Cancel();
            });
        }
    }

    public static byte[] Bytes(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().contiguous().bytes.ToArray();
    }
}

/// <summary>A classifier of pixels without a choice; at zero weights its gradient is linear in the examples.</summary>
internal sealed class LinearNetwork : Network
{
    private readonly Tensor _weight;

    public LinearNetwork(int inputs, int outputs) : this(new WeightStore(CPU, RandomStream.Derive(0, "weights")), inputs, outputs)
    {
    }

    private LinearNetwork(WeightStore store, int inputs, int outputs) : base(new ToySpace(1), store) =>
        _weight = store.Constant("weight", [outputs, inputs], 0);

    public override Tensor Forward(Tensor images, Architecture path, bool training)
    {
        using Tensor pixels = images.flatten(1);
        return nn.functional.linear(pixels, _weight);
    }
}

/// <summary>Draws with replacement, the last example many times as often as the first.</summary>
internal sealed class SkewedDataSampler : IDataSampler
{
    private readonly double[] _probabilities;

    public SkewedDataSampler(int count)
    {
        double total = Enumerable.Range(1, count).Sum();
        _probabilities = [.. Enumerable.Range(1, count).Select(i => i / total)];
    }

    public ReadOnlySpan<double> Probabilities => _probabilities;

    public int[] EpochOrder(RandomStream random)
    {
        var table = new AliasTable(_probabilities);
        return [.. _probabilities.Select(_ => table.Draw(random))];
    }
}

/// <summary>Keeps the paths that were drawn and the norms that came back.</summary>
internal sealed class RecordingPathSampler(IPathSampler inner) : IPathSampler
{
    public List<PathNorms> Norms { get; } = [];

    public System.Collections.Immutable.ImmutableArray<double> Probabilities => inner.Probabilities;

    public bool NeedsGradientNorms => true;

    public IReadOnlyList<Architecture> Sample(RandomStream random) => inner.Sample(random);

    public void Observe(PathNorms norms) => Norms.Add(norms);

    public void EndEpoch(double progress) => inner.EndEpoch(progress);

    public SamplerState Save() => inner.Save();

    public void Restore(SamplerState state) => inner.Restore(state);
}
