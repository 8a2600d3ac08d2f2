using PandaNas.Data.Augmenting;
using PandaNas.Data.Batches;
using PandaNas.Data.Folders;
using PandaNas.Data.Resizing;
using PandaNas.Runtime.Torch;

namespace PandaNas.Experiments.Options;

/// <summary>Everything that decides what a training computes, common to supernets and retrained networks.</summary>
public abstract record TrainingRunOptions : SpaceOptions
{
    /// <summary>The most epochs.</summary>
    internal const int MostEpochs = 100_000;

    /// <summary>Fewer steps per epoch than these train badly, however many epochs there are.</summary>
    internal const int UsualLeastSteps = 20;

    /// <summary>How pictures of an image folder become squares.</summary>
    [Option(
        "fit",
        "how pictures of a folder become squares: their middle, the whole squashed, or padded; auto keeps those of one "
        + "square size unless streamed, and crops others",
        Group = OptionGroup.Data, PassesOn = true)]
    public ImageFit Fit { get => Get(ImageFit.Auto); init => Set(value); }

    /// <summary>What shows through transparent pictures of an image folder and fills what padding adds.</summary>
    [Option("background", "what shows through transparent pictures of a folder and fills what padding adds: a name or #RRGGBB",
        Group = OptionGroup.Data, Value = "COLOUR", PassesOn = true)]
    public Colour Background { get => Get(Colour.White); init => Set(value); }

    /// <summary>Whether the images of a folder are decoded for every batch anew.</summary>
    [Option("stream", "decode the images of a folder for every batch instead of once; auto does from 1 GiB of decoded images on",
        Group = OptionGroup.Data, PassesOn = true)]
    public StreamingChoice Stream { get => Get(StreamingChoice.Auto); init => Set(value); }

    /// <summary>Threads that decode streamed images; 0 is one per processor.</summary>
    [Option(
        "workers",
        "threads that decode streamed images ahead of their use, yielding to torch's; 0 is one per processor. The bits "
        + "do not depend on it",
        Group = OptionGroup.Data, Unit = "threads", Least = 0, Most = 1024, MayChange = true, OfEvaluation = true, PassesOn = true)]
    public int Workers { get => Get(0); init => Set(value); }

    /// <summary>Whether damaged files of an image folder are left out.</summary>
    [Option("skip-corrupt", "leave damaged files of an image folder out, and say how many", Group = OptionGroup.Data, PassesOn = true)]
    public bool SkipCorrupt { get => Get(false); init => Set(value); }

    /// <summary>Folder of the decoded-image cache; null is the user's own.</summary>
    [Option("cache", "folder for decoded images",
        Group = OptionGroup.Data, Value = "PATH", Otherwise = "the user's cache folder", MayChange = true, OfEvaluation = true,
        PassesOn = true)]
    public string? CacheFolder
    {
        get => Get<string?>(null);
        init => Set(value, path => string.IsNullOrEmpty(path) ? null : Path.GetFullPath(path));
    }

    /// <summary>Whether rows and columns of IDX pictures are exchanged; null does so for files of EMNIST, which stores them so.</summary>
    [Option("idx-transpose", "exchange rows and columns of the pictures in IDX files; auto does for EMNIST's, which are stored so",
        Group = OptionGroup.Data, PassesOn = true)]
    public bool? IdxTranspose { get => Get<bool?>(null); init => Set(value); }

    /// <summary>The share of test images of a folder that has no parts of its own, above 0 and below 1.</summary>
    [Option("test-share", "share of test images of a folder without train and test folders",
        Group = OptionGroup.Data, Above = 0, Below = 1, PassesOn = true)]
    public double TestShare { get => Get(ImageReadOptions.UsualTestShare); init => Set(value); }

    /// <summary>Training images used, after the held-out part is taken; 0 is all.</summary>
    [Option(
        "train-images",
        "training images used, a stratified part; 0 is all that are not held out. Takes a preset's most-train-images "
        + "away",
        Group = OptionGroup.Data, Unit = "images", Least = 0)]
    public int TrainImages { get => Get(0); init => Set(value); }

    /// <summary>The most training images that are used where <see cref="TrainImages"/> asks for no number; 0 is no limit.</summary>
    [Option("most-train-images", "the same, but at most these; 0 is no limit", Group = OptionGroup.Data, Unit = "images", Least = 0)]
    public int MostTrainImages { get => Get(0, unless: nameof(TrainImages)); init => Set(value); }

    /// <summary>
    /// Whether the loss of every image is weighted by N/(K·n), n being the images of its class, so that classes count alike.
    /// </summary>
    [Option("balance", "weight the loss of every image by the rarity of its class, so that all classes count alike",
        Group = OptionGroup.Data, PassesOn = true)]
    public bool Balance { get => Get(false); init => Set(value); }

    /// <summary>Whether branches beside a residual connection begin at zero.</summary>
    [Option("zero-residuals", "proxylessnas: branches beside a residual connection begin at zero, by the scale of their last batch norm",
        Group = OptionGroup.Network)]
    public bool ZeroResiduals { get => Get(false); init => Set(value); }

    /// <summary>Passes over the training images.</summary>
    [Option("epochs", "passes over the training images", Group = OptionGroup.Training, IsUsual = true, Least = 1, Most = MostEpochs)]
    public virtual int Epochs { get => Get(250); init => Set(value); }

    /// <summary>Images per step, at most the training images; given, it sets <see cref="LeastSteps"/> to 0.</summary>
    [Option("batch-size", "images per step, at most the training images. Sets least-steps to 0",
        Group = OptionGroup.Training, IsUsual = true, Unit = "images", Least = 2, Most = 1 << 20)]
    public int BatchSize { get => Get(256); init => Set(value); }

    /// <summary>Steps that an epoch has at least: the batch size is lowered, to no less than 2, until it has; 0 is no limit.</summary>
    [Option("least-steps", "lower the batch size, to no less than 2, until an epoch has these steps; 0 does not",
        Group = OptionGroup.Training, Unit = "steps", Least = 0, Most = 1_000_000)]
    public int LeastSteps { get => Get(UsualLeastSteps, unless: nameof(BatchSize)); init => Set(value); }

    /// <summary>The learning rate of the first epoch; it falls to 0 along a cosine.</summary>
    [Option("learning-rate", "of the first epoch; falls to 0 along a cosine", Group = OptionGroup.Training, Above = 0, Most = 100)]
    public virtual double LearningRate { get => Get(0.05); init => Set(value); }

    /// <summary>Momentum.</summary>
    [Option("momentum", "of the gradients", Group = OptionGroup.Training, Least = 0, Below = 1)]
    public double Momentum { get => Get(0.9); init => Set(value); }

    /// <summary>Whether momentum is Nesterov's.</summary>
    [Option("nesterov", "Nesterov's momentum", Group = OptionGroup.Training)]
    public virtual bool Nesterov { get => Get(false); init => Set(value); }

    /// <summary>L2 coefficient.</summary>
    [Option("weight-decay", "L2 coefficient", Group = OptionGroup.Training, Least = 0, Most = 1)]
    public virtual double WeightDecay { get => Get(2.5e-4); init => Set(value); }

    /// <summary>The largest norm of all gradients together; 0 is no clipping.</summary>
    [Option("clip-norm", "largest norm of all gradients together; 0 is no clipping", Group = OptionGroup.Training, Least = 0, Most = 1e9)]
    public virtual double ClipNorm { get => Get(5.0); init => Set(value); }

    /// <summary>ε: the share of each label that is spread over all classes.</summary>
    [Option("label-smoothing", "share of each label that is spread over all classes", Group = OptionGroup.Training, Least = 0, Below = 1)]
    public double LabelSmoothing { get => Get(0.0); init => Set(value); }

    /// <summary>Whether biases and the scale and shift of batch norms are free of weight decay.</summary>
    [Option("exempt-norms", "no weight decay for biases and for batch norm's scale and shift", Group = OptionGroup.Training)]
    public bool ExemptNorms { get => Get(false); init => Set(value); }

    /// <summary>Epochs at the start in which the learning rate rises evenly to its value; fewer than <see cref="Epochs"/>.</summary>
    [Option("warm-up-epochs", "epochs in which the learning rate rises to its value; fewer than epochs",
        Group = OptionGroup.Training, Unit = "epochs", Least = 0, Most = MostEpochs)]
    public int WarmUpEpochs { get => Get(0); init => Set(value); }

    /// <summary>Whether batch norms see the whole mini-batch where several processes divide it.</summary>
    [Option(
        "sync-norm",
        "several processes: batch norms see the whole mini-batch, as in one process, and not each rank's part",
        Group = OptionGroup.Training)]
    public bool SyncNorm { get => Get(false); init => Set(value); }

    /// <summary>Pixels of zero padding for the random crop of images in memory; -1 is an eighth of the side.</summary>
    [Option("crop-padding", "zero padding for the random crop; -1 is an eighth of the side, and none for streamed images",
        Group = OptionGroup.Data, Unit = "pixels", Least = -1, Most = 1024)]
    public int CropPadding { get => Get(-1); init => Set(value); }

    /// <summary>Whether images are mirrored at random.</summary>
    [Option("flip", "mirror half of the training images", Group = OptionGroup.Data)]
    public bool Flip { get => Get(true); init => Set(value); }

    /// <summary>Side in pixels of the square cut out of every training image; 0 is none.</summary>
    [Option("cutout", "side of a square cut out of every training image; 0 is none",
        Group = OptionGroup.Data, Unit = "pixels", Least = 0, Most = 4096)]
    public int Cutout { get => Get(0); init => Set(value); }

    /// <summary>The smallest share of a streamed image's area that its random crop keeps.</summary>
    [Option("crop-scale", "streamed images: smallest share of the area that the random crop keeps",
        Group = OptionGroup.Data, Above = 0, Most = 1)]
    public double CropScale { get => Get(Augmentation.UsualCropScale); init => Set(value); }

    /// <summary>Random brightness, contrast, saturation and hue of streamed images.</summary>
    [Option("color-jitter", "streamed images: random brightness, contrast, saturation and hue, for example 0.4,0.4,0.4,0.1",
        Group = OptionGroup.Data, Value = "B,C,S,H")]
    public ColorJitter ColorJitter
    {
        get => Get(ColorJitter.None);
        init => Set(value, jitter => (jitter ?? ColorJitter.None).Validated());
    }

    /// <summary>Whether streamed images are changed by AutoAugment's policy for ImageNet.</summary>
    [Option("auto-augment", "streamed images: AutoAugment's policy for ImageNet", Group = OptionGroup.Data)]
    public bool AutoAugment { get => Get(false); init => Set(value); }

    /// <summary>RandAugment of streamed images; null is none.</summary>
    [Option("rand-augment", "streamed images: RandAugment with N operations of magnitude M, 0 to 30, for example 2,9",
        Group = OptionGroup.Data, Value = "N,M")]
    public RandAugment? RandAugment { get => Get<RandAugment?>(null); init => Set(value, policy => policy?.Validated()); }

    /// <summary>Epochs between checkpoints.</summary>
    [Option("checkpoint-every", "epochs between checkpoints",
        Group = OptionGroup.Run, Unit = "epochs", Least = 1, Most = MostEpochs, MayChange = true)]
    public int CheckpointEvery { get => Get(1); init => Set(value); }

    /// <summary>A folder for what TensorBoard shows of the training; null for none. A new run needs one of its own.</summary>
    [Option("tensorboard", "folder for TensorBoard: curves, the first batch, histograms of paths and data; one of its own for each run",
        Group = OptionGroup.Run, Value = "FOLDER", Otherwise = "none", MayChange = true, IsStored = false)]
    public string? TensorBoardFolder
    {
        get => Get<string?>(null);
        init => Set(value, path => string.IsNullOrEmpty(path) ? null : Path.GetFullPath(path));
    }

    /// <summary>The seed from which every random stream is derived.</summary>
    [Option("seed", "decides every random number", Group = OptionGroup.Run, IsUsual = true, PassesOn = true)]
    public long Seed { get => Get(0L); init => Set(value); }

    /// <summary>Threads of torch; 0 is one per processor.</summary>
    [Option("threads", "threads of torch; 0 is one per processor. Results are the same bits for the same number",
        Group = OptionGroup.Run, Least = 0, Most = 1024, MayChange = true, OfEvaluation = true, PassesOn = true)]
    public int Threads { get => Get(0); init => Set(value); }

    /// <summary>The type in which activations are kept and convolutions computed.</summary>
    [Option(
        "precision",
        "type of activations and convolutions; auto measures both before the first step and takes the faster if they "
        + "agree",
        Group = OptionGroup.Run, OfEvaluation = true, PassesOn = true)]
    public PrecisionChoice Precision { get => Get(PrecisionChoice.Auto); init => Set(value); }

    /// <summary>Where tensors live: cpu, cuda or cuda:INDEX.</summary>
    [Option("device", "cpu, cuda or cuda:INDEX (cuda needs a build with -p:Torch=cuda)",
        Group = OptionGroup.Run, Value = "DEVICE", MayChange = true, OfEvaluation = true, PassesOn = true)]
    public string Device { get => Get("cpu"); init => Set(value, TorchRuntime.CheckDeviceName); }

    /// <summary>How a folder without parts of its own was divided when the run was started; null to divide it by share and seed.</summary>
    internal FolderSplit? Split { get; init; }

    /// <inheritdoc/>
    private protected override void Check()
    {
        base.Check();
        if (AutoAugment && RandAugment is not null)
            throw new BadOptionException(
                "auto-augment",
                $"{Mention.Option("auto-augment")} and {Mention.Option("rand-augment")} are both asked for: choose one of them");
        if (WarmUpEpochs > 0 && WarmUpEpochs >= Epochs)
            throw new BadOptionException(
                "warm-up-epochs",
                $"{Mention.Option("warm-up-epochs")} is {WarmUpEpochs}, but the run has only {Epochs} epochs: choose fewer");
    }
}
