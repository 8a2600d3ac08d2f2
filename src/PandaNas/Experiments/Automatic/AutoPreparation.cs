using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Latency;
using PandaNas.Runtime.Torch;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Automatic;

/// <summary>What is known before the first training.</summary>
/// <param name="Plan">What shall be done.</param>
/// <param name="Training">What all trainings have in common.</param>
/// <param name="Latencies">The table of the latencies of layers; null where none is needed.</param>
internal sealed record AutoPrepared(AutoPlan Plan, SupernetOptions Training, LatencyTable? Latencies);

/// <summary>
/// Looks at images, measures this machine's speed with them, and plans. Nothing is written but the cache of decoded images.
/// </summary>
internal sealed class AutoPreparation
{
    private const string Stage = "look at images and measure speed";

    // Weights, predictions with their worst mistakes, and the report.
    private const double EndingOfATraining = 0.5;

    // Of a table; networks one by one are timed as often.
    private const int LatencyRounds = 3, TableNetworks = 20, TableHeldOut = 8;

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
    public static AutoPrepared Make(AutoOptions options, string data, FolderSplit? split, RunContext context) =>
        new AutoPreparation(options, context).Make(data, split);

    /// <summary>The milliseconds that a network takes for one image, on one thread.</summary>
    public static double LatencyOf(SupernetOptions training, AutoNetwork network, AutoImages images, RunContext context)
    {
        LatencyOptions options = new LatencyOptions().Of(training, training.ImageSize, images.Classes, images.Channels) with
        {
            Channels = network.Channels,
            Cells = network.Cells,
            Threads = 1,
            Rounds = LatencyRounds,
        };
        return LatencyExperiment.Measure(options, network.Architecture, context).Networks[0].MeasuredMs;
    }

    private AutoPrepared Make(string data, FolderSplit? split)
    {
        long started = _context.Clock.GetTimestamp();
        _options.Limits.Validate();
        int threads = TorchRuntime.UseThreads(_options.Threads);
        Device device = TorchRuntime.OpenDevice(_options.Device);
        _context.Report(Stage, 0);
        SupernetOptions training = AutoTraining.Of(_options, data) with { Split = split };
        (int pictures, int own) = Look(training);
        bool searches = DecideWay(pictures);
        training = training with { ImageSize = DecideSide(pictures, own, threads) };
        using ExperimentData images = ExperimentData.ForRetraining(AutoTraining.Alone(training), _context);
        AutoImages facts = FactsOf(images, training.Data, own);
        training = training with { Split = images.Split, Balance = DecideBalance(facts) };
        (int channels, int cells) = AutoRules.SupernetOf(
            _options.Limits, _options.Minutes, (c, n) => LargestOf(training with { Channels = c, Cells = n }, facts));
        training = training with { Channels = channels, Cells = cells };
        IReadOnlyList<AutoNetwork> known = KnownThatKeep(training, facts);
        if (known.Count == 0) throw NothingKeeps(training, facts);
        LatencyTable? table = searches && _options.MaxLatencyMs is not null ? TableOf(training, facts) : null;
        searches = searches && CanKeep(training, facts, table);
        AutoSpeed speed = Measure(training, images, searches, device, ref facts);
        var setting = new AutoSetting(
            _options.Minutes, facts, training.ImageSize, channels, cells, searches,
            Math.Min(LargestOf(training, facts).MultiplyAdds, _options.MaxMultiplyAdds ?? long.MaxValue), training.Balance, [.. _reasons]);
        // They are opened once more to describe the run.
        double before = _context.Clock.GetElapsedTime(started).TotalSeconds + speed.Open;
        AutoPlan plan = AutoPlan.Make(setting, speed, before, known);
        return new AutoPrepared(plan, AutoTraining.Of(_options, data, plan, images.Split), plan.Searches ? table : null);
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

    private bool DecideWay(int pictures)
    {
        string count = PlainText.Count(pictures, "picture");
        string? against = pictures < AutoRules.ImagesToSearch
            ? FormattableString.Invariant(
                $"of {count} too few can be held out to tell architectures apart ({AutoRules.ImagesToSearch:N0} would do)")
            : _options.Minutes < AutoRules.MinutesToSearch
                ? $"in less than {AutoRules.MinutesToSearch} minutes no supernet learns to rank"
                : null;
        if (against is not null) _reasons.Add($"Way: a known network is trained and nothing searched; {against}.");
        return against is null;
    }

    private int DecideSide(int pictures, int own, int threads)
    {
        double most = AutoRules.LargestSide(pictures, _options.Minutes, threads);
        int side = AutoRules.SideOf(own, most);
        _reasons.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"Resolution: {side} pixels a side. The pictures have {own}, and the time allows "
            + $"{(most > AutoRules.Sides[^1] ? "any that is used here" : $"about {most:F0}")}."));
        return side;
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
        return new AutoImages(
            data.Train.Count, 0, 0, data.Test.Count, data.Train.Classes, data.Train.Channels, least, sizes.Max(), data.LeftOut, own);
    }

    private bool DecideBalance(AutoImages facts)
    {
        if (facts.LargestClass < AutoRules.Unequal * facts.SmallestClass) return false;
        _reasons.Add("Balance: all classes count alike in training, because their numbers of images are so unequal.");
        return true;
    }

    private static ArchitectureCost LargestOf(SupernetOptions training, AutoImages images)
    {
        SpaceFamily family = training.Family;
        NetworkOptions sizes = AutoNetwork.SizesOf(training, images, training.Channels, training.Cells);
        return ArchitectureCost.Of(family.Cost(sizes, CostRange.Of(family, sizes).Largest));
    }

    // The cheapest first.
    private AutoNetwork[] KnownThatKeep(SupernetOptions training, AutoImages images)
    {
        CostLimits counted = _options.Limits with { MaxLatencyMs = null };
        AutoNetwork[] known = [.. AutoNetwork.Known(training, images).Where(network => counted.Admits(network.Cost))];
        if (_options.MaxLatencyMs is not { } most) return known;
        // Times grow with multiply-adds, more or less: the most expensive that keeps the limit is found by halves.
        int low = 0;
        for (int high = known.Length; low < high;)
        {
            int middle = (low + high) / 2;
            if (LatencyOf(training, known[middle], images, _context.Renaming(LatencyExperiment.Stage, Stage)) <= most) low = middle + 1;
            else high = middle;
        }
        return known[..low];
    }

    private BadOptionException NothingKeeps(SupernetOptions training, AutoImages images)
    {
        AutoNetwork least = AutoNetwork.Known(training, images)[0];
        string latency = _options.MaxLatencyMs is null ? "" : string.Create(
            CultureInfo.InvariantCulture, $" and takes {LatencyOf(training, least, images, _context):0.###} ms");
        return new BadOptionException(string.Create(
            CultureInfo.InvariantCulture,
            $"no network keeps {_options.Limits}: the smallest has {least.Parameters:N0} parameters and "
            + $"{least.MultiplyAdds:N0} multiply-adds{latency}. Raise the limits"));
    }

    private LatencyTable TableOf(SupernetOptions training, AutoImages images)
    {
        LatencyOptions options = new LatencyOptions().Of(training, training.ImageSize, images.Classes, images.Channels) with
        {
            Threads = 1,
            Rounds = LatencyRounds,
            Networks = TableNetworks,
            HeldOut = TableHeldOut,
            Seed = _options.Seed,
        };
        return LatencyExperiment.Tabulate(options, _context.Renaming(LatencyExperiment.Stage, "measure latencies of layers"));
    }

    // Whether any architecture of the supernet does.
    private bool CanKeep(SupernetOptions training, AutoImages images, LatencyTable? table)
    {
        SpaceFamily family = training.Family;
        NetworkOptions sizes = AutoNetwork.SizesOf(training, images, training.Channels, training.Cells);
        var problem = new SearchProblem(
            family.Space, _ => [],
            architecture => ArchitectureCost.Of(
                family.Cost(sizes, architecture),
                table is null ? null : LatencyTables.PredictMs(table, family, sizes, architecture)),
            _options.Limits);
        try
        {
            return new AdmissibleArchitectures(problem, RandomStream.Derive(_options.Seed, "limits"), _context.Stop).TryDraw() is not null;
        }
        catch (BadOptionException error)
        {
            _reasons.Add($"Way: a known network is trained and nothing searched; {error.Message}.");
            return false;
        }
    }

    private AutoSpeed Measure(SupernetOptions training, ExperimentData images, bool searches, Device device, ref AutoImages facts)
    {
        var calibration = new AutoCalibration(device, _options.Minutes, _context);
        _context.Report(Stage, 0.3);
        long opening = _context.Clock.GetTimestamp();
        ExperimentData.ForRetraining(AutoTraining.Alone(training), _context.WithoutNotes).Dispose();
        double open = _context.Clock.GetElapsedTime(opening).TotalSeconds;
        (double epoch, double evaluation) = (0, 0);
        if (searches)
        {
            using ExperimentData held = ExperimentData.ForSupernet(training, _context.WithoutNotes);
            facts = facts with { HeldOut = facts.Train - held.Train.Count, Ranking = held.Ranking.Count };
            (epoch, evaluation) = calibration.OfSupernet(training, held);
        }
        _context.Report(Stage, 0.6);
        RetrainOptions alone = AutoTraining.Alone(training);
        (long Macs, double Epoch) small = calibration.OfNetwork(alone, AutoRules.KnownCell, images);
        (long Macs, double Epoch) large =
            calibration.OfNetwork(alone with { Channels = 2 * training.Channels }, AutoRules.KnownCell, images);
        (double record, double save) = calibration.OfWriting(alone, AutoRules.KnownCell, images);
        _context.Report(Stage, 1);
        double perMac = Math.Max(0, (large.Epoch - small.Epoch) / (large.Macs - small.Macs));
        // Test images are classified once, which takes about a third of training on as many.
        double ending = EndingOfATraining + small.Epoch * facts.Test / facts.Train / 3;
        return new AutoSpeed(epoch, evaluation, Math.Max(0, small.Epoch - perMac * small.Macs), perMac, record, save, open + ending);
    }
}
