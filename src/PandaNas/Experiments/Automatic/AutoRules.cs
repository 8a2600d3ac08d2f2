using System.Collections.Immutable;
using PandaNas.Experiments.Options;

namespace PandaNas.Experiments.Automatic;

/// <summary>
/// By which figures the automatic way chooses, all of them. They follow docs/experiment-log.md: a known network that is trained all the
/// time was better than whatever was searched, so it is always trained, and what a search finds has to beat it.
/// </summary>
internal static class AutoRules
{
    /// <summary>The space of all networks.</summary>
    public const string Preset = "residual-cpu";

    /// <summary>What orders architectures in the search: without training it ranks better than supernets of minutes.</summary>
    public const string Ranker = "live-params+jacov";

    /// <summary>
    /// Known networks as architectures of the space. The first is the better one in the time of a processor, the second of few images.
    /// </summary>
    public static readonly ImmutableArray<(string Name, string Architecture)> Known =
    [
        ("ResNet-like", "conv_3x3-skip-conv_3x3-skip-skip-conv_3x3-skip-skip-conv_3x3-skip-skip"),
        (
            "MobileNetV2-like",
            "mobile_3x3-skip-mobile_3x3-mobile_3x3-skip-mobile_3x3-mobile_3x3-skip-mobile_3x3-mobile_3x3-skip"),
    ];

    /// <summary>What a search found is called.</summary>
    public const string Found = "searched";

    /// <summary>Of fewer training images too few could be held out to tell two networks apart: none is, and nothing is searched.</summary>
    public const int ImagesToChoose = 1_000;

    /// <summary>The share of the training images that is held out.</summary>
    public const double HeldOutShare = 0.1;

    /// <summary>More images held out tell networks apart little better: these leave a difference uncertain by about a point.</summary>
    public const int MostHeldOut = 2_000;

    /// <summary>Fewer scored architectures are no search.</summary>
    public const int Evaluations = 60;

    /// <summary>More scored architectures find next to nothing better.</summary>
    public const int MostEvaluations = 300;

    /// <summary>Random architectures against which the ranker ranks, a tenth of them by scores that compute networks.</summary>
    public const int Reference = 500;

    /// <summary>The search's share of the time at most; what remains goes half and half to the two networks.</summary>
    public const double SearchShare = 0.1;

    /// <summary>Scoring an architecture takes as long as so many steps of its training.</summary>
    public const double StepsOfAScore = 1.5;

    /// <summary>A network that would have fewer epochs trains on a part of the images; minutes that give no more are refused.</summary>
    public const int TrainingEpochs = 5;

    /// <summary>Fewer images than these do not train a network where there are more.</summary>
    public const int TrainingImages = 2_000;

    /// <summary>From so many steps and epochs on a wider network pays more than a longer training.</summary>
    public const int EnoughSteps = 4_000;

    /// <summary>See <see cref="EnoughSteps"/>.</summary>
    public const int EnoughEpochs = 20;

    /// <summary>
    /// A network of more multiply-adds pays while it has so many epochs, and if it has twice the known network's: where only parameters are
    /// limited and the known network would have more epochs than that, its rival is a neighbour that uses the time up.
    /// </summary>
    public const int NeighbourEpochs = 30;

    /// <summary>See <see cref="NeighbourEpochs"/>.</summary>
    public const double LeastGrowth = 2;

    /// <summary>
    /// What neighbours may have in place of the known network's operations. A processor trains MobileNetV2's layers several times slower
    /// than their multiply-adds say.
    /// </summary>
    public static readonly ImmutableArray<string> NeighbourOperations = ["conv_3x3", "conv_3x3_half", "sep_3x3", "sep_5x5", "skip"];

    /// <summary>How many operations a neighbour may differ in.</summary>
    public const int NeighbourSteps = 2;

    /// <summary>The factor on widths where no network has so many; a narrower one is only taken if there is no time for this.</summary>
    public const double UsualWidth = 0.5;

    /// <summary>Images a step of a training.</summary>
    public const int BatchSize = 128;

    /// <summary>A class with fewer training images cannot be learnt.</summary>
    public const int ImagesOfAClass = 10;

    /// <summary>From so many times as many images in the largest class as in the smallest on, all classes count alike.</summary>
    public const double Unequal = 3;

    /// <summary>Sides of images in pixels; suit the strides of the space.</summary>
    public static readonly ImmutableArray<int> Sides = [16, 24, 32, 48, 64];

    /// <summary>Pixels of all images together, by minutes and processors: then some twenty epochs of a small network fit.</summary>
    public const double PixelsOfAMinute = 750_000;

    /// <summary>Factors on the widths of networks, among which that of a wanted cost is chosen.</summary>
    public static IEnumerable<double> Widths => Enumerable.Range(10, 391).Select(hundredths => hundredths / 100.0);

    /// <summary>How many training images are held out of so many.</summary>
    public static int HeldOut(int images) =>
        images < ImagesToChoose ? 0 : Math.Min(MostHeldOut, (int)(HeldOutShare * images));

    /// <summary>The side in pixels that the time allows.</summary>
    /// <param name="images">How many train.</param>
    /// <param name="minutes">Minutes for everything.</param>
    /// <param name="processors">Processors that compute.</param>
    public static double LargestSide(int images, double minutes, int processors) =>
        Math.Sqrt(PixelsOfAMinute * minutes * processors / images);

    /// <summary>The side in pixels at which the images are seen.</summary>
    /// <param name="own">The median of their shorter sides.</param>
    /// <param name="most">What the time allows.</param>
    public static int SideOf(int own, double most) =>
        Math.Max(Sides[0], Sides.LastOrDefault(side => side <= own && side <= most));

    /// <summary>Epochs between checkpoints: a killed process loses about ten seconds.</summary>
    public static int EpochsToSave(double epochSeconds) =>
        (int)Math.Clamp(Math.Ceiling(10 / Math.Max(epochSeconds, 1e-3)), 1, TrainingRunOptions.MostEpochs);
}
