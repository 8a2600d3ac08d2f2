using PandaNas.Experiments.Options;
using PandaNas.Messages;
using PandaNas.Searching;

namespace PandaNas.Tests.Experiments.Options;

public sealed class OptionSetTests
{
    private static readonly Type[] Sets =
    [
        typeof(SupernetOptions), typeof(RetrainOptions), typeof(CostOptions), typeof(LatencyOptions),
        typeof(RankOptions), typeof(SearchOptions), typeof(ComparisonOptions), typeof(VarianceOptions),
    ];

    [Fact]
    public void ExplicitValues_WinOverThoseOfAPreset_InAnyOrder()
    {
        SupernetOptions before = new() { Epochs = 3, Preset = "nasbench201-cpu" }, after = new() { Preset = "nasbench201-cpu", Epochs = 3 };

        Assert.Equal((3, 16, 5000), (before.Epochs, before.ImageSize, before.ValidationImages));
        Assert.Equal(before, after);
        Assert.NotEqual(before, after with { Epochs = 4 });
    }

    [Fact]
    public void Files_StandBetweenPresetAndExplicitValues()
    {
        using var folder = new Data.TemporaryFolder();
        File.WriteAllText(folder["mine.yaml"], "epochs: 7\nseed: 5\naverage-decay: 0.5\n");
        SupernetOptions options = new() { Seed = 9, Config = folder["mine.yaml"], Preset = "nasbench201-cpu" };

        Assert.Equal((9, 7, 16), (options.Seed, options.Epochs, options.ImageSize));
    }

    [Fact]
    public void BatchSize_TakesLeastStepsAway_UnlessBothAreGiven()
    {
        Assert.Equal(20, new SupernetOptions { Preset = "nasbench201-cpu" }.LeastSteps);
        Assert.Equal(0, new SupernetOptions { Preset = "nasbench201-cpu", BatchSize = 32 }.LeastSteps);
        Assert.Equal(7, new SupernetOptions { LeastSteps = 7, BatchSize = 32 }.LeastSteps);
        Assert.Equal(1, new SupernetOptions { Preset = "nasbench201-cpu", ValidationImages = 10 }.ValidationShare);
        Assert.Equal(0, new SupernetOptions { Preset = "darts-cpu", TrainImages = 10 }.MostTrainImages);
        // Once all is settled a change is only that.
        Assert.Equal(20, (new SupernetOptions().Settle() with { BatchSize = 32 }).LeastSteps);
    }

    [Fact]
    public void Retraining_HasSizesImagesAndSeedOfItsSupernet_AndAProtocolOfItsOwn()
    {
        SupernetOptions supernet = new() { Preset = "nasbench201-cpu", Seed = 4, Epochs = 99, TrainImages = 12 };
        RetrainOptions options = new RetrainOptions { Channels = 5 }.From(supernet);

        Assert.Equal(
            (5, 1, 16, 4, 50, 0, 0.1),
            (options.Channels, options.Cells, options.ImageSize, options.Seed, options.Epochs, options.TrainImages, options.LearningRate));
        // Of a preset it takes sizes.
        Assert.Equal(
            (8, 50),
            (new RetrainOptions { Preset = "nasbench201-cpu" }.Channels, new RetrainOptions { Preset = "nasbench201-cpu" }.Epochs));
    }

    [Fact]
    public void WrongValues_AreRefusedWithPropertyValueAndRange()
    {
        BadOptionException error = Assert.Throws<BadOptionException>(() => new RetrainOptions { Epochs = 0 });
        Assert.Equal(("epochs", "Epochs is '0': expected a whole number from 1 to 100000"), (error.Key, error.Message));
        Assert.Contains("LearningRate is 'NaN'", Message(() => new RetrainOptions { LearningRate = double.NaN }), StringComparison.Ordinal);
        foreach (double share in (double[])[0, 1, double.NaN])
            Assert.Contains("above 0 and below 1", Message(() => new SupernetOptions { TestShare = share }), StringComparison.Ordinal);
        Assert.Contains("Device: 'gpu'", Message(() => new SupernetOptions { Device = "gpu" }), StringComparison.Ordinal);
        Assert.Contains("MaxParameters", Message(() => new SearchOptions { MaxParameters = 0 }), StringComparison.Ordinal);
        Assert.Contains("Widths", Message(() => new SupernetOptions { Widths = [8, 0] }), StringComparison.Ordinal);
        Assert.Contains("Objectives", Message(() => new SearchOptions { Objectives = [(SearchObjective)9] }), StringComparison.Ordinal);
        Assert.Contains("ColorJitter: ", Message(() => new SupernetOptions { ColorJitter = new(0.4, -1, 0, 0) }), StringComparison.Ordinal);
        Assert.Contains("RandAugment: '99,9'", Message(() => new RetrainOptions { RandAugment = new(99, 9) }), StringComparison.Ordinal);
        Assert.Contains("'nasbench201-cpu'", Message(() => new SupernetOptions { Preset = "nasbench201-cpi" }), StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownNamesAndContradictions_AreRefusedBeforeAnyWork()
    {
        Assert.Contains("'panda'", Message(() => new SupernetOptions { Method = "pandas" }.Settle()), StringComparison.Ordinal);
        Assert.Contains(
            "Space: 'nasbench202'", Message(() => new SupernetOptions { Space = "nasbench202" }.Settle()), StringComparison.Ordinal);
        Assert.Contains(
            "WarmUpEpochs is 3", Message(() => new SupernetOptions { Epochs = 3, WarmUpEpochs = 3 }.Settle()), StringComparison.Ordinal);
        Assert.Contains(
            "AutoAugment and RandAugment", Message(() => new RetrainOptions { AutoAugment = true, RandAugment = new(2, 9) }.Settle()),
            StringComparison.Ordinal);
        Assert.Contains("MinTruth needs a truth", Message(() => new RankOptions { MinTruth = 90 }.Settle()), StringComparison.Ordinal);
        Assert.Contains(
            "MaxLatencyMs needs LatencyTable", Message(() => new SearchOptions { MaxLatencyMs = 3 }.Settle()), StringComparison.Ordinal);
        Assert.Contains("'evolution'", Message(() => new SearchOptions { Algorithm = "evolutoin" }.Settle()), StringComparison.Ordinal);
        Assert.Contains(
            "accuracy", Message(() => new SearchOptions { Algorithm = "nsga2", Objectives = [SearchObjective.Params] }.Settle()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void EveryOption_ComesBackFromItsText_AndHasAKeyOfItsOwn() => Assert.All(Sets, type =>
    {
        var options = (OptionSet)Activator.CreateInstance(type)!;
        // An empty path or preset is a mistake where somebody types it; what runs store may be empty.
        bool isRun = options is TrainingRunOptions;
        Assert.All(
            OptionDescription.AllOf(type).Where(option => (isRun && option.IsStored) || option.Text(options).Length > 0),
            option => Assert.Equal(option.Text(options), option.Text(option.WithText(options, option.Text(options)))));
        Assert.Equal(OptionDescription.AllOf(type).Length, OptionDescription.AllOf(type).DistinctBy(option => option.Key).Count());
        Assert.All(OptionDescription.AllOf(type), option => Assert.Matches("^[a-z]+(-[a-z]+)*$", option.Key));
    });

    [Fact]
    public void Messages_NameProperties_Keys_OrWhatACallerSays()
    {
        string text =
            $"{Mention.Option("min-truth")} needs {Mention.Option("cache", "CacheFolder")}: make one{Mention.How(Step.MeasureTable)}.";
        Assert.Equal("MinTruth needs CacheFolder: make one.", Mention.AsProperties(text));
        Assert.Equal("min-truth needs cache: make one.", Mention.AsKeys(text));
        Assert.Equal(
            "--min-truth needs --cache: make one by MeasureTable.",
            Mention.Render(text, (key, _) => $"--{key}", (step, _) => $" by {step}"));
        Assert.Equal("a \uE000 b", Mention.AsProperties("a \uE000 b"));
    }

    private static string Message(Func<object> make) => Assert.Throws<BadOptionException>(make).Message;
}
