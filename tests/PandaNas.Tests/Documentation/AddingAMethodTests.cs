using PandaNas.Data.Batches;
using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Training;
using static PandaNas.Tests.Training.TinyTraining;
using static TorchSharp.torch;

namespace PandaNas.Tests.Documentation;

/// <summary>docs/adding-a-method.md: its example is a file of these tests, and works.</summary>
public sealed class AddingAMethodTests
{
    [Fact]
    public void CodeOfTheDocument_IsTheFile()
    {
        string document = File.ReadAllText(RepositoryFile.Path("docs", "adding-a-method.md")).ReplaceLineEndings("\n");
        string code =
            File.ReadAllText(RepositoryFile.Path("tests", "PandaNas.Tests", "Documentation", "TurnsMethod.cs")).ReplaceLineEndings("\n");
        string block = document.Split("```csharp\n")[1].Split("```")[0];
        Assert.Equal(code, block);
    }

    [Fact]
    public void PartsOfTheDocument_Exist()
    {
        string document = File.ReadAllText(RepositoryFile.Path("docs", "adding-a-method.md"));
        string[] files = ["Sampling/IPathSampler", "Sampling/IDataSampler", "Training/IUpdateRule", "Experiments/Methods/MethodParts"];
        foreach (string file in files)
        {
            Assert.Contains($"`{file}`", document, StringComparison.Ordinal);
            Assert.True(File.Exists(RepositoryFile.Path("src", "PandaNas", file + ".cs")));
        }
    }

    [Fact]
    public void TurnsMethod_TakesEveryCandidateInTurn()
    {
        IPathSampler sampler = TurnsPathSampler.Method.Paths(Setting);
        var random = RandomStream.Derive(1, "paths");
        Architecture[] paths = [.. Enumerable.Range(0, 10).Select(_ => Assert.Single(sampler.Sample(random)))];
        for (int choice = 0; choice < paths[0].Candidates.Length; choice++)
        {
            Assert.Equal(Enumerable.Range(0, 5), paths.Take(5).Select(path => path[choice]).Order());
            Assert.Equal(paths.Take(5).Select(path => path[choice]), paths.Skip(5).Select(path => path[choice]));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void TurnsMethod_ResumesWithTheSameBits(int stopAfter)
    {
        using ImageSet images = RandomImages();
        using Network whole = NewNetwork(0), broken = NewNetwork(0), fresh = NewNetwork(1);
        using Trainer uninterrupted = NewTrainer(whole, images), first = NewTrainer(broken, images), second = NewTrainer(fresh, images);
        RunSteps(uninterrupted, 8);
        RunSteps(first, stopAfter);
        second.Restore(first.Capture(), "test");
        RunSteps(second, 8 - stopAfter);
        Assert.Equal(whole.State().Select(entry => Bytes(entry.Tensor)), fresh.State().Select(entry => Bytes(entry.Tensor)));
    }

    private static Trainer NewTrainer(Network network, ImageSet images)
    {
        TrainingMethod method = TurnsPathSampler.Method;
        var batches = new BatchMaker(images, ChannelStatistics.Of(images), Augmentation.None);
        var options = new SupernetOptions { Epochs = 3, BatchSize = 6 };
        return new Trainer(
            network, batches, method.Paths(Setting), method.Data(Setting), options, 1, CPU, TimeProvider.System,
            method.Update(Setting, network));
    }
}
