using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Data.Augmenting;
using PandaNas.Data.Formats;
using PandaNas.Data.Images;
using PandaNas.Experiments.Methods;
using PandaNas.Runtime.Torch;
using PandaNas.Supernets;
using PandaNas.Training;

namespace PandaNas.Experiments.Options;

/// <summary>
/// Every option of a run, once: presets, YAML files, flags, help texts and the stored options are all made from this table.
/// </summary>
public static class OptionTable
{
    // More names than these make the column of a help text too wide for their place there.
    private const int LongestAlternative = 3;

    /// <summary>The most epochs that options allow.</summary>
    public const int MostEpochs = 100_000;

    private const OptionScope Network = OptionScope.All;
    private const OptionScope Training = OptionScope.Training;
    private const OptionScope Supernet = OptionScope.Supernet;
    private const OptionScope Retraining = OptionScope.Retraining;

    /// <summary>All options in the order of the help texts.</summary>
    public static ImmutableArray<OptionDefinition> All { get; } =
    [
        new("space", "NAME|PATH.yaml", $"search space: {string.Join(", ", Catalog.Default.SpaceNames)}, or a file that defines one", Network, o => o.Space.Text, (o, v) => o with { Space = o.Catalog.FindSpace(v) }) { Identity = o => o.Space.Identity },
        Integer("channels", "C: channels of the first stage; 0 is what is usual in the space", Network, 0, 1024, o => o.Channels, (o, v) => o with { Channels = v }),
        Integer("cells", "N: cells a stage, in darts cells in all; 0 is what is usual in the space", Network, 0, 100, o => o.Cells, (o, v) => o with { Cells = v }),
        Name("stem", "small keeps the size of the images, large reduces it at once; auto is large from 64 pixels", Network, ["auto", "small", "large"], o => o.Stem.ToString().ToLowerInvariant(), (o, v) => o with { Stem = Enum.Parse<Stem>(v, ignoreCase: true) }),
        Number("width-multiplier", "proxylessnas: factor on all widths, above 0", Network, double.Epsilon, 10, o => o.WidthMultiplier, (o, v) => o with { WidthMultiplier = v }),
        Text("widths", "N,N,…", "proxylessnas: channels of stem, first block, six stages and head, instead of its own", Network, o => string.Join(',', o.Widths), (o, v) => o with { Widths = ParseWidths(v) }),
        Switch("convolution-bias", "biases in the supernet's convolutions, as released; without effect before batch norm", Supernet, o => o.ConvolutionBias, (o, v) => o with { ConvolutionBias = v }),
        Switch("zero-residuals", "proxylessnas: branches beside a residual connection begin at zero, by the scale of their last batch norm", Training, o => o.ZeroResiduals, (o, v) => o with { ZeroResiduals = v }),
        Text("data", "FORMAT:PATH", $"images; FORMAT is one of {string.Join(", ", Catalog.Default.Formats.Select(format => format.Name))}", Network, o => o.Data, (o, v) => o with { Data = DataSource.Parse(v, o.Catalog.Formats).Absolute().ToString() }),
        Integer("image-size", "side of the images in pixels; 0 keeps those of one square size, fits others to 32 to 224 by their sizes, and streamed ones to 224", Network, 0, 4096, o => o.ImageSize, (o, v) => o with { ImageSize = v }),
        Name("fit", "how pictures of a folder become squares: their middle, the whole squashed, or padded; auto keeps those of one square size unless streamed, and crops others", Training, ["auto", "crop", "squash", "pad"], o => o.Fit.ToString().ToLowerInvariant(), (o, v) => o with { Fit = Enum.Parse<ImageFit>(v, ignoreCase: true) }),
        Text("background", "COLOUR", "what shows through transparent pictures of a folder and fills what padding adds: a name or #RRGGBB", Training, o => o.Background.ToString(), (o, v) => o with { Background = Colour.Parse(v) }),
        Name("stream", "decode the images of a folder for every batch instead of once; auto does from 1 GiB of decoded images on", Training, ["auto", "on", "off"], o => o.Stream.ToString().ToLowerInvariant(), (o, v) => o with { Stream = Enum.Parse<StreamingChoice>(v, ignoreCase: true) }),
        Integer("workers", "threads that decode streamed images ahead of their use, yielding to torch's; 0 is one a processor. The bits do not depend on it", Training, 0, 1024, o => o.Workers, (o, v) => o with { Workers = v }),
        Switch("skip-corrupt", "leave damaged files of an image folder out, and say how many", Training, o => o.SkipCorrupt, (o, v) => o with { SkipCorrupt = v }),
        Text("cache", "PATH", "folder for decoded images; the default is the user's cache folder", Training, o => o.CacheFolder ?? "", (o, v) => o with { CacheFolder = v.Length == 0 ? null : Path.GetFullPath(v) }),
        Name("protocol", "split holds training images out for ranking; released trains on all and ranks on the test images", Supernet, ["split", "released"], o => Lower(o.Protocol), (o, v) => o with { Protocol = Enum.Parse<Protocol>(v, ignoreCase: true) }),
        Name("idx-transpose", "exchange rows and columns of the pictures in IDX files; auto does for EMNIST's, which are stored so", Training, ["auto", "on", "off"], o => o.IdxTranspose is { } on ? on ? "on" : "off" : "auto", (o, v) => o with { IdxTranspose = v == "auto" ? null : v == "on" }),
        Number("test-share", "share of test images of a folder without train and test folders, above 0 and below 1", Training, double.Epsilon, 0.999999, o => o.TestShare, (o, v) => o with { TestShare = v }),
        Integer("train-images", "training images used, a stratified part; 0 is all that are not held out. Takes a preset's most-train-images away", Training, 0, int.MaxValue, o => o.TrainImages, (o, v) => o with { TrainImages = v, MostTrainImages = 0 }),
        Integer("most-train-images", "the same, but at most these; 0 is no limit", Training, 0, int.MaxValue, o => o.MostTrainImages, (o, v) => o with { MostTrainImages = v }),
        Integer("validation-images", "training images held out for ranking and search; 0 is a tenth. Takes a preset's validation-share away", Supernet, 0, int.MaxValue, o => o.ValidationImages, (o, v) => o with { ValidationImages = v, ValidationShare = 1 }),
        Number("validation-share", "the largest share of the training images that is held out, whatever validation-images says; 1 is no limit", Supernet, double.Epsilon, 1, o => o.ValidationShare, (o, v) => o with { ValidationShare = v }),
        Switch("balance", "weight the loss of every image by the rarity of its class, so that all classes count alike", Training, o => o.Balance, (o, v) => o with { Balance = v }),
        new("method", "NAME", $"how paths and data are sampled and steps made: {string.Join(", ", Catalog.Default.MethodNames)}", Supernet, o => o.Method, (o, v) => o with { Method = o.Catalog.FindMethod(v).Name }),
        Integer("epochs", "passes over the training images", Training, 1, MostEpochs, o => o.Training.Epochs, (o, v) => o with { Training = o.Training with { Epochs = v } }),
        Integer("batch-size", "images a step, at most the training images. Sets least-steps to 0", Training, 2, 1 << 20, o => o.Training.BatchSize, (o, v) => o with { Training = o.Training with { BatchSize = v }, LeastSteps = 0 }),
        Integer("least-steps", "lower the batch size, to no less than 2, until an epoch has these steps; 0 does not", Training, 0, 1_000_000, o => o.LeastSteps, (o, v) => o with { LeastSteps = v }),
        Number("learning-rate", "of the first epoch; falls to 0 along a cosine; above 0", Training, double.Epsilon, 100, o => o.Training.LearningRate, (o, v) => o with { Training = o.Training with { LearningRate = v } }),
        Number("momentum", "0 to below 1", Training, 0, 0.999999, o => o.Training.Momentum, (o, v) => o with { Training = o.Training with { Momentum = v } }),
        Switch("nesterov", "Nesterov's momentum", Training, o => o.Training.Nesterov, (o, v) => o with { Training = o.Training with { Nesterov = v } }),
        Number("weight-decay", "L2 coefficient, 0 to 1", Training, 0, 1, o => o.Training.WeightDecay, (o, v) => o with { Training = o.Training with { WeightDecay = v } }),
        Number("clip-norm", "largest norm of all gradients together; 0 is no clipping", Training, 0, 1e9, o => o.Training.ClipNorm, (o, v) => o with { Training = o.Training with { ClipNorm = v } }),
        Integer("crop-padding", "zero padding in pixels for the random crop; -1 is an eighth of the side, and none for streamed images", Training, -1, 1024, o => o.CropPadding, (o, v) => o with { CropPadding = v }),
        Switch("flip", "mirror half of the training images", Training, o => o.Flip, (o, v) => o with { Flip = v }),
        Integer("cutout", "side in pixels of a square cut out of every training image; 0 is none", Training, 0, 4096, o => o.Cutout, (o, v) => o with { Cutout = v }),
        Number("crop-scale", "streamed images: smallest share of the area that the random crop keeps, above 0 to 1", Training, double.Epsilon, 1, o => o.CropScale, (o, v) => o with { CropScale = v }),
        Text("color-jitter", "B,C,S,H", "streamed images: random brightness, contrast, saturation and hue, for example 0.4,0.4,0.4,0.1", Training, o => o.ColorJitter.ToString(), (o, v) => o with { ColorJitter = ColorJitter.Parse(v) }),
        Switch("auto-augment", "streamed images: AutoAugment's policy for ImageNet", Training, o => o.AutoAugment, (o, v) => o with { AutoAugment = v }),
        Text("rand-augment", "N,M", "streamed images: RandAugment with N operations of magnitude M, 0 to 30, for example 2,9", Training, o => o.RandAugment?.ToString() ?? "", (o, v) => o with { RandAugment = v.Length == 0 ? null : RandAugment.Parse(v) }),
        Name("path-norms", "measure gradient norms after or before clipping", Supernet, ["after-clipping", "before-clipping"], o => o.Training.PathNorms == PathNormPoint.AfterClipping ? "after-clipping" : "before-clipping", (o, v) => o with { Training = o.Training with { PathNorms = v == "after-clipping" ? PathNormPoint.AfterClipping : PathNormPoint.BeforeClipping } }),
        Switch("importance-correction", "weight each loss by 1/(N q), which removes the bias of data sampling", Supernet, o => o.Training.ImportanceCorrection, (o, v) => o with { Training = o.Training with { ImportanceCorrection = v } }),
        Name("path-schedule", "how path sampling's confidence in its norms grows over the epochs", Supernet, ConfidenceSchedules.Names, o => o.PathSchedule, (o, v) => o with { PathSchedule = v }),
        Number("path-confidence", "its largest value, 0 to 1", Supernet, 0, 1, o => o.PathConfidence, (o, v) => o with { PathConfidence = v }),
        Switch("carry-norms", "keep running gradient norms from epoch to epoch; as released they start anew", Supernet, o => o.CarryNorms, (o, v) => o with { CarryNorms = v }),
        Name("data-schedule", "how data sampling's confidence in its importances grows over the epochs", Supernet, ConfidenceSchedules.Names, o => o.DataSchedule, (o, v) => o with { DataSchedule = v }),
        Number("data-confidence", "its largest value, 0 to 1", Supernet, 0, 1, o => o.DataConfidence, (o, v) => o with { DataConfidence = v }),
        Switch("carry-importances", "keep running importances from epoch to epoch; as released they start anew", Supernet, o => o.CarryImportances, (o, v) => o with { CarryImportances = v }),
        Integer("adaptation-steps", "sumnas: SGD steps of each path, with learning-rate throughout and no weight decay", Supernet, 1, 100, o => o.AdaptationSteps, (o, v) => o with { AdaptationSteps = v }),
        Number("outer-learning-rate", "sumnas: of the outer update in the first epoch; falls to 0 along a cosine; above 0", Supernet, double.Epsilon, 100, o => o.OuterLearningRate, (o, v) => o with { OuterLearningRate = v }),
        Number("outer-weight-decay", "sumnas: L2 coefficient of the outer update, in place of weight-decay, 0 to 1", Supernet, 0, 1, o => o.OuterWeightDecay, (o, v) => o with { OuterWeightDecay = v }),
        Integer("bn-calibration-batches", "training batches on which running statistics are made anew for every architecture evaluated; 0 normalises by batch statistics instead, -1 is what is usual in the space", Supernet, -1, 100_000, o => o.BnCalibrationBatches, (o, v) => o with { BnCalibrationBatches = v }),
        Number("label-smoothing", "share of each label that is spread over all classes, 0 to below 1", Training, 0, 0.999999, o => o.Training.LabelSmoothing, (o, v) => o with { Training = o.Training with { LabelSmoothing = v } }),
        Switch("exempt-norms", "no weight decay for biases and for batch norm's scale and shift", Training, o => o.Training.ExemptNorms, (o, v) => o with { Training = o.Training with { ExemptNorms = v } }),
        Integer("warm-up-epochs", "epochs in which the learning rate rises to its value; fewer than epochs", Training, 0, 100_000, o => o.Training.WarmUpEpochs, (o, v) => o with { Training = o.Training with { WarmUpEpochs = v } }),
        Number("average-decay", "of the exponential moving average of weights that is scored and saved; 0 is none", Retraining, 0, 0.999999999, o => o.Training.AverageDecay, (o, v) => o with { Training = o.Training with { AverageDecay = v } }),
        Number("auxiliary-weight", "darts: weight of the auxiliary head's loss; 0 is no head", Retraining, 0, 100, o => o.Training.AuxiliaryWeight, (o, v) => o with { Training = o.Training with { AuxiliaryWeight = v } }),
        Number("drop-path", "not in nasbench201: probability of dropping a branch in the last epoch, rising from 0; 0 to below 1", Retraining, 0, 0.999999, o => o.Training.DropPath, (o, v) => o with { Training = o.Training with { DropPath = v } }),
        Integer("variance-every", "epochs between measurements of the gradient variance, into the log; 0 is never. Training's bits stay the same", Supernet, 0, 100_000, o => o.VarianceEvery, (o, v) => o with { VarianceEvery = v }),
        Integer("variance-samples", "gradients a pair of distributions that such a measurement takes", Supernet, GradientVarianceEstimator.FewestSamples, 1_000_000, o => o.VarianceSamples, (o, v) => o with { VarianceSamples = v }),
        Integer("checkpoint-every", "epochs between checkpoints", Training, 1, 100_000, o => o.CheckpointEvery, (o, v) => o with { CheckpointEvery = v }),
        new("seed", "N", "decides every random number", Training, o => o.Seed.ToString(CultureInfo.InvariantCulture), (o, v) => o with { Seed = ParseSeed(v) }),
        Integer("threads", "threads of torch; 0 is one a processor. Results are the same bits for the same number", Training, 0, 1024, o => o.Threads, (o, v) => o with { Threads = v }),
        Name("precision", "type of activations and convolutions; auto measures both before the first step and takes the faster if they agree", Training, ["auto", "float32", "bfloat16"], o => PrecisionResolver.NameOf(o.Precision), (o, v) => o with { Precision = Enum.Parse<PrecisionChoice>(v, ignoreCase: true) }),
        Text("device", "DEVICE", "cpu, cuda or cuda:INDEX (cuda needs a build with -p:Torch=cuda)", Training, o => o.Device, (o, v) => o with { Device = TorchRuntime.CheckDeviceName(v) }),
    ];

    /// <summary>What may change when a run is continued: where things are, how fast and what is recorded, not what is computed.</summary>
    public static ImmutableArray<string> Adjustable { get; } = ["data", "cache", "workers", "threads", "device", "checkpoint-every", "variance-every", "variance-samples"];

    /// <summary>What may be chosen anew when a finished run is evaluated: where things are and how they are computed.</summary>
    public static ImmutableArray<string> OfEvaluation { get; } = ["data", "cache", "workers", "threads", "precision", "device"];

    /// <summary>The first option by which two sets of options would compute different things; null when there is none.</summary>
    public static OptionDefinition? FirstDifference(ExperimentOptions one, ExperimentOptions other, OptionScope scope) =>
        All.FirstOrDefault(option => (option.Scope & scope) != 0 && !Adjustable.Contains(option.Key) && option.Identity(one) != option.Identity(other));

    /// <summary>The definition of a key.</summary>
    /// <param name="key">The key as written.</param>
    /// <param name="place">Where it was written, for the error message.</param>
    /// <exception cref="BadOptionException">There is no such key; the message names the nearest one.</exception>
    public static OptionDefinition Find(string key, string place)
    {
        ArgumentNullException.ThrowIfNull(key);
        return All.FirstOrDefault(option => option.Key == key)
            ?? throw new BadOptionException($"{place}: unknown key '{key}'. Did you mean '{NearestName.Of(key, All.Select(option => option.Key))}'?");
    }

    /// <summary>The options with one more value.</summary>
    /// <param name="options">What is changed.</param>
    /// <param name="key">The option's key.</param>
    /// <param name="text">The value as text.</param>
    /// <param name="place">Where it was written, for the error message.</param>
    /// <exception cref="BadOptionException">The key is unknown or the value impossible.</exception>
    public static ExperimentOptions With(ExperimentOptions options, string key, string text, string place)
    {
        OptionDefinition definition = Find(key, place);
        try
        {
            return definition.Write(options, text);
        }
        catch (BadOptionException error)
        {
            throw new BadOptionException($"{place}: {key}: {error.Message}", error);
        }
    }

    private static OptionDefinition Integer(
        string key, string help, OptionScope scope, int smallest, int largest, Func<ExperimentOptions, int> read, Func<ExperimentOptions, int, ExperimentOptions> write) =>
        new(key, "N", help, scope, o => read(o).ToString(CultureInfo.InvariantCulture), (o, text) => write(o, ParseInteger(text, smallest, largest)));

    private static OptionDefinition Number(
        string key, string help, OptionScope scope, double smallest, double largest, Func<ExperimentOptions, double> read, Func<ExperimentOptions, double, ExperimentOptions> write) =>
        new(key, "X", help, scope, o => read(o).ToString("R", CultureInfo.InvariantCulture), (o, text) => write(o, ParseNumber(text, smallest, largest)));

    private static OptionDefinition Switch(
        string key, string help, OptionScope scope, Func<ExperimentOptions, bool> read, Func<ExperimentOptions, bool, ExperimentOptions> write) =>
        new(key, "true|false", help, scope, o => read(o) ? "true" : "false", (o, text) => write(o, ParseSwitch(text)));

    private static OptionDefinition Name(
        string key, string help, OptionScope scope, IReadOnlyList<string> names, Func<ExperimentOptions, string> read, Func<ExperimentOptions, string, ExperimentOptions> write) =>
        names.Count <= LongestAlternative
            ? new(key, string.Join('|', names), help, scope, read, (o, text) => write(o, ParseName(text, names)))
            : new(key, "NAME", $"{help}: {string.Join(", ", names)}", scope, read, (o, text) => write(o, ParseName(text, names)));

    private static OptionDefinition Text(
        string key, string valueName, string help, OptionScope scope, Func<ExperimentOptions, string> read, Func<ExperimentOptions, string, ExperimentOptions> write) =>
        new(key, valueName, help, scope, read, write);

    private static int ParseInteger(string text, int smallest, int largest) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= smallest && value <= largest
            ? value
            : throw new BadOptionException($"'{text}' is not a whole number {(largest == int.MaxValue ? $"of at least {smallest}" : $"from {smallest} to {largest}")}");

    private static double ParseNumber(string text, double smallest, double largest) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= smallest && value <= largest
            ? value
            : throw new BadOptionException($"'{text}' is not a number {(smallest == double.Epsilon ? "above 0" : $"from {smallest}")} to {largest}");

    private static bool ParseSwitch(string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw new BadOptionException($"'{text}' is neither true nor false"),
    };

    private static string ParseName(string text, IReadOnlyList<string> names) =>
        names.Contains(text)
            ? text
            : throw new BadOptionException($"'{text}' is unknown. Did you mean '{NearestName.Of(text, names)}'? Possible: {string.Join(", ", names)}");

    private static ImmutableArray<int> ParseWidths(string text) =>
        text.Length == 0 ? [] : [.. text.Split(',').Select(width => ParseInteger(width.Trim(), 1, 1 << 14))];

    private static long ParseSeed(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new BadOptionException($"'{text}' is not a whole number");

    private static string Lower(Protocol protocol) => protocol == Protocol.Split ? "split" : "released";
}
