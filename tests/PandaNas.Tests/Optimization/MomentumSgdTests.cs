using PandaNas.Optimization;
using PandaNas.Tests.Golden;
using static TorchSharp.torch;

namespace PandaNas.Tests.Optimization;

public sealed class MomentumSgdTests
{
    // make_supernet.py: three weights, five steps, gradients that are missing now and then, the learning rate 0.1 / step.
    private const int Weights = 3;
    private const int Steps = 5;

    // Float32 goes through the one-pass code, float64 through the tensor operations that other devices use.
    [Theory]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.Float64, 1e-12)]
    public void Steps_AreThoseOfPyTorch(ScalarType type, double relative)
    {
        using var golden = new GoldenTensors("sgd.safetensors");
        int cases = 0;
        for (; golden.Has($"case.{cases:D2}.options"); cases++) CheckCase(golden, $"case.{cases:D2}.", type, relative);
        Assert.Equal(18, cases);
    }

    private static void CheckCase(GoldenTensors golden, string key, ScalarType type, double relative)
    {
        using var scope = NewDisposeScope();
        double[] options = golden.Doubles(key + "options");
        Tensor[] weights = [.. Enumerable.Range(0, Weights).Select(i => golden[$"initial.{i}"].to(type, copy: true))];
        using var optimizer = new MomentumSgd(weights, new SgdOptions(options[0], options[1], options[2] != 0));
        for (int step = 0; step < Steps; step++)
        {
            Tensor?[] gradients =
            [
                .. Enumerable.Range(0, Weights)
                    .Select(i => golden.Has($"gradient.{step}.{i}") ? golden[$"gradient.{step}.{i}"].to(type) : null)
            ];
            double[][] before = [.. weights.Concat(optimizer.Velocities).Select(GoldenTensors.Values)];
            double total = GradientNorms.Total(GradientNorms.Of(gradients));
            optimizer.Step(gradients, 0.1 / (step + 1), GradientNorms.ClipFactor(total, options[3]));
            for (int i = 0; i < Weights; i++)
            {
                GoldenTensors.AssertClose(golden[$"{key}after.{step}.{i}"], weights[i], relative, 0, $"{key}after.{step}.{i}");
                if (gradients[i] is not null) continue;
                Assert.Equal(before[i], GoldenTensors.Values(weights[i]));
                Assert.Equal(before[Weights + i], GoldenTensors.Values(optimizer.Velocities[i]));
            }
        }
    }

    // Every length around the width of the vector registers.
    [Fact]
    public void EveryLength_IsUpdatedToItsEnd()
    {
        var random = new Generator(1);
        for (int length = 1; length <= 70; length++)
        {
            using var scope = NewDisposeScope();
            Tensor fast = randn([length], generator: random), slow = fast.to(ScalarType.Float64, copy: true);
            Tensor gradient = randn([length], generator: random);
            using var one = new MomentumSgd([fast], new SgdOptions(0.9, 0.01, Nesterov: true));
            using var other = new MomentumSgd([slow], new SgdOptions(0.9, 0.01, Nesterov: true));
            for (int step = 0; step < 2; step++)
            {
                one.Step([gradient], 0.1, 0.7);
                other.Step([gradient.to(ScalarType.Float64)], 0.1, 0.7);
            }
            GoldenTensors.AssertClose(slow, fast, 1e-6, 0, $"weight of {length}");
        }
    }
}
