using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;

using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.Defined;

/// <summary>A built-in space that is written as a user's own is the same space: weights, logits, gradients and costs.</summary>
public sealed class RebuiltSpaceTests
{
    private static readonly NetworkOptions NasBenchSizes = new(InputChannels: 3, ImageSize: 9, Classes: 3, Channels: 4, Cells: 2);
    private static readonly NetworkOptions MobileSizes = new(InputChannels: 3, ImageSize: 32, Classes: 5, Channels: 0, Cells: 0) { Stem = Stem.Small, Widths = [4, 4, 4, 6, 6, 8, 8, 10, 12] };

    public static TheoryData<string, Normalization, Precision> Networks() => new()
    {
        { "nasbench201", Normalization.BatchStatistics, Precision.Float32 },
        { "nasbench201", Normalization.RunningStatistics, Precision.Float32 },
        { "proxylessnas", Normalization.RunningStatistics, Precision.Float32 },
        { "nasbench201", Normalization.BatchStatistics, Precision.BFloat16 },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Supernet_GivesTheLogitsAndGradientsOfTheBuiltInOne(string space, Normalization normalization, Precision precision)
    {
        (SpaceFamily builtIn, SpaceFamily defined, NetworkOptions sizes) = Pair(space);
        sizes = sizes with { SupernetNormalization = normalization };
        using Network expected = builtIn.Supernet(sizes, CPU, RandomStream.Derive(1, "weights")), actual = defined.Supernet(Own(sizes), CPU, RandomStream.Derive(1, "weights"));
        (expected.Precision, actual.Precision) = (precision, precision);
        // Equal initial weights without copying: the layers are made in the same order.
        Assert.Equal(expected.State().Select(entry => Values(entry.Tensor)), actual.State().Select(entry => Values(entry.Tensor)));

        var random = RandomStream.Derive(2, "architectures");
        using Tensor images = randn([4, 3, sizes.ImageSize, sizes.ImageSize], generator: new Generator(3));
        for (int i = 0; i < 12; i++)
        {
            Architecture path = UniformArchitectures.Draw(builtIn.Space, random);
            Assert.Equal(Compute(expected, images, path, training: true), Compute(actual, images, path, training: true), AreClose(precision));
            Assert.Equal(Compute(expected, images, path, training: false), Compute(actual, images, path, training: false), AreClose(precision));
        }
    }

    [Theory]
    [InlineData("nasbench201")]
    [InlineData("proxylessnas")]
    public void Costs_AreThoseOfTheBuiltInOne(string space)
    {
        (SpaceFamily builtIn, SpaceFamily defined, NetworkOptions sizes) = Pair(space);
        Assert.Equal(builtIn.Space.Size, defined.Space.Size);
        var random = RandomStream.Derive(4, "architectures");
        for (int i = 0; i < 300; i++)
        {
            Architecture architecture = UniformArchitectures.Draw(builtIn.Space, random);
            Assert.Equal(builtIn.Cost(sizes, architecture), defined.Cost(Own(sizes), architecture));
            Assert.Equal(builtIn.LiveCost(sizes, architecture), defined.LiveCost(Own(sizes), architecture));
        }
    }

    [Fact]
    public void NasBench201_HasAsManyLiveGraphsAsTheBuiltInOne()
    {
        (SpaceFamily builtIn, SpaceFamily defined, _) = Pair("nasbench201");
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < 15_625; i++)
        {
            Architecture architecture = builtIn.Space.At(i);
            string expected = builtIn.Space.LiveGraphKey(architecture), actual = defined.Space.LiveGraphKey(architecture);
            if (!keys.TryAdd(actual, expected)) Assert.Equal(keys[actual], expected);
        }
        Assert.Equal(9_445, keys.Count);
    }

    private static (SpaceFamily BuiltIn, SpaceFamily Defined, NetworkOptions Sizes) Pair(string space) => space == "nasbench201"
        ? (new NasBench201Family(), RebuiltSpaces.NasBench201(NasBenchSizes.Channels, NasBenchSizes.Cells), NasBenchSizes)
        : (new ProxylessNasFamily(), RebuiltSpaces.ProxylessNas(MobileSizes.Widths), MobileSizes);

    private static NetworkOptions Own(NetworkOptions sizes) => sizes with { Channels = 0, Cells = 0, Widths = [], Stem = Stem.Auto };

    private static float[] Compute(Network network, Tensor images, Architecture path, bool training)
    {
        using var scope = NewDisposeScope();
        Tensor logits = network.Forward(images, path, training);
        if (!training) return Values(logits);
        logits.pow(Number.Of(2)).sum().backward();
        List<float> values = [.. Values(logits)];
        foreach (Weight weight in network.Weights)
        {
            values.AddRange(weight.Tensor.grad is { } gradient ? Values(gradient) : [float.NaN]);
            weight.Tensor.grad = null;
        }
        return [.. values];
    }

    private static float[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().contiguous().data<float>().ToArray();
    }

    // One more rounding where a built-in block leaves a norm to its reader. NaN stands for no gradient, and must be none in both.
    private static Func<float[], float[], bool> AreClose(Precision precision) => (one, other) =>
    {
        double scale = one.Where(float.IsFinite).Max(Math.Abs), tolerance = precision == Precision.Float32 ? 1e-4 : 5e-2;
        return one.Length == other.Length && one.Zip(other).All(pair => float.IsNaN(pair.First) == float.IsNaN(pair.Second) && (float.IsNaN(pair.First) || Math.Abs(pair.First - pair.Second) <= tolerance * scale));
    };
}
