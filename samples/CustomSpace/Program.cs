using PandaNas;
using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Stages;
using PandaNas.Samples;

// A space with an operation of one's own and a method put together from parts, through every stage, on the embedded images.
var method = new TrainingMethod(
    "sandwich-da", "the sandwich's paths, images by gradient norm", MethodParts.SandwichPaths, MethodParts.ImportanceData);
Catalog catalog = Catalog.Default.With(GatedSpace.Definition).With(method);
string folder = Directory.CreateTempSubdirectory("custom-space-").FullName;
try
{
    using Supernet supernet = TrainInTwoSittings(Path.Combine(folder, "supernet"));
    SupernetResult training = supernet.Training;
    Console.WriteLine(FormattableString.Invariant(
        $"Trained for {training.Epochs} epochs with {training.Method}: mean accuracy {training.ValidationAccuracy:P1}"));
    RankingResult ranking = supernet.Rank(new RankOptions { Architectures = 10, Images = 300 });
    Console.WriteLine($"Best of {ranking.Count} random ones: {ranking.BestFirst[0].Architecture}");
    SearchResult found = supernet.Search(new() { Population = 8, Generations = 3, Images = 300, MaxParameters = 10_000 });
    Console.WriteLine($"Best of a search among {found.Evaluated}: {found.Best.Architecture}, {found.Best.Parameters} parameters");
    RetrainOptions retraining = new() { Epochs = 3, BatchSize = 64, TrainImages = 2000 };
    using Model model = supernet.Retrain(found.Best, retraining, Path.Combine(folder, "winner"));
    Console.WriteLine(FormattableString.Invariant($"Retrained: test accuracy {model.TestAccuracy:P1}"));

    // What a later process does, with nothing but the folder and the catalog.
    using Model loaded = Model.Load(model.Folder, catalog);
    byte[] grey = [.. Enumerable.Range(0, 28 * 28).Select(i => (byte)(i % 28 * 9))];
    (Prediction now, Prediction later) = (model.Predict(grey, 28, 28), loaded.Predict(grey, 28, 28));
    bool same = now.Probability == later.Probability;
    Console.WriteLine(FormattableString.Invariant(
        $"A gradient looks like '{later.Label}' ({later.Probability:P0}); loaded, the model says {(same ? "the same" : "another")}"));
    return same ? 0 : 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

Supernet TrainInTwoSittings(string run)
{
    SupernetOptions options = new()
    {
        Catalog = catalog,
        Space = "gated",
        Method = "sandwich-da",
        Epochs = 4,
        TrainImages = 2000,
        ValidationImages = 600,
        BatchSize = 64,
    };
    using var pause = new CancellationTokenSource();
    try
    {
        return Supernet.Train(Images.FashionMnistSmall, options, run, new PauseAt(0.4, pause), pause.Token);
    }
    catch (OperationCanceledException)
    {
        return Supernet.Resume(run, catalog);
    }
}

/// <summary>Asks for a pause when a share of the training is done.</summary>
internal sealed class PauseAt(double fraction, CancellationTokenSource pause) : IProgress<RunProgress>
{
    public void Report(RunProgress value)
    {
        if (value.Stage == "train supernet" && value.Fraction > fraction) pause.Cancel();
    }
}
