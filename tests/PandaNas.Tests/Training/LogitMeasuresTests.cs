using CsCheck;
using PandaNas.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Tests.Training;

public sealed class LogitMeasuresTests
{
    [Theory]
    [InlineData(1, 2, 1)]
    [InlineData(64, 10, 1)]
    [InlineData(17, 100, 8)]
    [InlineData(33, 10, 300)]
    [InlineData(3, 1500, 2)]
    public void LossHitsAndImportances_AreThoseOfTorch(int examples, int classes, double scale)
    {
        using var scope = NewDisposeScope();
        var generator = new Random(examples + classes);
        float[] values = [.. Enumerable.Range(0, examples * classes).Select(_ => (float)(scale * (generator.NextDouble() * 2 - 1)))];
        long[] labels = [.. Enumerable.Range(0, examples).Select(_ => (long)generator.Next(classes))];
        Tensor logits = tensor(values).reshape(examples, classes).to(ScalarType.Float64).requires_grad_();
        Tensor target = tensor(labels);
        Tensor expected = functional.cross_entropy(logits, target, reduction: Reduction.Sum);
        expected.backward();
        double[] norms = logits.grad!.norm(1).data<double>().ToArray();

        var importances = new float[examples];
        (double loss, int correct) = LogitMeasures.Of(values, labels, importances);

        Assert.Equal(expected.item<double>(), loss, 1e-7 * Math.Max(1, expected.item<double>()));
        Assert.Equal(logits.argmax(1).eq(target).sum().item<long>(), correct);
        for (int i = 0; i < examples; i++) Assert.Equal(norms[i], importances[i], 1e-6);
    }

    [Fact]
    public void Importances_LieBetweenZeroAndTheRootOfTwo() =>
        Gen.Select(Gen.Float[-1e4f, 1e4f].Array[5], Gen.Long[0, 4]).Sample((logits, label) =>
        {
            var importance = new float[1];
            (double loss, int correct) = LogitMeasures.Of(logits, [label], importance);
            Assert.InRange(importance[0], 0, 1.4142137f);
            Assert.True(loss >= 0 && double.IsFinite(loss));
            Assert.InRange(correct, 0, 1);
        });

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void LogitsThatAreNotFinite_GiveALossThatIsNotFinite(float bad)
    {
        var importances = new float[2];
        Assert.False(double.IsFinite(LogitMeasures.Of([1, 2, bad, 0], [0, 1], importances).Loss));
    }
}
