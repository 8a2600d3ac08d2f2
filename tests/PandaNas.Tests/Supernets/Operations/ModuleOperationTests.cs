using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Definitions;
using PandaNas.Supernets.Operations;
using PandaNas.Tests.Supernets.Definitions;
using PandaNas.Tests.Training;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.Operations;

/// <summary>A module of the user's as an operation: weights, statistics, constants, randomness, precision, and what is refused.</summary>
[Collection(nameof(TorchGenerator))]
public sealed class ModuleOperationTests
{
    private static readonly NetworkOptions Sizes = new(InputChannels: 3, ImageSize: 8, Classes: 3, Channels: 0, Cells: 0);

    [Fact]
    public void Weights_BelongToTheOperationAtItsChoice()
    {
        ChainFamily family = SmallSpaces.WithModule(SmallSpaces.Normed(normalize: true));
        using Network network = family.Supernet(Sizes, CPU, RandomStream.Derive(1, "weights"));
        Weight[] own = [.. network.Weights.Where(weight => weight.Name.StartsWith("body.0.1.normed.module", StringComparison.Ordinal))];
        Assert.Equal(4, own.Length);
        Assert.All(own, weight => Assert.Equal([0], weight.Operations));
        Assert.All(own, weight => Assert.Equal(1, weight.ChoiceIn(family.Space.Parse("skip-normed"))));
        Assert.All(own, weight => Assert.False(Network.Uses(family.Space.Parse("normed-skip"), weight)));
    }

    [Fact]
    public void InitialWeights_ComeFromTheSeedAlone_AndLeaveTorchsGeneratorAlone()
    {
        using var scope = NewDisposeScope();
        ChainFamily family = SmallSpaces.WithModule(SmallSpaces.Normed(normalize: true));
        random.manual_seed(1);
        using Network first = family.Supernet(Sizes, CPU, RandomStream.Derive(1, "weights"));
        float drawn = rand(1).item<float>();
        using Network second = family.Supernet(Sizes, CPU, RandomStream.Derive(1, "weights"));
        using Network other = family.Supernet(Sizes, CPU, RandomStream.Derive(2, "weights"));
        Assert.Equal(Bytes(first), Bytes(second));
        Assert.NotEqual(Bytes(first), Bytes(other));
        random.manual_seed(1);
        Assert.Equal(rand(1).item<float>(), drawn);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 2)]
    public void Buffers_AreStateWhereTheyAreUsed(bool running, int statisticsOfAModule)
    {
        ChainFamily family = SmallSpaces.WithModule(SmallSpaces.Normed(normalize: false));
        using Network network =
            family.Supernet(
                Sizes with { SupernetNormalization = running ? Normalization.RunningStatistics : Normalization.BatchStatistics }, CPU,
                RandomStream.Derive(1, "weights"));
        Assert.Equal(2 * statisticsOfAModule, network.Statistics.Count(entry => entry.Name.Contains(".module.", StringComparison.Ordinal)));
        Assert.Equal(2, network.State().Count(entry => entry.Name.EndsWith(".shift", StringComparison.Ordinal)));
        Assert.DoesNotContain(network.State(), entry => entry.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal));
    }

    [Fact]
    public void BatchNormOfAModule_InASupernetByBatchStatistics_AlwaysTakesThose()
    {
        ChainFamily family = SmallSpaces.WithModule(SmallSpaces.Normed(normalize: false));
        using Network network = family.Supernet(Sizes, CPU, RandomStream.Derive(1, "weights"));
        using Tensor images = randn([4, 3, 8, 8], generator: new Generator(3));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Architecture path = family.Space.Parse("normed-normed");
        Tensor before = network.Forward(images, path, training: false);
        for (int step = 0; step < 3; step++) network.Forward(images.mul(Number.Of(5)), path, training: true);
        Assert.True(network.Forward(images, path, training: false).allclose(before));
        Assert.True(network.Forward(images, path, training: true).allclose(before));
    }

    [Fact]
    public void InBFloat16_AModuleComputesInFloat32()
    {
        ChainFamily family = SmallSpaces.WithModule(SmallSpaces.Normed(normalize: true));
        using Network network = family.Supernet(Sizes, CPU, RandomStream.Derive(1, "weights"));
        using Tensor images = randn([4, 3, 8, 8], generator: new Generator(3));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Architecture path = family.Space.Parse("normed-conv");
        Tensor exact = network.Forward(images, path, training: true);
        network.Precision = Precision.BFloat16;
        Assert.True(network.Forward(images, path, training: true).allclose(exact, rtol: 0.05, atol: 0.05));
    }

    [Fact]
    public void CostThatIsNotTheModules_IsRefused()
    {
        ChainFamily family = SmallSpaces.WithModule(Operation.Module(
            "wrong", shape => new NormedConvolution(shape.Inputs), shape => Cost.OfBatchNorm(shape.Inputs), ShapeChange.None));
        var error = Assert.Throws<SpaceDefinitionException>(() => family.Supernet(Sizes, CPU, RandomStream.Derive(1, "weights")));
        Assert.Contains("operation wrong has 156 parameters", error.Message, StringComparison.Ordinal);
        Assert.Contains("its cost says 8", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<SpaceDefinitionException>(() =>
            SmallSpaces.WithModule(Operation.Module("wrong", _ => nn.Identity(), _ => new Cost(0, -1), ShapeChange.None)));
        Assert.Contains("expected 0 or more", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OutputOfAnotherShape_IsRefused()
    {
        ChainFamily family = SmallSpaces.WithModule(Operation.Module("pool", _ => nn.AvgPool2d(2), _ => default, ShapeChange.None));
        using Network network = family.Supernet(Sizes, CPU, RandomStream.Derive(1, "weights"));
        using Tensor images = randn([4, 3, 8, 8]);
        var error = Assert.Throws<SpaceDefinitionException>(() => network.Forward(images, family.Space.Parse("pool-skip"), training: true));
        Assert.Contains("operation pool gave 4×4×4×4", error.Message, StringComparison.Ordinal);
        Assert.Contains("expected 4×4×8×8", error.Message, StringComparison.Ordinal);
    }

    private static byte[][] Bytes(Network network) => [.. network.State().Select(entry => TinyTraining.Bytes(entry.Tensor))];
}
