using System.Collections.Immutable;
using PandaNas.Data.Augmenting;
using PandaNas.Data.Batches;
using PandaNas.Data.Folders;
using PandaNas.Data.Images;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Supernets;
using PandaNas.Training;

namespace PandaNas.Experiments.Options;

/// <summary>Which images train, which rank and which test.</summary>
public enum Protocol
{
    /// <summary>A stratified part of the training images is held out for ranking and search; test images score the retrained network only.</summary>
    Split,

    /// <summary>As the released code of PA&amp;DA: all training images train and the test images rank.</summary>
    Released,
}

/// <summary>
/// Everything that decides what a run computes. Immutable; made from a preset, a YAML file and flags by <see cref="OptionTable"/>,
/// which documents each key, and stored beside the results.
/// </summary>
public sealed record ExperimentOptions
{
    /// <summary>The search space.</summary>
    public NamedSpace Space { get; init; } = Catalog.Default.FindSpace(Catalog.Default.SpaceNames[0]);

    /// <summary>What the options can name.</summary>
    public Catalog Catalog { get; init; } = Catalog.Default;

    /// <summary>C: channels of the first stage; 0 is what is usual in the space.</summary>
    public int Channels { get; init; }

    /// <summary>N: cells, of a stage or in all; 0 is what is usual in the space.</summary>
    public int Cells { get; init; }

    /// <summary>How networks start, in spaces with two stems.</summary>
    public Stem Stem { get; init; }

    /// <summary>Factor on all widths, in spaces with widths of their own.</summary>
    public double WidthMultiplier { get; init; } = 1;

    /// <summary>All widths, in spaces with widths of their own and instead of them; empty keeps those.</summary>
    public ImmutableArray<int> Widths { get; init; } = [];

    /// <summary>Whether the supernet's convolutions carry a bias.</summary>
    public bool ConvolutionBias { get; init; }

    /// <summary>Whether branches beside a residual connection begin at zero.</summary>
    public bool ZeroResiduals { get; init; }

    /// <summary>Where the images come from, as FORMAT:PATH.</summary>
    public string Data { get; init; } = "fashion-mnist-small";

    /// <summary>Side in pixels to which images are scaled; 0 keeps them or, of a folder with other than one square size, is a usual one.</summary>
    public int ImageSize { get; init; }

    /// <summary>How pictures of an image folder become squares.</summary>
    public ImageFit Fit { get; init; }

    /// <summary>What shows through transparent pictures of an image folder and fills what padding adds.</summary>
    public Colour Background { get; init; } = Colour.White;

    /// <summary>Whether the images of a folder are decoded for every batch anew.</summary>
    public StreamingChoice Stream { get; init; }

    /// <summary>Threads that decode streamed images; 0 is one a processor.</summary>
    public int Workers { get; init; }

    /// <summary>Whether damaged files of an image folder are left out.</summary>
    public bool SkipCorrupt { get; init; }

    /// <summary>Folder of the decoded-image cache; null is the user's own.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Which images train, rank and test.</summary>
    public Protocol Protocol { get; init; }

    /// <summary>The share of test images of a folder that has no parts of its own, above 0 and below 1.</summary>
    public double TestShare { get; init; } = ImageReadOptions.UsualTestShare;

    /// <summary>Whether rows and columns of IDX pictures are exchanged; null does so for files of EMNIST, which stores them so.</summary>
    public bool? IdxTranspose { get; init; }

    /// <summary>How a folder without parts of its own was divided when the run was started; null to divide it by share and seed.</summary>
    public FolderSplit? Split { get; init; }

    /// <summary>Training images used, after the held-out part is taken; 0 is all.</summary>
    public int TrainImages { get; init; }

    /// <summary>The most training images that are used where <see cref="TrainImages"/> asks for no number; 0 is no limit.</summary>
    public int MostTrainImages { get; init; }

    /// <summary>
    /// Images held out of the training images for ranking and search; 0 is a tenth of them. Protocol Split only, and where the data has
    /// no validation images of its own.
    /// </summary>
    public int ValidationImages { get; init; }

    /// <summary>The largest share of the training images that is held out, whatever <see cref="ValidationImages"/> says; 1 is no limit.</summary>
    public double ValidationShare { get; init; } = 1;

    /// <summary>Steps that an epoch has at least: the batch size is lowered, to no less than 2, until it has; 0 is no limit.</summary>
    public int LeastSteps { get; init; }

    /// <summary>Whether the loss of every image is weighted by N/(K·n), n being the images of its class, so that classes count alike.</summary>
    public bool Balance { get; init; }

    /// <summary>Name of the training method of a supernet.</summary>
    public string Method { get; init; } = "panda";

    /// <summary>How supernets and retrained networks are trained. Average, auxiliary head and drop path are for retraining only.</summary>
    public TrainingOptions Training { get; init; } = new() { Epochs = 250, BatchSize = 256 };

    /// <summary>Pixels of zero padding for the random crop of images in memory; -1 is an eighth of the side.</summary>
    public int CropPadding { get; init; } = -1;

    /// <summary>Whether images are mirrored at random.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>Side in pixels of the square cut out of every training image; 0 is none.</summary>
    public int Cutout { get; init; }

    /// <summary>The smallest share of a streamed image's area that its random crop keeps, above 0 to 1.</summary>
    public double CropScale { get; init; } = Augmentation.UsualCropScale;

    /// <summary>Random brightness, contrast, saturation and hue of streamed images.</summary>
    public ColorJitter ColorJitter { get; init; } = ColorJitter.None;

    /// <summary>Whether streamed images are changed by AutoAugment's policy for ImageNet.</summary>
    public bool AutoAugment { get; init; }

    /// <summary>RandAugment of streamed images; null is none.</summary>
    public RandAugment? RandAugment { get; init; }

    /// <summary>The name of the schedule by which δ, path sampling's confidence in its norms, grows.</summary>
    public string PathSchedule { get; init; } = "linear";

    /// <summary>The name of the schedule by which τ, data sampling's confidence in its importances, grows.</summary>
    public string DataSchedule { get; init; } = "linear";

    /// <summary>The largest δ, in [0, 1]: its schedule is multiplied by this.</summary>
    public double PathConfidence { get; init; } = 1;

    /// <summary>The largest τ, in [0, 1]: its schedule is multiplied by this.</summary>
    public double DataConfidence { get; init; } = 1;

    /// <summary>Whether running gradient norms go on from epoch to epoch.</summary>
    public bool CarryNorms { get; init; }

    /// <summary>Whether running importances go on from epoch to epoch.</summary>
    public bool CarryImportances { get; init; }

    /// <summary>Inner steps a path of SUMNAS.</summary>
    public int AdaptationSteps { get; init; } = 2;

    /// <summary>Learning rate of SUMNAS's outer update in the first epoch.</summary>
    public double OuterLearningRate { get; init; } = 1;

    /// <summary>L2 coefficient of SUMNAS's outer update.</summary>
    public double OuterWeightDecay { get; init; } = 4e-5;

    /// <summary>Epochs between measurements of the gradient variance; 0 is never.</summary>
    public int VarianceEvery { get; init; }

    /// <summary>Gradients that each of those measurements takes from every pair of distributions.</summary>
    public int VarianceSamples { get; init; } = 100;

    /// <summary>
    /// Batches of training images on which running statistics are made anew before an architecture is evaluated; 0 is a supernet that
    /// normalises by batch statistics, -1 what is usual in the space.
    /// </summary>
    public int BnCalibrationBatches { get; init; } = -1;

    /// <summary>Epochs between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 1;

    /// <summary>The seed from which every random stream is derived.</summary>
    public long Seed { get; init; }

    /// <summary>Threads of torch; 0 is one a processor.</summary>
    public int Threads { get; init; }

    /// <summary>The type in which activations are kept and convolutions computed.</summary>
    public PrecisionChoice Precision { get; init; } = PrecisionChoice.Auto;

    /// <summary>Where tensors live: cpu, cuda or cuda:INDEX.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Fewer steps an epoch than these train badly, however many epochs there are.</summary>
    private const int UsualLeastSteps = 20;

    /// <summary>The defaults of supernet training.</summary>
    public static ExperimentOptions ForSupernet { get; } = new() { LeastSteps = UsualLeastSteps };

    /// <summary>The defaults of retraining: NAS-Bench-201's stand-alone protocol (Dong and Yang 2020), with a quarter of its epochs.</summary>
    public static ExperimentOptions ForRetraining { get; } = new()
    {
        LeastSteps = UsualLeastSteps,
        Training = new() { Epochs = 50, BatchSize = 256, LearningRate = 0.1, Nesterov = true, WeightDecay = 5e-4, ClipNorm = 0 },
    };

    /// <summary>The defaults of retraining an architecture of a supernet: its network sizes, images, seed and machine settings.</summary>
    public static ExperimentOptions ForRetrainingFrom(ExperimentOptions supernet)
    {
        ArgumentNullException.ThrowIfNull(supernet);
        return ForRetraining with
        {
            Space = supernet.Space,
            Catalog = supernet.Catalog,
            Channels = supernet.Channels,
            Cells = supernet.Cells,
            Stem = supernet.Stem,
            WidthMultiplier = supernet.WidthMultiplier,
            Widths = supernet.Widths,
            Data = supernet.Data,
            ImageSize = supernet.ImageSize,
            Fit = supernet.Fit,
            Background = supernet.Background,
            Stream = supernet.Stream,
            Workers = supernet.Workers,
            SkipCorrupt = supernet.SkipCorrupt,
            IdxTranspose = supernet.IdxTranspose,
            TestShare = supernet.TestShare,
            Split = supernet.Split,
            Balance = supernet.Balance,
            CacheFolder = supernet.CacheFolder,
            Seed = supernet.Seed,
            Threads = supernet.Threads,
            Precision = supernet.Precision,
            Device = supernet.Device,
        };
    }
}
