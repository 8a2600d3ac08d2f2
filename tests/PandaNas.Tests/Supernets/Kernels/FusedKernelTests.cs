using PandaNas.Supernets.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Tests.Supernets.Kernels;

/// <summary>The fused kernels equal the framework's operations, forward and backward, for every layout of channels and odd sizes.</summary>
public sealed class FusedKernelTests
{
    public static TheoryData<int, int, int, int> Shapes => new()
    {
        { 256, 8, 16, 16 }, { 3, 1, 5, 7 }, { 5, 2, 3, 3 }, { 7, 4, 1, 1 }, { 2, 16, 9, 5 }, { 64, 32, 4, 4 }, { 9, 48, 3, 1 }, { 33, 64, 8, 8 }, { 4, 8, 1, 6 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void BatchNorm_EqualsTheFrameworks(int images, int channels, int height, int width)
    {
        using var scope = NewDisposeScope();
        Tensor input = Sample(images, channels, height, width).mul(3).add(1.5);
        Assert.True(FusedBatchNorm.Handles(ChannelsLast.Of(input)));
        AssertSame(input, x => FusedBatchNorm.Apply(ChannelsLast.Of(x), null, null, 1e-5, new BatchStatistics()), x => functional.batch_norm(x, null, null, null, null, true));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void BatchNormWithScale_EqualsTheFrameworks(int images, int channels, int height, int width)
    {
        using var scope = NewDisposeScope();
        Tensor input = Sample(images, channels, height, width);
        Tensor[] scales = [Leaf(rand(channels).add(0.5)), Leaf(rand(channels).add(0.5))], shifts = [Leaf(randn(channels)), Leaf(randn(channels))];
        scales[1] = Leaf(scales[0]);
        shifts[1] = Leaf(shifts[0]);
        AssertSame(
            input,
            x => FusedBatchNorm.Apply(ChannelsLast.Of(x), scales[0], shifts[0], 1e-5, new BatchStatistics()),
            x => functional.batch_norm(x, null, null, scales[1], shifts[1], true));
        AssertClose(scales[1].grad!, scales[0].grad!, 1e-4);
        AssertClose(shifts[1].grad!, shifts[0].grad!, 1e-4);
    }

    [Fact]
    public void BatchNorm_ReportsMeanAndVariance()
    {
        using var scope = NewDisposeScope();
        Tensor input = ChannelsLast.Of(Sample(31, 8, 5, 5));
        var statistics = new BatchStatistics();
        FusedBatchNorm.Apply(input, null, null, 1e-5, statistics);
        AssertClose(input.mean([0, 2, 3]), tensor(statistics.FloatMean), 1e-5);
        AssertClose(input.var([0, 2, 3], unbiased: false), tensor([.. statistics.Variance.Select(value => (float)value)], dtype: ScalarType.Float32), 1e-5);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void AveragePool_EqualsTheFrameworks(int images, int channels, int height, int width)
    {
        using var scope = NewDisposeScope();
        AssertSame(
            Sample(images, channels, height, width),
            x => AveragePool3x3.Apply(ChannelsLast.Of(x)),
            x => functional.avg_pool2d(x, 3, 1, 1, count_include_pad: false));
    }

    [Fact]
    public void ForeignLayouts_AreRecognised()
    {
        using var scope = NewDisposeScope();
        Tensor plain = Sample(4, 8, 5, 5);
        Assert.False(ChannelsLast.Is(plain));
        Assert.True(ChannelsLast.Is(ChannelsLast.Of(plain)));
        Assert.False(ChannelsLast.Is(ChannelsLast.Of(plain)[.., .., TensorIndex.Slice(0, 3), ..]));
        Assert.False(FusedBatchNorm.Handles(ChannelsLast.Of(Sample(2, 12, 3, 3))));
        Assert.False(ChannelsLast.Is(ChannelsLast.Of(plain).to(ScalarType.Float64)));
    }

    private static Tensor Sample(int images, int channels, int height, int width)
    {
        random.manual_seed(images * 1000 + channels);
        return randn(images, channels, height, width);
    }

    private static Tensor Leaf(Tensor values)
    {
        Tensor leaf = values.detach().clone();
        leaf.requires_grad = true;
        return leaf;
    }

    private static void AssertSame(Tensor input, Func<Tensor, Tensor> ours, Func<Tensor, Tensor> theirs)
    {
        Tensor mine = Leaf(input), reference = Leaf(input);
        Tensor result = ours(mine), expected = theirs(reference);
        AssertClose(expected, result, 1e-5);
        Tensor weights = randn_like(expected);
        (result * weights).sum().backward();
        (expected * weights).sum().backward();
        AssertClose(reference.grad!, mine.grad!, 1e-4);
    }

    // Relative to the largest magnitude.
    private static void AssertClose(Tensor expected, Tensor actual, double tolerance)
    {
        double scale = Math.Max(1e-3, expected.abs().max().item<float>());
        double difference = (expected - actual).abs().max().item<float>();
        Assert.True(difference <= tolerance * scale, $"differs by {difference}, largest magnitude {scale}");
    }
}
