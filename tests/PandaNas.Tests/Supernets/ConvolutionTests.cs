using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Supernets.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Tests.Supernets;

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

    [Theory]
    [InlineData(3, 1, ScalarType.Float32)]
    [InlineData(5, 2, ScalarType.Float32)]
    [InlineData(3, 1, ScalarType.BFloat16)]
    [InlineData(5, 2, ScalarType.BFloat16)]
    public void Depthwise_EqualsDoublePrecision(int kernel, int stride, ScalarType type)
    {
        var failures = new List<string>();
        for (int channels = 2; channels <= 72; channels++) failures.AddRange(Differences(channels, channels, kernel, stride, channels, type, needsInputGradient: true));
        Assert.Equal([], failures);
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
        for (int channels = 2; channels <= 72; channels++) failures.AddRange(Differences(inputs, channels, 3, 1, 1, type, needsInputGradient: false));
        Assert.Equal([], failures);
    }

    private static IEnumerable<string> Differences(int inputs, int outputs, int kernel, int stride, int groups, ScalarType type, bool needsInputGradient)
    {
        using var scope = NewDisposeScope();
        using var store = new WeightStore(CPU, RandomStream.Derive(inputs * 1000 + outputs, "weights"));
        var convolution = new Convolution(store, "convolution", inputs, outputs, kernel, stride, bias: false, groups);
        Tensor weight = store.Weights[0].Tensor;
        random.manual_seed(inputs);
        Tensor input = Leaf(ChannelsLast.Of(randn(Images, inputs, Size, Size).to(type)), needsInputGradient);
        Tensor output = convolution.Forward(input);
        Tensor gradient = ChannelsLast.Of(randn_like(output.to(ScalarType.Float32)).to(type));
        output.backward([gradient]);

        // The same factors, rounded as they are for the product.
        Tensor exactWeight = Leaf(weight.detach().to(type).to(ScalarType.Float64), true), exactInput = Leaf(input.detach().to(ScalarType.Float64).contiguous(), true);
        Tensor exact = functional.conv2d(exactInput, exactWeight, null, [stride, stride], [kernel / 2, kernel / 2], groups: groups);
        exact.backward([gradient.to(ScalarType.Float64).contiguous()]);

        double tolerance = type == ScalarType.Float32 ? 1e-4 : 0.02;
        string shape = $"{inputs}->{outputs}, kernel {kernel}, stride {stride}, groups {groups}, {type}";
        Assert.Equal(type, output.dtype);
        Assert.Equal(ScalarType.Float32, weight.grad!.dtype);
        var failures = new List<string>();
        if (Difference(exact, output) > tolerance) failures.Add($"{shape}: output");
        if (Difference(exactWeight.grad!, weight.grad!) > tolerance) failures.Add($"{shape}: gradient of the weights");
        if (needsInputGradient && Difference(exactInput.grad!, input.grad!) > tolerance) failures.Add($"{shape}: gradient of the input");
        return failures;
    }

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
