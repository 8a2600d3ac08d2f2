using PandaNas.Optimization;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Golden;
using PandaNas.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Tests.Training;

public sealed class PathGradientNormsTests
{
    // Operations on edges that lead nowhere among them; the last path has convolutions everywhere.
    [Theory]
    [InlineData(3, 2, 3, 1, 0, 2)]
    [InlineData(3, 0, 0, 1, 2, 0)]
    [InlineData(4, 4, 4, 1, 1, 1)]
    [InlineData(3, 3, 3, 2, 2, 2)]
    public void NormAtAChoice_IsTheSumOverTheWeightsThatThePathTakesThere(params int[] candidates)
    {
        using var scope = NewDisposeScope();
        var random = new Generator(3);
        SearchSpace space = NasBench201Space.Instance;
        var path = new Architecture(candidates);
        using var network = new NasBench201Family().Supernet(new NetworkOptions(3, 8, 10, 4, 2), CPU, RandomStream.Derive(0, "weights"));
        Tensor labels = tensor(new long[] { 0, 3, 9, 1, 4, 0 });
        // Gradients that the path does not own must not count: leftovers of another path.
        var other = new Architecture([.. candidates.Select(candidate => (candidate + 1) % 5)]);
        functional.cross_entropy(network.Forward(randn([6, 3, 8, 8], generator: random), other, training: true), labels).backward();
        foreach (Weight weight in network.Weights)
            if (Network.Uses(path, weight)) weight.Tensor.grad = null;
        functional.cross_entropy(network.Forward(randn([6, 3, 8, 8], generator: random), path, training: true), labels).backward();

        double[] norms = GradientNorms.Of([.. network.Weights.Select(weight => weight.Tensor.grad)]);
        PathNorms found = PathGradientNorms.Of(network, path, norms, factor: 0.5);

        Assert.Equal(path, found.Path);
        Assert.Equal(space.Choices.Length, found.AtChoices.Length);
        for (int edge = 0; edge < candidates.Length; edge++)
        {
            (int source, int target) = NasBench201Space.Instance.Edges[edge];
            string part = $".edge_{source}_{target}.{space.Operations[candidates[edge]]}.";
            double sum = 0;
            foreach (Weight weight in network.Weights)
                if (weight.Name.Contains(part, StringComparison.Ordinal) && weight.Tensor.grad is { } gradient)
                    sum += Math.Sqrt(GoldenTensors.Values(gradient).Sum(value => value * value));
            Assert.Equal(0.5 * sum, found.AtChoices[edge]!.Value, 1e-5 * Math.Max(sum, 1e-3));
        }
    }
}
