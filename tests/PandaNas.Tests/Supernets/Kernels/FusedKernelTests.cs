using PandaNas.Runtime.Torch;
using PandaNas.Supernets.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Tests.Supernets.Kernels;

/// <summary>
/// The fused kernels equal the framework's operations, forward and backward, for every number of channels and odd sizes: within
/// rounding in float32, and within the 8 bits of a bfloat16 where that is the type of the activations.
/// </summary>
public sealed class FusedKernelTests
{
    private static readonly int[][] Sizes =
        [
            [256, 8, 16, 16], [3, 1, 5, 7], [5, 2, 3, 3], [7, 4, 1, 1], [2, 16, 9, 5], [64, 32, 4, 4], [9, 48, 3, 1], [33, 64, 8, 8],
            [4, 8, 1, 6], [6, 24, 5, 5], [3, 36, 7, 2], [2, 7, 11, 3],
        ];

    public static TheoryData<int, int, int, int, ScalarType> Shapes
    {
        get
        {
            var data = new TheoryData<int, int, int, int, ScalarType>();
            foreach (int[] size in Sizes)
                foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
                    data.Add(size[0], size[1], size[2], size[3], type);
            return data;
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void BatchNorm_EqualsTheFrameworks(int images, int channels, int height, int width, ScalarType type)
    {
        using var scope = NewDisposeScope();
        AssertSame(
            [Sample(images, channels, height, width, 1).mul(Number.Of(3)).add(Number.Of(1.5), Number.Of(1))],
            type,
            x => Sum(new SumResults(true, false), Normalized(x[0])).Raw!,
            x => BatchNorm(x[0]));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void ScaledBatchNormPlusInput_EqualsTheFrameworks(int images, int channels, int height, int width, ScalarType type)
    {
        using var scope = NewDisposeScope();
        Tensor scale = Leaf(rand(channels).add(Number.Of(0.5), Number.Of(1)));
        Tensor shift = Leaf(randn(channels));
        Tensor scaleToo = Leaf(scale);
        Tensor shiftToo = Leaf(shift);
        AssertSame(
            [Sample(images, channels, height, width, 1), Sample(images, channels, height, width, 2)],
            type,
            x => Sum(
                new SumResults(true, false), new SumTerm(ChannelsLast.Of(x[1])),
                new SumTerm(ChannelsLast.Of(x[0]), new BatchStatistics(), scale, shift)).Raw!,
            x => functional.batch_norm(x[0], null, null, scaleToo, shiftToo, true).Plus(x[1]));
        AssertClose(scaleToo.grad!, scale.grad!, Tolerance(type));
        AssertClose(shiftToo.grad!, shift.grad!, Tolerance(type));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void NodeReadBothWays_EqualsTheFrameworks(int images, int channels, int height, int width, ScalarType type)
    {
        using var scope = NewDisposeScope();
        AssertSame(
            [Sample(images, channels, height, width, 1), Sample(images, channels, height, width, 2),
                Sample(images, channels, height, width, 3)],
            type,
            x =>
            {
                (Tensor? raw, Tensor? activated) = Sum(
                    new SumResults(true, true), Normalized(x[0]), new SumTerm(ChannelsLast.Of(x[1])), Normalized(x[2]));
                return cat([raw!, activated!], 1);
            },
            x =>
            {
                // Rounded as the sum is stored: whether a value is above 0 must not depend on the type.
                Tensor sum = BatchNorm(x[0]).Plus(x[1]).Plus(BatchNorm(x[2])).to(type).to(ScalarType.Float32);
                return cat([sum, sum.relu()], 1);
            });
    }

    [Theory, MemberData(nameof(Shapes))]
    public void BoundedActivation_EqualsTheFrameworks(int images, int channels, int height, int width, ScalarType type)
    {
        using var scope = NewDisposeScope();
        AssertSame(
            [Sample(images, channels, height, width, 1).mul(Number.Of(5))],
            type,
            x => Sum(new SumResults(false, true, 6), new SumTerm(ChannelsLast.Of(x[0]))).Activated!,
            x => functional.relu6(x[0]));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void AveragePool3x3_EqualsTheFrameworks(int images, int channels, int height, int width, ScalarType type)
    {
        using var scope = NewDisposeScope();
        AssertSame(
            [Sample(images, channels, height, width, 1)],
            type,
            x => AveragePool3x3.Apply(ChannelsLast.Of(x[0])),
            x => functional.avg_pool2d(x[0], 3, 1, 1, count_include_pad: false));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void AveragePool2x2_EqualsTheFrameworks(int images, int channels, int height, int width, ScalarType type)
    {
        using var scope = NewDisposeScope();
        AssertSame(
            [Sample(images, channels, height, width, 1)],
            type,
            x => AveragePool2x2.Apply(ChannelsLast.Of(x[0])),
            x => functional.avg_pool2d(x[0], 2, 2, 0, ceil_mode: true, count_include_pad: false));
    }

    [Theory, MemberData(nameof(Shapes))]
    public void GlobalMean_EqualsTheFrameworks(int images, int channels, int height, int width, ScalarType type)
    {
        using var scope = NewDisposeScope();
        AssertSame(
            [Sample(images, channels, height, width, 1)], type, x => GlobalMean.Apply(ChannelsLast.Of(x[0])), x => x[0].mean([2, 3]));
    }

    [Fact]
    public void WithoutGradients_ResultsAreTheSame()
    {
        using var scope = NewDisposeScope();
        Tensor input = Leaf(Sample(5, 8, 6, 6, 1));
        Tensor recorded = Sum(new SumResults(false, true), Normalized(input)).Activated!;
        using var inference = inference_mode();
        Tensor plain = Sum(new SumResults(false, true), Normalized(input)).Activated!;
        Assert.True(recorded.requires_grad);
        Assert.False(plain.requires_grad);
        AssertClose(recorded.detach(), plain, 0);
    }

    [Fact]
    public void BatchNorm_ReportsMeanAndVariance()
    {
        using var scope = NewDisposeScope();
        Tensor input = ChannelsLast.Of(Sample(31, 8, 5, 5, 1));
        var statistics = new BatchStatistics();
        Sum(new SumResults(true, false), new SumTerm(input, statistics));
        AssertClose(input.mean([0, 2, 3]), tensor([.. statistics.Mean.Select(value => (float)value)], dtype: ScalarType.Float32), 1e-5);
        AssertClose(
            input.var([0, 2, 3], unbiased: false),
            tensor([.. statistics.Variance.Select(value => (float)value)], dtype: ScalarType.Float32), 1e-5);
    }

    [Fact]
    public void Rounding_IsTorchs()
    {
        using var scope = NewDisposeScope();
        float[] special =
        [
            1, 1.5f, float.MaxValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 1e-39f, -1.5f, 0.1f, 2 / 3f, -7.7e-20f,
            65504, -3,
        ];
        Tensor Rounded(Tensor values) => ChannelsLast.Of(values.reshape(1, 39, 1, 1)).to(ScalarType.BFloat16);
        Tensor first = Rounded(tensor([.. special, .. special, .. special], dtype: ScalarType.Float32));
        // Sums that lie below, at and above the middle of two bfloat16 numbers, in the vectors and in the rest after them.
        Tensor second = Rounded(
            arange(Number.Of(0), Number.Of(39), Number.Of(1), ScalarType.Float32).div(Number.Of(1024)));
        Tensor sum = Sum(new SumResults(true, false), new SumTerm(first.repeat(8, 1, 1, 1)), new SumTerm(second.repeat(8, 1, 1, 1))).Raw!;
        Tensor expected = first.to(ScalarType.Float32).Plus(second.to(ScalarType.Float32)).to(ScalarType.BFloat16).repeat(8, 1, 1, 1);
        Assert.Equal(Bits(expected.to(ScalarType.Float32)), Bits(sum.to(ScalarType.Float32)));
    }

    [Theory]
    [InlineData(float.PositiveInfinity)]
    [InlineData(6)]
    public void Activation_OfWhatIsNoNumber_IsNone(float ceiling)
    {
        using var scope = NewDisposeScope();
        float[] values = [float.NaN, float.NegativeInfinity, float.PositiveInfinity, -1, 0, 2.5f, 7];
        // In whole vectors and in the rest after them.
        Tensor input = ChannelsLast.Of(
            tensor([.. values, .. values, .. values], dtype: ScalarType.Float32).reshape(1, 21, 1, 1).repeat(8, 1, 1, 1));
        Tensor activated = Sum(new SumResults(false, true, ceiling), new SumTerm(input)).Activated!;
        Assert.Equal(
            Bits(input.clamp(Number.Of(0), Number.Of(ceiling)).add(Number.Of(0), Number.Of(1))),
            Bits(activated.add(Number.Of(0), Number.Of(1))));
    }

    [Fact]
    public void ForeignLayouts_AreRecognised()
    {
        using var scope = NewDisposeScope();
        Tensor plain = Sample(4, 8, 5, 5, 1);
        Assert.False(ChannelsLast.Is(plain));
        Assert.True(ChannelsLast.Is(ChannelsLast.Of(plain)));
        Assert.False(ChannelsLast.Is(ChannelsLast.Of(plain)[.., .., TensorIndex.Slice(0, 3), ..]));
        Assert.False(ChannelsLast.Is(ChannelsLast.Of(plain).to(ScalarType.Float64)));
    }

    private static (Tensor? Raw, Tensor? Activated) Sum(SumResults results, params ReadOnlySpan<SumTerm> terms) =>
        NormalizedSum.Apply(terms, 1e-5, results);

    private static SumTerm Normalized(Tensor value) => new(ChannelsLast.Of(value), new BatchStatistics());

    private static Tensor BatchNorm(Tensor value) => functional.batch_norm(value, null, null, null, null, true);

    private static Tensor Sample(int images, int channels, int height, int width, int number)
    {
        random.manual_seed(images * 1000 + channels * 10 + number);
        return randn(images, channels, height, width);
    }

    private static Tensor Leaf(Tensor values)
    {
        Tensor leaf = values.detach().clone();
        leaf.requires_grad = true;
        return leaf;
    }

    private static double Tolerance(ScalarType type) => type == ScalarType.Float32 ? 1e-4 : 0.04;

    // Both see the same rounded inputs and gradients; the framework computes in float32.
    private static void AssertSame(Tensor[] inputs, ScalarType type, Func<Tensor[], Tensor> ours, Func<Tensor[], Tensor> theirs)
    {
        Tensor[] mine = [.. inputs.Select(input => Leaf(input.to(type)))];
        Tensor[] reference = [.. mine.Select(input => Leaf(input.to(ScalarType.Float32)))];
        Tensor result = ours(mine), expected = theirs(reference);
        AssertClose(expected, result.to(ScalarType.Float32), type == ScalarType.Float32 ? 1e-5 : 0.01);
        Tensor weights = randn_like(expected).to(result.dtype);
        result.backward([weights]);
        expected.backward([weights.to(ScalarType.Float32)]);
        for (int i = 0; i < inputs.Length; i++) AssertClose(reference[i].grad!, mine[i].grad!.to(ScalarType.Float32), Tolerance(type));
    }

    // Relative to the largest magnitude.
    private static void AssertClose(Tensor expected, Tensor actual, double tolerance)
    {
        double scale = Math.Max(1e-3, expected.abs().max().item<float>());
        double difference = (expected - actual).abs().max().item<float>();
        Assert.True(difference <= tolerance * scale, $"differs by {difference}, largest magnitude {scale}");
    }

    private static int[] Bits(Tensor values)
    {
        const int AnyNaN = 0x7FC00000;
        float[] numbers = values.reshape(-1).contiguous().data<float>().ToArray();
        return Array.ConvertAll(numbers, number => float.IsNaN(number) ? AnyNaN : BitConverter.SingleToInt32Bits(number));
    }
}
