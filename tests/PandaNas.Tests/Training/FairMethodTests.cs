using PandaNas.Costs;
using PandaNas.Data.Batches;
using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Spaces;
using PandaNas.Training;
using static PandaNas.Tests.Training.TinyTraining;
using static TorchSharp.torch;

namespace PandaNas.Tests.Training;

/// <summary>What the fair methods train, seen by the network itself.</summary>
public sealed class FairMethodTests
{
    private const int Candidates = 3, Choices = 2;

    [Theory]
    [InlineData("fairnas", 1)]
    [InlineData("sumnas", 2)]
    public void EveryOperationOfEveryChoice_IsTrainedOnceAStep(string method, int passesPerPath)
    {
        List<List<Architecture>> steps = Train(method);
        Assert.All(steps, paths =>
        {
            // A path's passes follow each other.
            Architecture[] distinct = [.. paths.Where((_, pass) => pass % passesPerPath == 0)];
            Assert.Equal(paths, distinct.SelectMany(path => Enumerable.Repeat(path, passesPerPath)));
            for (int choice = 0; choice < Choices; choice++)
                Assert.Equal(Enumerable.Range(0, Candidates), distinct.Select(path => path[choice]).Order());
        });
        Assert.True(
            steps.Select(paths => string.Join(' ', paths)).Distinct().Count() > steps.Count / 2,
            "the permutations are drawn anew in every step");
    }

    [Fact]
    public void ReleasedDefect_TrainsThePathsOfTheFirstStepAllEpochLong()
    {
        const int StepsAnEpoch = 4;
        string[] steps = [.. Train("fairnas-released").Select(paths => string.Join(' ', paths))];
        string[] epochs = [.. steps.Chunk(StepsAnEpoch).Select(epoch => Assert.Single(epoch.Distinct()))];
        Assert.True(epochs.Distinct().Count() > 1);
    }

    private static List<List<Architecture>> Train(string name)
    {
        using ImageSet images = RandomImages();
        using var network = new AdditiveNetwork(192, 3, [.. Enumerable.Repeat(Candidates, Choices)]);
        var setting = new MethodSetting(network.Space, _ => new Cost(0, 0), Examples, new());
        TrainingMethod method = Catalog.Default.FindMethod(name);
        var batches = new BatchMaker(images, ChannelStatistics.Of(images), Augmentation.None);
        using var trainer = new Trainer(
            network, batches, method.Paths(setting), method.Data(setting),
            new SupernetOptions { Epochs = 5, BatchSize = 6, LearningRate = 0.001 }, 1, CPU, TimeProvider.System,
            method.Update(setting, network));
        List<List<Architecture>> steps = [];
        while (!trainer.IsFinished)
            trainer.RunEpoch(TestContext.Current.CancellationToken, () =>
            {
                steps.Add([.. network.Paths]);
                network.Paths.Clear();
            });
        return steps;
    }
}
