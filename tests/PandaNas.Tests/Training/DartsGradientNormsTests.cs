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
    public void NormsAtChoices_AreSumsOverTheWeightsOfTheirOperations() => RandomArchitectures.Of(Space).Sample(path =>
    {
        using var scope = NewDisposeScope();
        using var network = new DartsFamily().Supernet(new NetworkOptions(3, 8, 5, 4, 3), CPU, RandomStream.Derive(0, "weights"));
        Tensor images = randn([6, 3, 8, 8], generator: new Generator(1)), labels = tensor(new long[] { 0, 1, 2, 3, 4, 0 });
        functional.cross_entropy(network.Forward(images, path, training: true), labels).backward();
        double[] norms = GradientNorms.Of([.. network.Weights.Select(weight => weight.Tensor.grad)]);
        Assert.All(
            network.Weights.Zip(norms),
            pair => Assert.True(pair.Second == 0 || Network.Uses(path, pair.First), $"{pair.First.Name} has a gradient"));

        PathNorms found = PathGradientNorms.Of(network, path, norms);
        for (int choice = 0; choice < Space.Choices.Length; choice++)
            Assert.Equal(Space.Choices[choice].Operations is not null, found.AtChoices[choice] is not null);
        for (int operation = 0; operation < Space.Operations.Length; operation++)
        {
            double sum = network.Weights.Zip(norms)
                .Where(pair => pair.First.Name.Contains($".{Space.Operations[operation]}.", StringComparison.Ordinal))
                .Sum(pair => pair.Second);
            double atChoices = Enumerable.Range(0, Space.Choices.Length)
                .Where(choice => Space.OperationAt(path, choice) == operation).Sum(choice => found.AtChoices[choice]!.Value);
            Assert.Equal(sum, atChoices, 1e-9 * Math.Max(1, sum));
        }
    }, iter: 10, threads: 1);

    // A choice between edges has nothing to learn from gradients; nothing may go wrong there.
    [Fact]
    public void EveryPathSampler_DrawsArchitecturesOfTheSpace()
    {
        var random = RandomStream.Derive(1, "paths");
        IPathSampler[] samplers =
        [
            new UniformPathSampler(Space), new FairPathSampler(Space), new GradientNormPathSampler(Space, progress => progress),
            new ChoiceGradientNormPathSampler(Space, progress => progress), new GradualPathSampler(Space),
        ];
        foreach (IPathSampler sampler in samplers)
        {
            foreach (Architecture path in sampler.Sample(random))
                sampler.Observe(
                    new PathNorms(path, [.. Space.Choices.Select(choice => choice.Operations is null ? (double?)null : 1.5)]));
            sampler.EndEpoch(0.5);
            Assert.Equal(1, sampler.Probabilities.Sum(), 1e-9);
            for (int i = 0; i < 20; i++)
                foreach (Architecture path in sampler.Sample(random)) Space.Check(path);
        }
    }
}
