using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Runtime.Torch;
using PandaNas.Sampling;
using PandaNas.Searching;

namespace PandaNas.Experiments.Automatic;

/// <summary>
/// Looks at images, measures this machine's speed with them, and plans. Nothing is written but the cache of decoded images.
/// </summary>
internal sealed class AutoPreparation
{
    private const string Stage = "look at images and measure speed";

    // Weights, predictions with their worst mistakes, and the report.
    private const double EndingOfATraining = 0.5;

    // Two widths tell how an epoch grows with a network: at most the first, and this part of it.
    private const double Wide = 1, Narrow = 0.5;

    private readonly AutoOptions _options;
    private readonly RunContext _context;
    private readonly List<string> _reasons = [];

    private AutoPreparation(AutoOptions options, RunContext context) => (_options, _context) = (options, context);

    /// <summary>Prepares.</summary>
    /// <param name="options">Time and limits.</param>
    /// <param name="data">The images, as FORMAT:PATH.</param>
    /// <param name="split">How they were divided before; null for a new division.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <exception cref="BadDataException">The images cannot be used.</exception>
    /// <exception cref="BadOptionException">The minutes are too few, or no network keeps the limits.</exception>
    public static (AutoPlan Plan, FolderSplit? Split) Make(AutoOptions options, string data, FolderSplit? split, RunContext context) =>
        new AutoPreparation(options, context).Make(data, split);

    private (AutoPlan Plan, FolderSplit? Split) Make(string data, FolderSplit? split)
    {
        long started = _context.Clock.GetTimestamp();
        _options.Limits.Validate();
        int threads = TorchRuntime.UseThreads(_options.Threads);
        // Refused before images are read if it is not there.
        TorchRuntime.OpenDevice(_options.Device);
        _context.Report(Stage, 0);
        SupernetOptions training = AutoTraining.Of(_options, data) with { Split = split };
        (int pictures, int own) = Look(training);
        double most = AutoRules.LargestSide(pictures, _options.Minutes, threads);
        training = training with { ImageSize = AutoRules.SideOf(own, most) };
        AutoImages facts;
        using (ExperimentData images = ExperimentData.ForRetraining(AutoTraining.Alone(training, null), _context))
        {
            facts = FactsOf(images, training.Data, own);
            training = training with { Split = images.Split, Balance = DecideBalance(facts) };
        }
        AutoNetwork[] known = KnownThatKeep(training, facts);
        if (known.Length == 0) throw NothingKeeps(training, facts);
        AutoSpeed speed = Measure(training, facts, known);
        bool mayGrow = _options.Limits is { MaxParameters: not null, MaxMultiplyAdds: null, MaxLatencyMs: null };
        int usual = training.ImageSize;
        double each = AutoPlan.SecondsOfEach(_options.Minutes, speed, _context.Clock.GetElapsedTime(started).TotalSeconds);
        if (mayGrow && LargerSide(training, facts, known[^1].Width, each, speed) is { } larger)
        {
            training = training with { ImageSize = larger };
            known = KnownThatKeep(training, facts);
            speed = Measure(training, facts, known);
        }
        _reasons.Insert(1, ReasonOfSide(training.ImageSize, usual, own, most));
        var setting = new AutoSetting(_options.Minutes, facts, training.ImageSize, training.Balance, mayGrow, [.. _reasons]);
        // They are opened once more to describe the run.
        double before = _context.Clock.GetElapsedTime(started).TotalSeconds + speed.Open;
        return (AutoPlan.Make(setting, speed, before, known), training.Split);
    }

    // How many pictures there are, and the median of their shorter sides.
    private (int Images, int Side) Look(SupernetOptions training)
    {
        DataSource source = training.Source;
        if (source.Format == "images")
        {
            ImmutableArray<ImageFinding> found = ImageFolderReader.Look(
                source.Path!, new ImageReadOptions(0, training.CacheFolder, training.Threads),
                _context.Progress, _context.Stop);
            int[] sides = [.. found.Select(one => Math.Min(one.Width, one.Height)).Order()];
            return (sides.Length, sides[sides.Length / 2]);
        }
        using ImageData images = ExperimentData.Read(training, _context);
        return (images.Train.Count, Math.Min(images.Train.Height, images.Train.Width));
    }

    // Few parameters keep networks cheap however much time there is, and then larger images help more than further epochs.
    // A network has as many parameters at every side, so its width stays.
    private static int? LargerSide(SupernetOptions training, AutoImages facts, double width, double seconds, AutoSpeed speed)
    {
        return AutoRules.Sides.Where(side => side > training.ImageSize && side <= facts.Side && Fits(side)).Cast<int?>().LastOrDefault();

        bool Fits(int side)
        {
            SupernetOptions there = training with { ImageSize = side };
            double pixels = (double)side * side / (training.ImageSize * training.ImageSize);
            long macs = AutoNetwork.Of(there, facts, AutoRules.Known[0], width).MultiplyAdds;
            return AutoRules.EnoughEpochs * (speed with { EpochBase = pixels * speed.EpochBase }).EpochOf(macs, 1) <= seconds;
        }
    }

    private static string ReasonOfSide(int side, int usual, int own, double most)
    {
        string why = side > usual ? $"with so few parameters {AutoRules.EnoughEpochs} epochs fit the time at this size"
            : most > AutoRules.Sides[^1] ? "the time allows any that is used here"
            : string.Create(CultureInfo.InvariantCulture, $"the time allows about {most:F0}");
        return $"Resolution: {side} pixels a side. The pictures have {own}, and {why}.";
    }

    private AutoImages FactsOf(ExperimentData data, string source, int own)
    {
        int[] sizes = StratifiedSplit.Sizes(data.Train.Labels, data.Train.Classes);
        int least = sizes.Min();
        if (least < AutoRules.ImagesOfAClass)
            throw new BadDataException(
                $"'{source}' has {PlainText.Count(least, "image")} to train the class "
                + $"'{data.Train.ClassNames[Array.IndexOf(sizes, least)]}'; expected {AutoRules.ImagesOfAClass} or more of each class. "
                + "Add images, or remove the class");
        string leftOut = data.LeftOut == 0 ? ""
            : $" {PlainText.Count(data.LeftOut, "file")} cannot be used and {(data.LeftOut == 1 ? "is" : "are")} left out.";
        _reasons.Insert(0, string.Create(
            CultureInfo.InvariantCulture,
            $"Images: {data.Train.Count:N0} train and {data.Test.Count:N0} test, {data.Train.Classes} classes with {least:N0} to "
            + $"{sizes.Max():N0} training images.{leftOut}"));
        int held = AutoRules.HeldOut(data.Train.Count);
        return new AutoImages(
            data.Train.Count - held, held, data.Test.Count, data.Train.Classes, data.Train.Channels, least, sizes.Max(), data.LeftOut,
            own);
    }

    private bool DecideBalance(AutoImages facts)
    {
        if (facts.LargestClass < AutoRules.Unequal * facts.SmallestClass) return false;
        _reasons.Add("Balance: all classes count alike in training, because their numbers of images are so unequal.");
        return true;
    }

    // The cheapest first.
    private AutoNetwork[] KnownThatKeep(SupernetOptions training, AutoImages images)
    {
        AutoNetwork[] known = AutoNetwork.AtWidths(training, images, AutoRules.Known[0], _options.Limits with { MaxLatencyMs = null });
        if (_options.MaxLatencyMs is not { } most) return known;
        // Times grow with multiply-adds, more or less: the most expensive that keeps the limit is found by halves.
        int low = 0;
        for (int high = known.Length; low < high;)
        {
            int middle = (low + high) / 2;
            double latency = AutoLatency.Of(training, known[middle], images, _context.Renaming(LatencyExperiment.Stage, Stage));
            if (latency <= most) low = middle + 1;
            else high = middle;
        }
        return known[..low];
    }

    private BadOptionException NothingKeeps(SupernetOptions training, AutoImages images)
    {
        AutoNetwork least = AutoNetwork.AtWidths(training, images, AutoRules.Known[0], CostLimits.None)[0];
        string latency = _options.MaxLatencyMs is null ? "" : string.Create(
            CultureInfo.InvariantCulture, $" and takes {AutoLatency.Of(training, least, images, _context):0.###} ms");
        return new BadOptionException(string.Create(
            CultureInfo.InvariantCulture,
            $"no network keeps {_options.Limits}: the smallest has {least.Parameters:N0} parameters and "
            + $"{least.MultiplyAdds:N0} multiply-adds{latency}. Raise the limits"));
    }

    private AutoSpeed Measure(SupernetOptions training, AutoImages images, AutoNetwork[] known)
    {
        var calibration = new AutoCalibration(_options, _context);
        _context.Report(Stage, 0.3);
        RetrainOptions alone = AutoTraining.Alone(training, images);
        long opening = _context.Clock.GetTimestamp();
        using ExperimentData data = ExperimentData.ForRetraining(alone, _context.WithoutNotes);
        double open = _context.Clock.GetElapsedTime(opening).TotalSeconds;
        AutoNetwork wide = known.LastOrDefault(network => network.Width <= Wide) ?? known[0];
        AutoNetwork narrow = AutoNetwork.Of(training, images, AutoRules.Known[0], Narrow * wide.Width);
        double small = EpochOf(narrow);
        _context.Report(Stage, 0.7);
        double large = EpochOf(wide);
        (double record, double save) =
            calibration.OfWriting(alone with { WidthMultiplier = wide.Width }, AutoRules.Known[0].Architecture, data);
        _context.Report(Stage, 1);
        // Widths are rounded: of the narrowest networks both may be the same.
        double perMac = Math.Max(0, (large - small) / Math.Max(1, wide.MultiplyAdds - narrow.MultiplyAdds));
        // Test images and those that choose are classified once, which takes about a third of training on as many.
        double ending = EndingOfATraining + large * (images.Test + images.HeldOut) / images.Train / 3;
        return new AutoSpeed(Math.Max(0, small - perMac * narrow.MultiplyAdds), perMac, record, save, open + ending);

        double EpochOf(AutoNetwork network) =>
            calibration.OfNetwork(alone with { WidthMultiplier = network.Width }, network.Architecture, data);
    }
}
