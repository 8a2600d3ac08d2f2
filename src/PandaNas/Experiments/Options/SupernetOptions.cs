using PandaNas.Ranking.Rankers;
using PandaNas.Training;

namespace PandaNas.Experiments.Options;

/// <summary>Which images train, which rank and which test.</summary>
public enum Protocol
{
    /// <summary>
    /// A stratified part of the training images is held out for ranking and search; test images score the retrained network only.
    /// </summary>
    Split,

    /// <summary>As the released code of PA&amp;DA: all training images train and the test images rank.</summary>
    Released,
}

/// <summary>How a supernet is trained.</summary>
/// <example><code>new SupernetOptions { Preset = "nasbench201-cpu", Epochs = 30 }</code></example>
public sealed record SupernetOptions : TrainingRunOptions, ITrainingOptions
{
    /// <summary>
    /// Passes over the training images. 0 trains nothing: the run then is for rankers that take no trained supernet, and for labels.
    /// </summary>
    [Option("epochs", "passes over the training images; 0 trains nothing, for rankers that take no trained supernet",
        Group = OptionGroup.Training, IsUsual = true, Least = 0, Most = MostEpochs)]
    public override int Epochs { get => base.Epochs; init => base.Epochs = value; }

    /// <summary>Which images train, rank and test.</summary>
    [Option("protocol", "split holds training images out for ranking; released trains on all and ranks on the test images",
        Group = OptionGroup.Data)]
    public Protocol Protocol { get => Get(Protocol.Split); init => Set(value); }

    /// <summary>
    /// Images held out of the training images for ranking and search; 0 is a tenth of them. Protocol Split only, and where the data has
    /// no validation images of its own.
    /// </summary>
    [Option("validation-images", "training images held out for ranking and search; 0 is a tenth. Takes a preset's validation-share away",
        Group = OptionGroup.Data, Unit = "images", Least = 0)]
    public int ValidationImages { get => Get(0); init => Set(value); }

    /// <summary>
    /// The largest share of the training images that is held out, whatever <see cref="ValidationImages"/> says; 1 is no limit.
    /// </summary>
    [Option("validation-share", "the largest share of the training images that is held out, whatever validation-images says; 1 is no limit",
        Group = OptionGroup.Data, Above = 0, Most = 1)]
    public double ValidationShare { get => Get(1.0, unless: nameof(ValidationImages), otherwise: 1); init => Set(value); }

    /// <summary>Whether the supernet's convolutions carry a bias.</summary>
    [Option("convolution-bias", "biases in the supernet's convolutions, as released; without effect before batch norm",
        Group = OptionGroup.Network)]
    public bool ConvolutionBias { get => Get(false); init => Set(value); }

    /// <summary>
    /// Whether operations of one kind at one place of the supernet share their convolutions' weights: small windows are the middle of
    /// large ones, few channels the first of many (weight entanglement; Chen et al. 2021, AutoFormer).
    /// </summary>
    [Option(
        "weight-entanglement",
        "operations of one kind at one place share weights: small kernels are the middle of large ones, few channels the "
        + "first of many",
        Group = OptionGroup.Network)]
    public bool WeightEntanglement { get => Get(false); init => Set(value); }

    /// <summary>Name of the training method.</summary>
    [Option("method", "how paths and data are sampled and steps made", Group = OptionGroup.Method, IsUsual = true, Names = NameKind.Method)]
    public string Method { get => Get("panda"); init => Set(value); }

    /// <summary>Where path sampling measures gradient norms.</summary>
    [Option("path-norms", "measure gradient norms after or before clipping", Group = OptionGroup.Method)]
    public PathNormPoint PathNorms { get => Get(PathNormPoint.AfterClipping); init => Set(value); }

    /// <summary>Whether each loss is weighted by 1/(N·q).</summary>
    [Option("importance-correction", "weight each loss by 1/(N q), which removes the bias of data sampling", Group = OptionGroup.Method)]
    public bool ImportanceCorrection { get => Get(false); init => Set(value); }

    /// <summary>The name of the schedule by which δ, path sampling's confidence in its norms, grows.</summary>
    [Option("path-schedule", "how path sampling's confidence in its norms grows over the epochs",
        Group = OptionGroup.Method, Names = NameKind.Schedule)]
    public string PathSchedule { get => Get("linear"); init => Set(value); }

    /// <summary>The largest δ: its schedule is multiplied by this.</summary>
    [Option("path-confidence", "its largest value", Group = OptionGroup.Method, Least = 0, Most = 1)]
    public double PathConfidence { get => Get(1.0); init => Set(value); }

    /// <summary>Whether running gradient norms go on from epoch to epoch.</summary>
    [Option("carry-norms", "keep running gradient norms from epoch to epoch; as released they start anew", Group = OptionGroup.Method)]
    public bool CarryNorms { get => Get(false); init => Set(value); }

    /// <summary>The name of the schedule by which τ, data sampling's confidence in its importances, grows.</summary>
    [Option("data-schedule", "how data sampling's confidence in its importances grows over the epochs",
        Group = OptionGroup.Method, Names = NameKind.Schedule)]
    public string DataSchedule { get => Get("linear"); init => Set(value); }

    /// <summary>The largest τ: its schedule is multiplied by this.</summary>
    [Option("data-confidence", "its largest value", Group = OptionGroup.Method, Least = 0, Most = 1)]
    public double DataConfidence { get => Get(1.0); init => Set(value); }

    /// <summary>Whether running importances go on from epoch to epoch.</summary>
    [Option("carry-importances", "keep running importances from epoch to epoch; as released they start anew", Group = OptionGroup.Method)]
    public bool CarryImportances { get => Get(false); init => Set(value); }

    /// <summary>Inner steps per path of SUMNAS.</summary>
    [Option("adaptation-steps", "sumnas: SGD steps of each path, with learning-rate throughout and no weight decay",
        Group = OptionGroup.Method, Unit = "steps", Least = 1, Most = 100)]
    public int AdaptationSteps { get => Get(2); init => Set(value); }

    /// <summary>Learning rate of SUMNAS's outer update in the first epoch.</summary>
    [Option("outer-learning-rate", "sumnas: of the outer update in the first epoch; falls to 0 along a cosine",
        Group = OptionGroup.Method, Above = 0, Most = 100)]
    public double OuterLearningRate { get => Get(1.0); init => Set(value); }

    /// <summary>L2 coefficient of SUMNAS's outer update.</summary>
    [Option("outer-weight-decay", "sumnas: L2 coefficient of the outer update, in place of weight-decay",
        Group = OptionGroup.Method, Least = 0, Most = 1)]
    public double OuterWeightDecay { get => Get(4e-5); init => Set(value); }

    /// <summary>
    /// The last epochs over whose steps the mean of the weights is the supernet's, all where there are fewer; 0 takes the last weights.
    /// </summary>
    [Option("average-epochs", "last epochs of whose weights the supernet is the mean, all where there are fewer; 0 takes the last weights",
        Group = OptionGroup.Method, Unit = "epochs", Least = 0, Most = MostEpochs)]
    public int AverageEpochs { get => Get(0); init => Set(value); }

    /// <summary>
    /// Batches of training images on which running statistics are made anew before an architecture is evaluated; 0 is a supernet that
    /// normalises by batch statistics, -1 what is usual in the space.
    /// </summary>
    [Option(
        "bn-calibration-batches",
        "training batches on which running statistics are made anew for every architecture evaluated; 0 normalises by "
        + "batch statistics instead, -1 is what is usual in the space",
        Group = OptionGroup.Network, Unit = "batches", Least = -1, Most = 100_000)]
    public int BnCalibrationBatches { get => Get(-1); init => Set(value); }

    /// <summary>Epochs between measurements of the gradient variance; 0 is never.</summary>
    [Option(
        "variance-every",
        "epochs between measurements of the gradient variance, into the log; 0 is never. Training's bits stay the same",
        Group = OptionGroup.Run, Unit = "epochs", Least = 0, Most = MostEpochs, MayChange = true)]
    public int VarianceEvery { get => Get(0); init => Set(value); }

    /// <summary>Gradients that each of those measurements takes from every pair of distributions.</summary>
    [Option("variance-samples", "gradients per pair of distributions that such a measurement takes",
        Group = OptionGroup.Run, Unit = "gradients", Least = GradientVarianceEstimator.FewestSamples, Most = 1_000_000, MayChange = true)]
    public int VarianceSamples { get => Get(100); init => Set(value); }

    /// <summary>The ranker of those who rank or search with this supernet.</summary>
    /// <param name="asked">What they ask for; null is that of the space, without the supernet's scores if it is not trained.</param>
    /// <exception cref="BadOptionException">It is none, or takes a trained supernet and this one is not.</exception>
    internal string RankerOf(string? asked)
    {
        RankerFormula ranker = Catalog.FindRanker(asked ?? Family.Ranker);
        if (Epochs > 0 || !ranker.NeedsSupernet) return ranker.ToString();
        if (asked is null && ranker.WithoutSupernet is { } left) return left.ToString();
        IEnumerable<string> possible = Catalog.Scores.Where(score => !score.IsOfSupernet).Select(score => score.Name);
        throw new BadOptionException(
            "ranker",
            $"{Mention.Option("ranker")} {(asked is null ? $"of {Family.Space.Name} is, unless given," : "is")} '{ranker}', which takes a "
            + $"trained supernet, and this one was trained for 0 epochs: choose of {string.Join(", ", possible)}, or train one");
    }

    /// <summary>The options over those with which a run was started.</summary>
    internal SupernetOptions OverStored(SupernetOptions stored) =>
        (SupernetOptions)OverRun(stored, _ => true) with { Split = stored.Split };
}
