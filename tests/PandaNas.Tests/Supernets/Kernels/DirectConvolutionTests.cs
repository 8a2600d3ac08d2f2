using System.Runtime.Intrinsics;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Kernels.Convolutions;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Tests.Supernets.Kernels;

/// <summary>
/// Our convolutions equal torch's in double precision, forward and backward, whatever the channels, the size and the stride. Relative
/// to the largest magnitude they may differ by what float32 sums of some thousand terms round to.
/// </summary>
public sealed class DirectConvolutionTests
{
    private const double Tolerance = 2e-5;

    private static readonly (int Images, int Height, int Width)[] Sizes =
        [(3, 1, 1), (1, 1, 9), (2, 9, 1), (5, 7, 5), (1, 5, 7), (4, 2, 3), (2, 3, 2), (3, 8, 8), (2, 17, 12)];

    public static TheoryData<int, int> Kinds => new() { { 1, 1 }, { 1, 2 }, { 3, 1 }, { 3, 2 }, { 5, 1 }, { 5, 2 }, { 3, 3 } };

    [Theory, MemberData(nameof(Kinds))]
    public void EqualsDoublePrecision(int kernel, int stride)
    {
        foreach (int inputs in (int[])[8, 16, 24, 64])
            foreach (int outputs in (int[])[8, 16, 40])
                foreach ((int images, int height, int width) in Sizes)
                    AssertEqualsDouble(images, inputs, outputs, height, width, kernel, stride, inputGradient: true);
    }

    // Of images nobody asks for gradients.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AnyNumberOfInputs_EqualsDoublePrecision(int stride)
    {
        foreach (int inputs in (int[])[1, 3, 4, 7, 13])
            foreach ((int images, int height, int width) in Sizes)
                AssertEqualsDouble(images, inputs, 16, height, width, 3, stride, inputGradient: false);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void NarrowVectors_EqualWideOnes(int kernel, int stride)
    {
        foreach ((int images, int height, int width) in Sizes)
        {
            var shape = new ConvolutionGeometry(images, height, width, 16, 32, kernel, stride);
            Products narrow = Products.Of<Vector256Operations, Vector256<float>>(shape);
            Products wide = Products.Of<Vector512Operations, Vector512<float>>(shape);
            AssertClose(narrow.Results, wide.Results);
            AssertClose(narrow.InputGradients, wide.InputGradients);
            AssertClose(narrow.WeightGradients, wide.WeightGradients);
        }
    }

    [Fact]
    public void ForeignLayouts_AreRead()
    {
        using var scope = NewDisposeScope();
        Tensor plain = Sample(4, 16, 9, 10, 1), weight = Sample(24, 16, 3, 3, 2);
        Tensor sliced = plain[.., .., TensorIndex.Slice(1, 7), TensorIndex.Slice(0, 10, 2)], transposed = plain.transpose(2, 3);
        foreach (Tensor input in (Tensor[])[plain, sliced, transposed])
        {
            Tensor own = Leaf(input.detach().clone());
            Tensor view = Leaf(input);
            Tensor factor = Leaf(weight);
            Tensor viewFactor = Leaf(weight.transpose(2, 3).contiguous().transpose(2, 3));
            DirectConvolution.Apply(ChannelsLast.Of(own), factor, null, 1).sum().backward();
            // The gradient of a sum is one value seen as a tensor.
            DirectConvolution.Apply(view, viewFactor, null, 1).sum().backward();
            Assert.Equal(Values(own.grad!), Values(view.grad!));
            Assert.Equal(Values(factor.grad!), Values(viewFactor.grad!));
        }
    }

    [Fact]
    public void WithoutGradients_ResultsAreTheSame()
    {
        using var scope = NewDisposeScope();
        Tensor input = Leaf(Sample(3, 8, 6, 5, 1)), weight = Leaf(Sample(16, 8, 3, 3, 2));
        Tensor recorded = DirectConvolution.Apply(input, weight, null, 1);
        using var inference = inference_mode();
        Tensor plain = DirectConvolution.Apply(input, weight, null, 1);
        Assert.True(recorded.requires_grad);
        Assert.False(plain.requires_grad);
        Assert.Equal(Values(recorded.detach()), Values(plain));
    }

    [Fact]
    public void OnlyWantedGradients_AreMade()
    {
        using var scope = NewDisposeScope();
        Tensor images = Sample(3, 8, 6, 5, 1);
        Tensor features = Leaf(images);
        Tensor weight = Leaf(Sample(16, 8, 3, 3, 2));
        Tensor frozen = Sample(16, 8, 3, 3, 2);
        DirectConvolution.Apply(images, weight, null, 1).sum().backward();
        DirectConvolution.Apply(features, frozen, null, 1).sum().backward();
        Assert.Null(images.grad);
        Assert.Null(frozen.grad);
        Assert.NotNull(weight.grad);
        Assert.NotNull(features.grad);
    }

    [Fact]
    public void SameThreads_GiveTheSameBits()
    {
        int threads = get_num_threads();
        try
        {
            foreach (int count in (int[])[1, 2, 3])
            {
                set_num_threads(count);
                var shape = new ConvolutionGeometry(33, 16, 16, 16, 16, 3, 1);
                Products first = Products.Of<Vector256Operations, Vector256<float>>(shape);
                for (int repetition = 0; repetition < 5; repetition++)
                {
                    Products again = Products.Of<Vector256Operations, Vector256<float>>(shape);
                    Assert.Equal(first.Results, again.Results);
                    Assert.Equal(first.InputGradients, again.InputGradients);
                    Assert.Equal(first.WeightGradients, again.WeightGradients);
                }
            }
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Theory]
    [InlineData(8, 12, 3, true)]
    [InlineData(12, 8, 3, true)]
    [InlineData(3, 8, 1, false)]
    [InlineData(8, 8, 2, false)]
    public void OtherShapes_AreLeftToTorch(int inputs, int outputs, int kernel, bool needsGradient)
    {
        using var scope = NewDisposeScope();
        Tensor input = Sample(2, inputs, 5, 5, 1);
        input.requires_grad = needsGradient;
        Assert.False(DirectConvolution.CanCompute(input, [outputs, inputs, kernel, kernel]));
    }

    [Fact]
    public void OtherTypes_AreLeftToTorch()
    {
        using var scope = NewDisposeScope();
        Tensor input = Sample(2, 16, 5, 5, 1), weight = Sample(16, 16, 3, 3, 2);
        Assert.False(DirectConvolution.CanCompute(input.to(ScalarType.BFloat16), weight.shape));
        Assert.False(DirectConvolution.CanCompute(input[..0], weight.shape));
    }

    private static void AssertEqualsDouble(
        int images, int inputs, int outputs, int height, int width, int kernel, int stride, bool inputGradient)
    {
        using var scope = NewDisposeScope();
        Tensor input = Sample(images, inputs, height, width, 1);
        Tensor weight = Leaf(Sample(outputs, inputs, kernel, kernel, 2));
        Tensor bias = Leaf(Sample(outputs, 1, 1, 1, 3).flatten());
        input.requires_grad = inputGradient;
        Tensor output = DirectConvolution.Apply(input, weight, bias, stride);
        Tensor exactInput = Exact(input), exactWeight = Exact(weight), exactBias = Exact(bias);
        Tensor exact = functional.conv2d(exactInput, exactWeight, exactBias, [stride, stride], [kernel / 2, kernel / 2]);
        Tensor gradient = randn_like(output);
        output.backward([gradient]);
        exact.backward([gradient.to(ScalarType.Float64).contiguous()]);

        string shape = $"{images}x{inputs}x{height}x{width} to {outputs}, kernel {kernel}, stride {stride}: ";
        Assert.True(ChannelsLast.Is(output), shape + "layout");
        AssertClose(exact, output, shape + "output");
        AssertClose(exactWeight.grad!, weight.grad!, shape + "gradient of the weights");
        AssertClose(exactBias.grad!, bias.grad!, shape + "gradient of the bias");
        if (inputGradient) AssertClose(exactInput.grad!, input.grad!, shape + "gradient of the input");
    }

    /// <summary>The results and gradients of a convolution of random numbers.</summary>
    private sealed record Products(float[] Results, float[] InputGradients, float[] WeightGradients)
    {
        public static unsafe Products Of<T, TVector>(ConvolutionGeometry shape)
            where T : struct, IVectorOperations<TVector>
            where TVector : struct
        {
            float[] input = Random(shape.Images * shape.ImageValues, 1);
            float[] weights = Random(shape.WeightValues, 2);
            float[] gradients = Random(shape.Images * shape.ResultValues, 3);
            float[] results = new float[gradients.Length];
            float[] inputGradients = new float[input.Length];
            float[] weightGradients = new float[weights.Length];
            fixed (float* x = input, w = weights, g = gradients, y = results, dx = inputGradients, dw = weightGradients)
            {
                ConvolutionProducts<T, TVector>.Forward(shape, x, w, null, y);
                ConvolutionProducts<T, TVector>.InputGradients(shape, w, g, dx);
                ConvolutionProducts<T, TVector>.WeightGradients(shape, x, g, dw);
            }
            return new Products(results, inputGradients, weightGradients);
        }

        private static float[] Random(long count, int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, (int)count).Select(_ => 2 * random.NextSingle() - 1)];
        }
    }

    private static Tensor Sample(int images, int channels, int height, int width, int number)
    {
        random.manual_seed(images * 1000 + channels * 10 + number);
        return randn(images, channels, height, width);
    }

    private static Tensor Leaf(Tensor values)
    {
        Tensor leaf = values.detach();
        leaf.requires_grad = true;
        return leaf;
    }

    private static Tensor Exact(Tensor values)
    {
        Tensor exact = values.detach().to(ScalarType.Float64).contiguous();
        exact.requires_grad = values.requires_grad;
        return exact;
    }

    private static float[] Values(Tensor tensor) => tensor.contiguous().data<float>().ToArray();

    // NaN counts as infinitely far.
    private static void AssertClose(Tensor expected, Tensor actual, string what)
    {
        double difference = (actual.to(ScalarType.Float64) - expected).abs().max().item<double>();
        double scale = Math.Max(1e-3, expected.abs().max().item<double>());
        Assert.True(difference <= Tolerance * scale, $"{what} differs by {difference}, largest magnitude {scale}");
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        float scale = expected.Select(MathF.Abs).Append(1e-3f).Max();
        Assert.All(
            expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - Tolerance * scale, pair.First + Tolerance * scale));
    }
}
