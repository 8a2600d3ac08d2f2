using System.Text.RegularExpressions;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.ProxylessNas;
using PandaNas.Supernets.Recording;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets;

/// <summary>Operations that share weights compute as those that have copies of the same values, and so do their gradients.</summary>
public sealed partial class EntangledKernelsTests
{
    private static readonly Dictionary<string, (SpaceFamily Family, NetworkOptions Sizes)> Spaces = new()
    {
        ["nasbench201"] = (Catalog.Default.FindSpace("nasbench201").Family, new NetworkOptions(3, 8, 5, 8, 1)),
        ["darts"] = (Catalog.Default.FindSpace("darts").Family, new NetworkOptions(3, 8, 5, 4, 3)),
        ["proxylessnas"] = (
            Catalog.Default.FindSpace("proxylessnas").Family,
            new NetworkOptions(3, 16, 5, 0, 0) { Widths = [8, 4, 8, 4, 6, 8, 4, 6, 8], Stem = Stem.Small }),
        ["residual"] = (Catalog.Default.FindSpace("residual").Family, new NetworkOptions(3, 16, 5, 0, 0) { WidthMultiplier = 0.4 }),
    };

    public static TheoryData<string, bool, bool> EverySpace =>
    [
        .. Spaces.Keys.SelectMany(name =>
            (TheoryDataRow<string, bool, bool>[])[new(name, true, false), new(name, false, false), new(name, true, true)]),
    ];

    [Theory]
    [MemberData(nameof(EverySpace))]
    public void APath_ComputesAndLearnsAsWithCopiesOfItsParts(string name, bool channelsLast, bool half)
    {
        (SpaceFamily family, NetworkOptions sizes) = Spaces[name];
        RandomStream random = RandomStream.Derive(5, name);
        using var scope = NewDisposeScope();
        using Network shared = family.Supernet(sizes with { WeightEntanglement = true }, CPU, random);
        using Network plain = family.Supernet(sizes, CPU, random);
        shared.Precision = plain.Precision = half ? Precision.BFloat16 : Precision.Float32;
        Dictionary<string, Weight> wholes = shared.Weights.ToDictionary(weight => weight.Name);
        Assert.True(CopyParts(wholes, plain) > 0);

        Tensor images = randn([4, 3, sizes.ImageSize, sizes.ImageSize], generator: new Generator(3, CPU));
        if (channelsLast) images = ChannelsLast.Of(images);
        foreach (Architecture path in UniformArchitectures.DrawDistinct(family.Space, 8, random))
        {
            float[] expected = Learn(plain, images, path), actual = Learn(shared, images, path);
            Assert.Equal(expected, actual);
            using var _ = no_grad();
            foreach (Weight weight in plain.Weights.Where(weight => Network.Uses(path, weight)))
            {
                Weight whole = WholeOf(wholes, weight.Name);
                Assert.Equal(weight.ChoiceIn(path), whole.ChoiceIn(path));
                Tensor? padded = weight.Tensor.grad is { } gradient ? Padded(gradient, whole.Tensor.shape) : null;
                if (padded is null) Assert.Null(whole.Tensor.grad);
                else Assert.True(padded.equal(whole.Tensor.grad!).all().item<bool>(), $"{whole.Name} for {weight.Name}");
            }
            Clear(plain);
            Clear(shared);
        }
    }

    // Three kernels and two expansions: one kernel of 7×7 and 6 times the channels in their place.
    [Fact]
    public void ASharedKernel_IsAsLargeAsTheLargestPart_AndBelongsToWhoeverTakesOne()
    {
        (SpaceFamily family, NetworkOptions sizes) = Spaces["proxylessnas"];
        using Network shared = family.Supernet(sizes with { WeightEntanglement = true }, CPU, RandomStream.Derive(0, "weights"));
        using Network plain = family.Supernet(sizes, CPU, RandomStream.Derive(0, "weights"));
        Weight depthwise = Assert.Single(shared.Weights, weight => weight.Name == "layers.1.k3e3+.depthwise.conv.weight");
        Assert.Equal([48, 1, 7, 7], depthwise.Tensor.shape);
        int layers = ProxylessNasSpace.Depths.Sum();
        Assert.Equal(plain.Weights.Count - layers * 3 * (ProxylessNasSpace.Convolutions.Length - 1), shared.Weights.Count);
        Assert.DoesNotContain(shared.Weights, weight => weight.Name == "layers.1.k3e3.depthwise.conv.weight");

        foreach (int candidate in Enumerable.Range(0, ProxylessNasSpace.Skip + 1))
        {
            var path = new Architecture([.. Enumerable.Range(0, layers).Select(layer => layer == 1 ? candidate : 0)]);
            Assert.Equal(candidate == ProxylessNasSpace.Skip ? Weight.Unused : 1, depthwise.ChoiceIn(path));
        }
    }

    // What is exported of a supernet has the size that its costs say.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ANetworkOfOneArchitecture_HasPartsOfItsOwn(bool ofSupernet)
    {
        (SpaceFamily family, NetworkOptions sizes) = Spaces["proxylessnas"];
        sizes = sizes with { WeightEntanglement = true };
        var path = new Architecture([.. Enumerable.Repeat(0, ProxylessNasSpace.Depths.Sum())]);
        RandomStream random = RandomStream.Derive(0, "weights");
        using Network supernet = family.Supernet(sizes, CPU, random);
        using Network network =
            ofSupernet ? family.Subnetwork(sizes, path, supernet, CPU) : family.Standalone(sizes, path, CPU, random);
        Weight depthwise = Assert.Single(network.Weights, weight => weight.Name == "layers.1.k3e3.depthwise.conv.weight");
        Assert.Equal([24, 1, 3, 3], depthwise.Tensor.shape);
        Assert.DoesNotContain(network.Weights, weight => weight.Name.Contains('+', StringComparison.Ordinal));
        Assert.Equal(family.Cost(sizes, path).Parameters, network.Weights.Sum(weight => weight.Tensor.numel()));
    }

    // Torch records by itself where no tape does, as on a GPU.
    [Fact]
    public void APartThatTorchRecords_GivesTheWholeTheSameGradientAsOneOnATape()
    {
        using var scope = NewDisposeScope();
        Tensor whole = randn([6, 1, 7, 7], generator: new Generator(1, CPU)).requires_grad_();
        Tensor images = randn([2, 4, 9, 9], generator: new Generator(2, CPU));
        var part = new KernelWeights(whole, [4, 1, 3, 3]);
        Tensor Gradient(Func<Tensor> weight)
        {
            Tensor output = Tape.Over(images, x => Tape.Torch(x, y => nn.functional.conv2d(y, weight(), groups: 4)));
            output.mul(output).sum().backward();
            Tensor gradient = whole.grad!.clone();
            whole.grad!.Dispose();
            whole.grad = null;
            return gradient;
        }
        Tensor expected = Gradient(() => whole[..4, .., 2..5, 2..5]);
        Assert.True(expected.equal(Gradient(() => part.Plain)).all().item<bool>());

        Tensor direct = nn.functional.conv2d(images, Convolution.Recorded(part), groups: 4);
        direct.mul(direct).sum().backward();
        Assert.True(expected.equal(whole.grad!).all().item<bool>());
        Assert.Equal(4 * 9, expected.count_nonzero().item<long>());
    }

    // The rows of panda variance.
    [Fact]
    public void GroupsOfWeights_AreNamedAfterAllThatShareThem()
    {
        (SpaceFamily family, NetworkOptions sizes) = Spaces["nasbench201"];
        using Network shared = family.Supernet(sizes with { WeightEntanglement = true }, CPU, RandomStream.Derive(0, "weights"));
        Assert.Equal([ParameterGroups.Shared, "nor_conv_1x1+nor_conv_3x3"], new ParameterGroups(shared).Names);
        using Network plain = family.Supernet(sizes, CPU, RandomStream.Derive(0, "weights"));
        Assert.Equal([ParameterGroups.Shared, "nor_conv_1x1", "nor_conv_3x3"], new ParameterGroups(plain).Names);
    }

    [Fact]
    public void Validate_WhereNothingCouldBeShared_NamesTheOption()
    {
        SpaceFamily family = SpaceReader.Read(
            """
            name: alone
            operations:
              conv: {type: convolution, kernel: 3}
              sep: {type: separable-convolution, kernel: 3}
              wide: {type: separable-convolution, kernel: 3, dilation: 2}
              skip: {type: skip}
            stem: {channels: 4}
            body:
              - {candidates: [conv, sep, wide, skip], count: 2}
            """, "alone.yaml");
        var sizes = new NetworkOptions(3, 8, 5, 0, 0) { WeightEntanglement = true };
        Assert.Contains("weight-entanglement", Assert.Throws<BadOptionException>(() => family.Validate(sizes)).Message);
        foreach ((SpaceFamily known, NetworkOptions its) in Spaces.Values) known.Validate(its with { WeightEntanglement = true });
    }

    private static float[] Learn(Network network, Tensor images, Architecture path)
    {
        Tensor logits = network.Forward(images, path, training: true);
        logits.mul(logits).sum().backward();
        return logits.data<float>().ToArray();
    }

    private static int CopyParts(Dictionary<string, Weight> wholes, Network plain)
    {
        using var _ = no_grad();
        int parts = 0;
        foreach (Weight weight in plain.Weights)
        {
            Tensor whole = WholeOf(wholes, weight.Name).Tensor;
            if (!whole.shape.SequenceEqual(weight.Tensor.shape)) parts++;
            weight.Tensor.copy_(whole[[.. Part(weight.Tensor.shape, whole.shape)]]);
        }
        return parts;
    }

    private static Tensor Padded(Tensor part, long[] shape)
    {
        Tensor whole = zeros(shape);
        whole[[.. Part(part.shape, shape)]] = part;
        return whole;
    }

    // The first channels, the middle of the window.
    private static IEnumerable<TensorIndex> Part(long[] part, long[] whole)
    {
        for (int dimension = 0; dimension < part.Length; dimension++)
        {
            long start = dimension < 2 ? 0 : (whole[dimension] - part[dimension]) / 2;
            yield return TensorIndex.Slice(start, start + part[dimension]);
        }
    }

    // "layers.1.k3e3+.depthwise.conv.weight" is the whole of "layers.1.k5e6.depthwise.conv.weight".
    private static Weight WholeOf(Dictionary<string, Weight> wholes, string name) =>
        wholes.GetValueOrDefault(name)
            ?? wholes.Values.Single(whole => whole.Name.Contains('+', StringComparison.Ordinal)
                && Place().Split(whole.Name, 2) is [var place, var part]
                && name.StartsWith(place, StringComparison.Ordinal) && name.EndsWith(part, StringComparison.Ordinal)
                && !name[place.Length..^part.Length].Contains('.', StringComparison.Ordinal));

    [GeneratedRegex(@"(?<=\.)[^.]+\+(?=\.)")]
    private static partial Regex Place();

    private static void Clear(Network network)
    {
        foreach (Weight weight in network.Weights)
        {
            weight.Tensor.grad?.Dispose();
            weight.Tensor.grad = null;
        }
    }
}
