using CsCheck;
using PandaNas.Sampling;

namespace PandaNas.Tests.Sampling;

public sealed class MixtureTests
{
    private static readonly Gen<double> AnyWeight = Gen.OneOf(
        Gen.Double[0, 1], Gen.Double[0, 1e300], Gen.Const(0.0), Gen.Const(double.Epsilon), Gen.Const(1e-310), Gen.Const(double.MaxValue),
        Gen.Const(-1.0), Gen.Const(double.NaN), Gen.Const(double.PositiveInfinity), Gen.Const(double.NegativeInfinity));

    private static readonly Gen<double> GoodWeight =
        Gen.OneOf(
            Gen.Double[0, 1], Gen.Double[0, 1e300], Gen.Const(0.0), Gen.Const(double.Epsilon), Gen.Const(1e-310),
            Gen.Const(double.MaxValue));

    [Fact]
    public void AnyWeights_GiveADistribution() =>
        Gen.Select(Gen.OneOf(AnyWeight, GoodWeight).Array[1, 300], Gen.Double[0, 1]).Sample((weights, confidence) =>
    {
        double[] mixed = Mixture.WithUniform(weights, confidence);
        Assert.Equal(weights.Length, mixed.Length);
        Assert.Equal(1, mixed.Sum(), 1e-9);
        Assert.All(mixed, probability => Assert.True(probability >= 0));
    });

    [Fact]
    public void UsableWeights_KeepTheirOrderAndTheUniformShare() =>
        Gen.Select(GoodWeight.Array[1, 50], Gen.OneOf(Gen.Double[0, 1], Gen.Const(0.0), Gen.Const(1.0))).Sample((weights, confidence) =>
        {
            double[] mixed = Mixture.WithUniform(weights, confidence);
            for (int i = 0; i < weights.Length; i++)
            {
                Assert.True(mixed[i] >= (1 - confidence) / weights.Length);
                for (int j = 0; j < i; j++)
                    if (weights[i] < weights[j]) Assert.True(mixed[i] <= mixed[j]);
            }
        });

    [Fact]
    public void Mixture_IsTheFormula()
    {
        double[] expected = [0.25, 0.55, 0.1, 0.1], mixed = Mixture.WithUniform([1, 3, 0, 0], 0.6);
        for (int i = 0; i < 4; i++) Assert.Equal(expected[i], mixed[i], 1e-12);
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(1.0, double.NaN)]
    [InlineData(double.PositiveInfinity, 1.0)]
    [InlineData(-1.0, 2.0)]
    public void WeightsThatSayNothing_GiveTheUniformDistribution(double one, double other) =>
        Assert.Equal([0.5, 0.5], Mixture.WithUniform([one, other], 0.9));

    [Fact]
    public void EntropyAndSampleSize_SpanFromOneOutcomeToAll()
    {
        Assert.Equal(Math.Log(8), Mixture.Entropy([.. Enumerable.Repeat(0.125, 8)]), 1e-12);
        Assert.Equal(8, Mixture.EffectiveSampleSize([.. Enumerable.Repeat(0.125, 8)]), 1e-12);
        Assert.Equal(0, Mixture.Entropy([0, 1, 0]));
        Assert.Equal(1, Mixture.EffectiveSampleSize([0, 1, 0]));
    }
}
