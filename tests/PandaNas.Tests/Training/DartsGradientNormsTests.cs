using CsCheck;
using PandaNas.Optimization;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Darts;
using PandaNas.Tests.Spaces;
using PandaNas.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Tests.Training;

/// <summary>Path norms in a space whose edges belong to different choices of different paths.</summary>
public sealed class DartsGradientNormsTests
{
    private static readonly DartsSpace Space = DartsSpace.Instance;

    [Fact]
    public void NormsOfKindsAndChoices_AreSumsOverTheWeightsOfTheirOperations() => RandomArchitectures.Of(Space).Sample(path =>
    {
        using var scope = NewDisposeScope();
        using var network = new DartsFamily().Supernet(new NetworkOptions(3, 8, 5, 4, 3), CPU, RandomStream.Derive(0, "weights"));
        functional.cross_entropy(network.Forward(randn(6, 3, 8, 8), path, training: true), randint(0, 5, [6])).backward();
        double[] norms = GradientNorms.Of([.. network.Weights.Select(weight => weight.Tensor.grad)]);
        Assert.All(network.Weights.Zip(norms), pair => Assert.True(pair.Second == 0 || Network.Uses(path, pair.First), $"{pair.First.Name} has a gradient"));

        double[] byOperation = PathGradientNorms.ByOperation(Space, path, network.Weights, norms);
        double[] byChoice = PathGradientNorms.ByChoice(Space, path, network.Weights, norms);
        int kinds = Space.Operations.Length;
        for (int operation = 0; operation < kinds; operation++)
        {
            int[] choices = [.. Enumerable.Range(0, Space.Choices.Length).Where(choice => Space.OperationAt(path, choice) == operation)];
            Assert.Equal(choices, Enumerable.Range(0, Space.Choices.Length).Where(choice => !double.IsNaN(byChoice[choice * kinds + operation])));
            double sum = network.Weights.Zip(norms).Where(pair => pair.First.Name.Contains($".{Space.Operations[operation]}.", StringComparison.Ordinal)).Sum(pair => pair.Second);
            Assert.Equal(sum, choices.Sum(choice => byChoice[choice * kinds + operation]), 1e-9 * Math.Max(1, sum));
            if (choices.Length == 0) Assert.True(double.IsNaN(byOperation[operation]));
            else Assert.Equal(sum / choices.Length, byOperation[operation], 1e-9 * Math.Max(1, sum));
        }
    }, iter: 10, threads: 1);

    // A choice between edges has nothing to learn from gradients; nothing may go wrong there.
    [Fact]
    public void EveryPathSampler_DrawsArchitecturesOfTheSpace()
    {
        var random = RandomStream.Derive(1, "paths");
        System.Collections.Immutable.ImmutableArray<System.Collections.Immutable.ImmutableArray<int>> choices = [.. Space.Choices.Select(choice => choice.Candidates)];
        IPathSampler[] samplers =
        [
            new UniformPathSampler(choices, 7), new FairPathSampler(choices, 7), new GradientNormPathSampler(choices, 7, progress => progress),
            new ChoiceGradientNormPathSampler(choices, 7, progress => progress), new GradualPathSampler(choices, 7),
        ];
        foreach (IPathSampler sampler in samplers)
        {
            if (sampler.NeedsGradientNorms) sampler.Observe([.. Enumerable.Repeat(1.5, sampler.NormsByChoice ? 7 * choices.Length : 7)]);
            sampler.EndEpoch(0.5);
            Assert.Equal(1, sampler.Probabilities.Sum(), 1e-9);
            for (int i = 0; i < 20; i++)
                foreach (int[] path in sampler.Sample(random)) Space.Check(new Architecture(path));
        }
    }
}
