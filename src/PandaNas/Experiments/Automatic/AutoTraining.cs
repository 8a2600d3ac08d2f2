using PandaNas.Data.Folders;
using PandaNas.Experiments.Options;

namespace PandaNas.Experiments.Automatic;

/// <summary>The options of the trainings of a plan.</summary>
internal static class AutoTraining
{
    // No training that is only timed ends, nor its rate of learning falls.
    private const int Endless = 10_000;

    /// <summary>What all trainings have in common, before anything is decided.</summary>
    /// <param name="options">Time and limits.</param>
    /// <param name="data">The images, as FORMAT:PATH.</param>
    public static SupernetOptions Of(AutoOptions options, string data) => (new SupernetOptions
    {
        Catalog = options.Catalog,
        Preset = AutoRules.Preset,
        Data = data,
        ImageSize = 0,
        SkipCorrupt = true,
        CacheFolder = options.CacheFolder,
        // Nothing of a supernet is used but its sizes, images and seed.
        Epochs = 0,
        Seed = options.Seed,
        Threads = options.Threads,
        Device = options.Device,
        // What is faster now need not be found faster when a killed run begins its next stage.
        Precision = PrecisionChoice.Float32,
    }).Settle();

    /// <summary>The same of a plan: the run in which its search is made.</summary>
    /// <param name="options">Time and limits.</param>
    /// <param name="data">The images, as FORMAT:PATH.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="split">How the images are divided; null where they have parts of their own.</param>
    public static SupernetOptions Of(AutoOptions options, string data, AutoPlan plan, FolderSplit? split) =>
        Of(options, data) with
        {
            ImageSize = plan.ImageSize,
            WidthMultiplier = plan.Known.Width,
            Balance = plan.Balances,
            // A share would bound them.
            ValidationImages = plan.Images.HeldOut,
            ValidationShare = 1,
            Split = split,
        };

    /// <summary>A training of a network by itself that is only timed.</summary>
    /// <param name="training">What all trainings have in common.</param>
    /// <param name="images">The images; null before they were seen.</param>
    public static RetrainOptions Alone(SupernetOptions training, AutoImages? images) => (new RetrainOptions
    {
        Epochs = Endless,
        BatchSize = AutoRules.BatchSize,
        LeastSteps = TrainingRunOptions.UsualLeastSteps,
        HoldOut = images?.HeldOut ?? 0,
    }).From(training).Settle();

    /// <summary>The same of a network of a plan.</summary>
    /// <param name="training">What all trainings have in common.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="network">The network.</param>
    public static RetrainOptions Alone(SupernetOptions training, AutoPlan plan, AutoNetwork network) => Alone(training, plan.Images) with
    {
        WidthMultiplier = network.Width,
        TrainImages = plan.TrainingImages,
    };

    /// <summary>A training of a network of a plan.</summary>
    /// <param name="training">What all trainings have in common.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="network">The network.</param>
    /// <param name="epochs">Its epochs.</param>
    public static RetrainOptions Of(SupernetOptions training, AutoPlan plan, AutoNetwork network, int epochs) =>
        Alone(training, plan, network) with
        {
            Epochs = epochs,
            CheckpointEvery = AutoRules.EpochsToSave((plan.SecondsOf(AutoPlan.Training) - plan.Speed.Open) / epochs),
        };
}
