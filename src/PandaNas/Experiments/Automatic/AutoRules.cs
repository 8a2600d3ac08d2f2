using System.Collections.Immutable;
using PandaNas.Experiments.Options;
using PandaNas.Searching;

namespace PandaNas.Experiments.Automatic;

/// <summary>
/// By which figures the automatic way chooses, all of them. They follow what is known of ranking (docs/experiment-log.md) and of time on
/// two processors; no study has yet compared them with others.
/// </summary>
internal static class AutoRules
{
    /// <summary>Sizes and training of the supernet, and the space of all networks.</summary>
    public const string Preset = "nasbench201-cpu";

    /// <summary>What orders architectures in the search.</summary>
    public const string Ranker = "accuracy+live-params+depth";

    /// <summary>A network that everybody knows, in that space: ResNet's cell (Dong and Yang 2020).</summary>
    public const string KnownCell = "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|";

    /// <summary>What that is called.</summary>
    public const string KnownName = "ResNet's cell";

    /// <summary>Of fewer training images too few are held out to tell architectures apart: a known network is trained.</summary>
    public const int ImagesToSearch = 1_000;

    /// <summary>In fewer minutes a supernet does not learn to rank: a known network is trained.</summary>
    public const double MinutesToSearch = 3;

    /// <summary>A supernet that would have fewer epochs trains on a part of the images, or not at all.</summary>
    public const int SupernetEpochs = 12;

    /// <summary>Fewer images than these do not train a supernet where there are more.</summary>
    public const int SupernetImages = 5_000;

    /// <summary>Fewer scored architectures are no search.</summary>
    public const int Evaluations = 60;

    /// <summary>More scored architectures find next to nothing better.</summary>
    public const int MostEvaluations = 1_000;

    /// <summary>Images that score an architecture: their noise is 1.5 points, and more take time from the training.</summary>
    public const int RankingImages = 1_000;

    /// <summary>The supernet's share of the time that is planned.</summary>
    public const double SupernetShare = 0.42;

    /// <summary>The search's share; what remains goes half and half to the model and its baseline.</summary>
    public const double SearchShare = 0.08;

    /// <summary>A network that would have fewer epochs trains on a part of the images; minutes that give no more are refused.</summary>
    public const int TrainingEpochs = 5;

    /// <summary>Fewer images than these do not train a network where there are more.</summary>
    public const int TrainingImages = 2_000;

    /// <summary>From so many steps and epochs on a wider network pays more than a longer training.</summary>
    public const int EnoughSteps = 4_000;

    /// <summary>See <see cref="EnoughSteps"/>.</summary>
    public const int EnoughEpochs = 20;

    /// <summary>Images a step of a retraining.</summary>
    public const int BatchSize = 128;

    /// <summary>A class with fewer training images cannot be learnt.</summary>
    public const int ImagesOfAClass = 10;

    /// <summary>From so many times as many images in the largest class as in the smallest on, all classes count alike.</summary>
    public const double Unequal = 3;

    /// <summary>Sides of images in pixels; suit the strides of the space.</summary>
    public static readonly ImmutableArray<int> Sides = [16, 24, 32, 48, 64];

    /// <summary>Pixels of all training images together, by minutes and processors: then some twenty epochs of a supernet fit.</summary>
    public const double PixelsOfAMinute = 750_000;

    /// <summary>Sizes of the supernet, small to large: channels, cells, and from how many minutes on.</summary>
    private static readonly ImmutableArray<(int Channels, int Cells, double FromMinutes)> Supernets = [(4, 1, 0), (8, 1, 0), (16, 1, 15)];

    // Without a limit.
    private static readonly ImmutableArray<(int Channels, int Cells, double FromMinutes)> Unlimited = [(8, 1, 0), (16, 1, 60)];

    /// <summary>Channels and cells of known networks, among which that of a wanted cost is chosen.</summary>
    public static IEnumerable<(int Channels, int Cells)> KnownSizes =>
        from cells in Enumerable.Range(1, 3)
        from channels in Enumerable.Range(2, 15).Concat([18, 20, 22, 24, 28, 32])
        select (channels, cells);

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
        Sides.LastOrDefault(side => side <= own && side <= most) is var side and > 0 ? side : Math.Min(own, Sides[0]);

    /// <summary>Channels and cells of the supernet.</summary>
    /// <param name="limits">What the model may cost.</param>
    /// <param name="minutes">Minutes for everything.</param>
    /// <param name="largest">What the most expensive architecture of a size costs.</param>
    /// <returns>The smallest whose architectures use the limits up; the largest that the time allows if none does.</returns>
    public static (int Channels, int Cells) SupernetOf(CostLimits limits, double minutes, Func<int, int, ArchitectureCost> largest)
    {
        bool isOpen = limits.MaxParameters is null && limits.MaxMultiplyAdds is null;
        (int Channels, int Cells, double FromMinutes)[] possible =
            [.. (isOpen ? Unlimited : Supernets).Where(one => one.FromMinutes <= minutes)];
        (int Channels, int Cells, double FromMinutes) chosen = isOpen ? possible[^1]
            : possible.FirstOrDefault(one => !limits.Admits(largest(one.Channels, one.Cells) with { LatencyMs = 0 }), possible[^1]);
        return (chosen.Channels, chosen.Cells);
    }

    /// <summary>Epochs between checkpoints: a killed process loses about ten seconds.</summary>
    public static int EpochsToSave(double epochSeconds) =>
        (int)Math.Clamp(Math.Ceiling(10 / Math.Max(epochSeconds, 1e-3)), 1, TrainingRunOptions.MostEpochs);
}
