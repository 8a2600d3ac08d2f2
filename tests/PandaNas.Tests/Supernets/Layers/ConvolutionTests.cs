using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Kernels.Depthwise;
using PandaNas.Supernets.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Tests.Supernets.Layers;

/// <summary>
/// Outputs and gradients equal double precision for every number of channels: libtorch's own are wrong for some of them, without an
/// error (docs/dependencies.md), so each shape that a space can ask for is tried.
/// </summary>
public sealed class ConvolutionTests
{
    private const int Images = 9, Size = 8;

    public static TheoryData<int, int, ScalarType> Kinds
    {
        get
        {
            var data = new TheoryData<int, int, ScalarType>();
            foreach ((int kernel, int stride) in ((int, int)[])[(1, 1), (3, 1), (3, 2)])
                foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16]) data.Add(kernel, stride, type);
            return data;
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Full_EqualsDoublePrecision(int kernel, int stride, ScalarType type)
    {
        var failures = new List<string>();
        for (int channels = 2; channels <= 72; channels++)
            foreach (int outputs in (int[])[channels, 2 * channels, 6 * channels, 7])
                failures.AddRange(Differences(channels, outputs, kernel, stride, 1, type, needsInputGradient: true));
        Assert.Equal([], failures);
    }

    public static TheoryData<int, int, int, ScalarType> DepthwiseKinds
    {
        get
        {
            var data = new TheoryData<int, int, int, ScalarType>();
            (int, int, int)[] kinds =
            [
                (3, 1, 1), (3, 1, 2), (3, 2, 1), (3, 2, 2), (5, 1, 1), (5, 1, 2),
                (5, 2, 1), (5, 2, 2), (7, 2, 1), (7, 1, 1), (5, 3, 1), (3, 3, 2),
            ];
            foreach ((int kernel, int stride, int dilation) in kinds)
                foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
                    data.Add(kernel, stride, dilation, type);
            return data;
        }
    }

    [Theory, MemberData(nameof(DepthwiseKinds))]
    public void Depthwise_EqualsDoublePrecision(int kernel, int stride, int dilation, ScalarType type)
    {
        var failures = new List<string>();
        foreach (int channels in (int[])[2, 3, 4, 5, 8, 12, 15, 16, 17, 24, 32, 33, 48, 72, 144])
            failures.AddRange(Differences(channels, channels, kernel, stride, channels, type, needsInputGradient: true, dilation));
        foreach ((int height, int width) in ((int, int)[])[(1, 1), (1, 9), (7, 5), (12, 3), (2, 33), (16, 16)])
            foreach (int channels in (int[])[3, 4, 16, 24])
                failures.AddRange(
                    Differences(channels, channels, kernel, stride, channels, type, needsInputGradient: true, dilation, height, width));
        Assert.Equal([], failures);
    }

    // More images than are summed together.
    [Fact]
    public void Depthwise_OfManySmallImages_EqualsDoublePrecision() =>
        Assert.Equal([], Differences(12, 12, 3, 1, 12, ScalarType.Float32, needsInputGradient: true, height: 7, width: 5, images: 20));

    [Fact]
    public void Depthwise_GivesTheSameBitsAgain()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(5);
        Tensor values = ChannelsLast.Of(randn(6, 24, 32, 32)), kernel = randn(24, 1, 5, 5);
        byte[][] first = Run(), second = Run();
        for (int i = 0; i < first.Length; i++) Assert.Equal(first[i], second[i]);

        byte[][] Run()
        {
            Tensor input = Leaf(values, true), weight = Leaf(kernel, true);
            Tensor output = DepthwiseConvolution.Apply(input, weight, stride: 2, dilation: 1);
            output.sum().backward();
            return [Bytes(output), Bytes(input.grad!), Bytes(weight.grad!)];
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Depthwise_OfOtherMemoryIsTheSame(int dilation)
    {
        using var scope = NewDisposeScope();
        using var store = new WeightStore(CPU, RandomStream.Derive(1, "weights"));
        var convolution = new Convolution(store, "convolution", 12, 12, 3, 1, bias: false, groups: 12, dilation);
        random.manual_seed(5);
        Tensor plain = randn(3, 12, 7, 9), wide = randn(3, 24, 7, 9).slice(1, 0, 24, 2);
        foreach (Tensor values in (Tensor[])[plain, wide])
        {
            Tensor fast = Leaf(ChannelsLast.Of(values), true), slow = Leaf(values.contiguous(), true);
            convolution.Forward(fast).pow(Number.Of(2)).sum().backward();
            convolution.Forward(slow).pow(Number.Of(2)).sum().backward();
            Assert.True(Difference(slow.grad!.to(ScalarType.Float64), fast.grad!) < 1e-5);
        }
    }

    // Of images nobody asks for gradients.
    [Theory]
    [InlineData(1, ScalarType.Float32)]
    [InlineData(3, ScalarType.Float32)]
    [InlineData(1, ScalarType.BFloat16)]
    [InlineData(3, ScalarType.BFloat16)]
    public void Stem_EqualsDoublePrecision(int inputs, ScalarType type)
    {
        var failures = new List<string>();
        for (int channels = 2; channels <= 72; channels++)
            failures.AddRange(Differences(inputs, channels, 3, 1, 1, type, needsInputGradient: false));
        Assert.Equal([], failures);
    }

    private static IEnumerable<string> Differences(
        int inputs, int outputs, int kernel, int stride, int groups, ScalarType type, bool needsInputGradient, int dilation = 1,
        int height = Size, int width = Size, int images = Images)
    {
        using var scope = NewDisposeScope();
        using var store = new WeightStore(CPU, RandomStream.Derive(inputs * 1000 + outputs, "weights"));
        var convolution = new Convolution(store, "convolution", inputs, outputs, kernel, stride, bias: false, groups, dilation);
        Tensor weight = store.Weights[0].Tensor;
        random.manual_seed(inputs);
        Tensor input = Leaf(ChannelsLast.Of(randn(images, inputs, height, width).to(type)), needsInputGradient);
        Tensor output = convolution.Forward(input);
        Tensor gradient = ChannelsLast.Of(randn_like(output.to(ScalarType.Float32)).to(type));
        output.backward([gradient]);

        // The same factors, rounded as they are for the product.
        Tensor exactWeight = Leaf(weight.detach().to(type).to(ScalarType.Float64), true), exactInput = Leaf(
            input.detach().to(ScalarType.Float64).contiguous(), true);
        Tensor exact = functional.conv2d(
            exactInput, exactWeight, null, [stride, stride], [dilation * (kernel / 2), dilation * (kernel / 2)], [dilation, dilation],
            groups);
        exact.backward([gradient.to(ScalarType.Float64).contiguous()]);

        double tolerance = type == ScalarType.Float32 ? 1e-4 : 0.02;
        string shape =
            $"{inputs}->{outputs}, kernel {kernel}, stride {stride}, groups {groups}, dilation {dilation}, {height}x{width}, {type}";
        Assert.Equal(type, output.dtype);
        Assert.Equal(ScalarType.Float32, weight.grad!.dtype);
        var failures = new List<string>();
        if (Difference(exact, output) > tolerance) failures.Add($"{shape}: output");
        if (Difference(exactWeight.grad!, weight.grad!) > tolerance) failures.Add($"{shape}: gradient of the weights");
        if (needsInputGradient && Difference(exactInput.grad!, input.grad!) > tolerance) failures.Add($"{shape}: gradient of the input");
        return failures;
    }

    private static byte[] Bytes(Tensor tensor) => tensor.contiguous().bytes.ToArray();

    private static Tensor Leaf(Tensor values, bool needsGradient)
    {
        Tensor leaf = values.detach();
        leaf.requires_grad = needsGradient;
        return leaf;
    }

    // NaN counts as infinitely far.
    private static double Difference(Tensor expected, Tensor actual)
    {
        double difference = ((actual.to(ScalarType.Float64) - expected).abs().max() / expected.abs().max()).item<double>();
        return double.IsNaN(difference) ? double.PositiveInfinity : difference;
    }
}
