using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Data;

namespace PandaNas.Tests.Experiments.Scoring;

public sealed class SupernetEvaluationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ImagesThatAreNotKept_ScoreAsThoseThatAre()
    {
        var options = new SupernetOptions
        {
            Channels = 2,
            Cells = 1,
            ImageSize = 8,
            TrainImages = 100,
            ValidationImages = 1100,
            Epochs = 1,
            BatchSize = 50,
            Threads = 1,
            Precision = PrecisionChoice.Float32,
        };
        SupernetExperiment.Train(options, _folder["run"], resume: false, RunContext.Quiet);
        double[] kept = Accuracies(long.MaxValue), partly = Accuracies(150_000), none = Accuracies(0);
        Assert.Equal(kept, partly);
        Assert.Equal(kept, none);
        Assert.True(kept.Distinct().Count() > 1);
    }

    private double[] Accuracies(long mostKeptBytes)
    {
        // Nothing is taken from the scores of the time before.
        if (Directory.Exists(_folder["run", "scores"])) Directory.Delete(_folder["run", "scores"], recursive: true);
        using SupernetEvaluation supernet = SupernetEvaluation.Open(
            _folder["run"], 0, 0, stored => stored, RunContext.Quiet, mostKeptBytes);
        NasBench201Space space = NasBench201Space.Instance;
        return [.. Enumerable.Range(0, 6).Select(i => supernet.Accuracy(space.At(2600 * i))), supernet.On(200).Accuracy(space.At(1))];
    }
}
