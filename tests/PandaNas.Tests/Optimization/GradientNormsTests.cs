using PandaNas.Optimization;
using static TorchSharp.torch;

namespace PandaNas.Tests.Optimization;

public sealed class GradientNormsTests
{
    // Float64 takes the way of the tensors on other devices; so does one strided tensor among contiguous ones.
    [Theory]
    [InlineData(ScalarType.Float32, false)]
    [InlineData(ScalarType.Float64, false)]
    [InlineData(ScalarType.Float32, true)]
    public void Norms_AreThoseOfTheTensors(ScalarType type, bool strided)
    {
        using var scope = NewDisposeScope();
        var random = new Generator(1);
        Tensor?[] gradients =
        [
            randn([3, 5], generator: random), null, randn([1], generator: random),
            randn([9_001], generator: random).mul(Number.Of(1e-3)), zeros(4), null, randn([64, 33], generator: random),
        ];
        for (int i = 0; i < gradients.Length; i++) gradients[i] = gradients[i]?.to(type);
        if (strided) gradients[0] = gradients[0]!.t();
        double[] norms = GradientNorms.Of(gradients);
        for (int i = 0; i < gradients.Length; i++)
        {
            double expected = gradients[i] is { } gradient ? gradient.to(ScalarType.Float64).norm().item<double>() : 0;
            Assert.Equal(expected, norms[i], 1e-5 * Math.Max(expected, 1e-3));
        }
        double total =
            cat([.. gradients.OfType<Tensor>().Select(gradient => gradient.to(ScalarType.Float64).flatten())]).norm().item<double>();
        Assert.Equal(total, GradientNorms.Total(norms), 1e-5 * total);
    }

    [Fact]
    public void NoGradientAtAll_HasNorm0()
    {
        Assert.Equal([0, 0], GradientNorms.Of([null, null]));
        Assert.Equal(0, GradientNorms.Total([]));
    }

    [Theory]
    [InlineData(10, 5, 0.5)]
    [InlineData(4, 5, 1)]
    [InlineData(1e9, 0, 1)]
    [InlineData(0, 5, 1)]
    public void ClipFactor_BringsTheTotalToTheLimit(double total, double limit, double factor) =>
        Assert.Equal(factor, GradientNorms.ClipFactor(total, limit), 1e-6);
}
