using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;

namespace PandaNas.Experiments.Automatic;

/// <summary>What was seen of the images before anything was decided.</summary>
/// <param name="Train">Images that train.</param>
/// <param name="HeldOut">Training images that do not train, but choose between the two networks; 0 where there are too few.</param>
/// <param name="Test">Test images.</param>
/// <param name="Classes">Classes.</param>
/// <param name="Channels">Channels.</param>
/// <param name="SmallestClass">Training images of the class that has the fewest.</param>
/// <param name="LargestClass">Training images of the class that has the most.</param>
/// <param name="LeftOut">Files that cannot be used and were left out.</param>
/// <param name="Side">The median of the shorter sides of the files, in pixels.</param>
internal sealed record AutoImages(
    int Train, int HeldOut, int Test, int Classes, int Channels, int SmallestClass, int LargestClass, int LeftOut, int Side);

/// <summary>How fast this machine was with these images, in seconds.</summary>
/// <param name="EpochBase">What an epoch of any network takes on all images that train.</param>
/// <param name="EpochPerMac">What every multiply-add of an image adds to that.</param>
/// <param name="Record">Writing the record of an epoch.</param>
/// <param name="Save">Writing a checkpoint.</param>
/// <param name="Open">Opening the images, which every stage does, and ending it.</param>
internal sealed record AutoSpeed(double EpochBase, double EpochPerMac, double Record, double Save, double Open)
{
    /// <summary>An epoch of a network, with its record and its share of a checkpoint.</summary>
    /// <param name="macs">Its multiply-adds.</param>
    /// <param name="share">The share of the images that it trains on.</param>
    public double EpochOf(long macs, double share)
    {
        double epoch = (EpochBase + EpochPerMac * macs) * share;
        return epoch + Beside(epoch);
    }

    /// <summary>What an epoch's record and its share of a checkpoint take.</summary>
    /// <param name="epoch">Seconds of the epoch itself.</param>
    public double Beside(double epoch) => Record + Save / AutoRules.EpochsToSave(epoch);
}

/// <summary>What was decided before the speed was known.</summary>
/// <param name="Minutes">Minutes for everything.</param>
/// <param name="Images">The images.</param>
/// <param name="ImageSize">The side in pixels at which networks see them.</param>
/// <param name="Balances">Whether all classes count alike.</param>
/// <param name="MayGrow">Whether only parameters are limited, so that a rival may have more multiply-adds.</param>
/// <param name="Reasons">Why, a sentence each.</param>
internal sealed record AutoSetting(
    double Minutes, AutoImages Images, int ImageSize, bool Balances, bool MayGrow, ImmutableArray<string> Reasons);

/// <summary>
/// What is done in the time, decided from images and measured speed; a resumed run keeps to it. A known network and a rival are trained
/// equally long, and the one that is better on images held out is the model. Written as <c>plan.json</c>.
/// </summary>
/// <param name="Minutes">Minutes for everything.</param>
/// <param name="Images">The images.</param>
/// <param name="Speed">The speed.</param>
/// <param name="Stages">How the time is divided; sums to the minutes.</param>
/// <param name="ImageSize">The side in pixels at which networks see the images.</param>
/// <param name="Balances">Whether all classes count alike, however many images they have.</param>
/// <param name="Known">The known network.</param>
/// <param name="Epochs">Its epochs, if the machine stays as fast.</param>
/// <param name="TrainingImages">How many images train both; 0 is all that are not held out.</param>
/// <param name="Evaluations">How many architectures a search scores for the rival; 0 where none is scored.</param>
/// <param name="Growth">How many times the known network's multiply-adds a rival among its neighbours may have; 0 where it is none.</param>
/// <param name="Reasons">Why all of this, a sentence each.</param>
internal sealed record AutoPlan(
    double Minutes, AutoImages Images, AutoSpeed Speed, ImmutableArray<AutoStage> Stages, int ImageSize, bool Balances, AutoNetwork Known,
    int Epochs, int TrainingImages, int Evaluations, double Growth, ImmutableArray<string> Reasons) : IJsonOnDeserialized
{
    /// <summary>The plan's file in its folder.</summary>
    public const string FileName = "plan.json";

    /// <summary>Images read, looked at and timed.</summary>
    public const string Measuring = "measure";

    /// <summary>The search.</summary>
    public const string Search = "search";

    /// <summary>The training of the known network.</summary>
    public const string Training = "known";

    /// <summary>The training of its rival.</summary>
    public const string Rival = "rival";

    /// <summary>The model's file, the report, and what may go slower than planned.</summary>
    public const string Ending = "export";

    // The report and the check of the exported model; and what machines get slower after they were measured, in the mean of four runs of
    // twenty minutes beside other work: 3.5%.
    private const double EndingSeconds = 4, EndingShare = 0.04;

    private const string Remedy = "Restore the file, or start anew in another folder.";

    /// <summary>Whether the rival is what a search finds.</summary>
    [JsonIgnore]
    public bool Searches => Evaluations > 0;

    /// <summary>The share of the images on which networks train.</summary>
    [JsonIgnore]
    public double TrainingShare => TrainingImages == 0 ? 1 : (double)TrainingImages / Images.Train;

    /// <summary>The time of a stage, in seconds; 0 for one that is left out.</summary>
    public double SecondsOf(string stage) => Stages.FirstOrDefault(one => one.Name == stage)?.Seconds ?? 0;

    /// <summary>How many epochs fit the time of a training.</summary>
    /// <param name="epoch">Seconds of one.</param>
    public int EpochsIn(double epoch) => EpochsIn(SecondsOf(Training) - Speed.Open, epoch);

    /// <summary>What each of the two trainings has if nothing is searched, in seconds; nothing is left of it below 0.</summary>
    /// <param name="minutes">Minutes for everything.</param>
    /// <param name="speed">The speed.</param>
    /// <param name="before">Seconds that are over.</param>
    public static double SecondsOfEach(double minutes, AutoSpeed speed, double before) =>
        (60 * minutes - before - EndingOf(minutes, speed)) / 2 - speed.Open;

    /// <summary>The plan in a folder; null while there is none.</summary>
    /// <exception cref="BadDataException">The file is damaged or was changed.</exception>
    public static AutoPlan? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        return Path.Exists(path) ? SealedRecord.Read<AutoPlan>(path, Remedy) : null;
    }

    /// <summary>Plans.</summary>
    /// <param name="setting">What is decided.</param>
    /// <param name="speed">The speed.</param>
    /// <param name="before">Seconds that images and measuring have taken.</param>
    /// <param name="known">The known network at widths that keep the limits, at least one.</param>
    /// <exception cref="BadOptionException">The minutes are too few for any plan; the message says how many would do.</exception>
    public static AutoPlan Make(AutoSetting setting, AutoSpeed speed, double before, IReadOnlyList<AutoNetwork> known)
    {
        double ending = EndingOf(setting.Minutes, speed), left = 60 * setting.Minutes - before - ending;
        AutoPlan plan = WithNeighbour(setting, speed, left, known)
            ?? WithSearch(setting, speed, left, known)
            ?? WithNetwork(setting, speed, left, [], known)
            ?? throw TooFew(setting, speed, before, known);
        return plan with
        {
            Stages = [new(Measuring, before), .. plan.Stages, new(Ending, ending)],
            Reasons = [.. setting.Reasons, .. ReasonsOf(plan)],
        };
    }

    /// <summary>Refuses what the types of a file's values leave open.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Stages.IsDefaultOrEmpty || Reasons.IsDefault || Known is null)
            throw new System.Text.Json.JsonException("it says not what is to be done");
    }

    private static double EndingOf(double minutes, AutoSpeed speed) => speed.Open + EndingSeconds + EndingShare * 60 * minutes;

    // Null where the known network has no epochs to spare, or too few images are held out to choose by.
    private static AutoPlan? WithNeighbour(AutoSetting setting, AutoSpeed speed, double left, IReadOnlyList<AutoNetwork> known)
    {
        if (!setting.MayGrow || setting.Images.HeldOut == 0) return null;
        if (WithNetwork(setting, speed, left, [], known) is not { TrainingImages: 0 } plan) return null;
        double growth = Math.Min(
            plan.Epochs / (double)AutoRules.NeighbourEpochs,
            (double)plan.Epochs * StepsOf(setting.Images.Train) / AutoRules.EnoughSteps);
        return growth < AutoRules.LeastGrowth ? null : plan with { Growth = growth };
    }

    // Null where too few images are held out to choose by, or too few architectures can be scored in the search's share of the time.
    private static AutoPlan? WithSearch(AutoSetting setting, AutoSpeed speed, double left, IReadOnlyList<AutoNetwork> known)
    {
        if (setting.Images.HeldOut == 0) return null;
        double most = AutoRules.SearchShare * left;
        if (WithNetwork(setting, speed, left, [new(Search, most)], known) is not { } plan) return null;
        double score = AutoRules.StepsOfAScore * (speed.EpochBase + speed.EpochPerMac * plan.Known.MultiplyAdds)
            / StepsOf(setting.Images.Train);
        // The images are opened twice; the ranker's reference sample takes scores, too.
        double beside = 2 * speed.Open + AutoRules.Reference / 10 * score;
        int evaluations = (int)Math.Min((most - beside) / score, AutoRules.MostEvaluations);
        if (evaluations < AutoRules.Evaluations) return null;
        AutoStage search = new(Search, beside + evaluations * score);
        return WithNetwork(setting, speed, left, [search], [plan.Known])! with { Evaluations = evaluations };
    }

    // The widest that still has enough steps and epochs; null where even the narrowest has no time.
    private static AutoPlan? WithNetwork(
        AutoSetting setting, AutoSpeed speed, double left, ImmutableArray<AutoStage> first, IReadOnlyList<AutoNetwork> known)
    {
        double each = (left - first.Sum(stage => stage.Seconds)) / 2, seconds = each - speed.Open;
        int all = setting.Images.Train, steps = StepsOf(all);
        AutoNetwork[] byCost = [.. known.OrderByDescending(network => network.MultiplyAdds)];
        AutoNetwork usual = byCost.FirstOrDefault(network => network.Width <= AutoRules.UsualWidth) ?? byCost[^1];
        AutoNetwork chosen = byCost.TakeWhile(network => network != usual).FirstOrDefault(
            network => EpochsIn(seconds, speed.EpochOf(network.MultiplyAdds, 1)) is var epochs
                && epochs >= AutoRules.EnoughEpochs && (long)epochs * steps >= AutoRules.EnoughSteps,
            usual);
        int? images = ImagesIn(
            seconds, all, AutoRules.TrainingEpochs, AutoRules.TrainingImages, share => speed.EpochOf(chosen.MultiplyAdds, share));
        if (images is not { } some)
            return chosen == byCost[^1] ? null : WithNetwork(setting, speed, left, first, [byCost[^1]]);
        return new AutoPlan(
            setting.Minutes, setting.Images, speed, [.. first, new(Training, each), new(Rival, each)], setting.ImageSize,
            setting.Balances, chosen, EpochsIn(seconds, speed.EpochOf(chosen.MultiplyAdds, (double)some / all)),
            some == all ? 0 : some, 0, 0, setting.Reasons);
    }

    private static IEnumerable<string> ReasonsOf(AutoPlan plan)
    {
        string some = plan.TrainingImages == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" on {plan.TrainingImages:N0} images");
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"Network: a {plan.Known.Name} one ({plan.Known.Parameters:N0} parameters), as wide as limits and time allow: "
            + $"{PlainText.Count(plan.Epochs, "epoch")}{some}.");
        yield return "Rival, for as long: " + (plan.Searches
            ? $"the best of {PlainText.Count(plan.Evaluations, "architecture")} that cost no more, searched by {AutoRules.Ranker}."
            : plan.Growth > 0
            ? $"of networks that differ from it in at most {AutoRules.NeighbourSteps} operations, as wide as the limit allows, the one of "
                + $"most multiply-adds that still has about {AutoRules.NeighbourEpochs} epochs: the known network has more than it needs."
            : $"a {AutoRules.Known[1].Name} network of about the same cost; " + (plan.Images.HeldOut == 0
                ? $"of {PlainText.Count(plan.Images.Train, "image")} too few can be held out to see whether a search found a better one."
                : $"a search would take more than {100 * AutoRules.SearchShare:0}% of the time."));
        yield return plan.Images.HeldOut == 0
            ? $"Choice: the {AutoRules.Known[1].Name} network is the model if it keeps the limits, whatever the test images say: of few "
                + "images it learns more."
            : $"Choice: which of the two is the model, {PlainText.Count(plan.Images.HeldOut, "image")} decide that train neither.";
    }

    private static BadOptionException TooFew(AutoSetting setting, AutoSpeed speed, double before, IReadOnlyList<AutoNetwork> known)
    {
        double share = Math.Min(1, (double)AutoRules.TrainingImages / setting.Images.Train);
        double epochs = AutoRules.TrainingEpochs * speed.EpochOf(known.Min(network => network.MultiplyAdds), share);
        double seconds = (before + EndingSeconds + speed.Open + 2 * (speed.Open + epochs)) / (1 - EndingShare);
        // Rounded up, and a little more than was measured.
        double least = Math.Ceiling(10 * 1.05 * seconds / 60) / 10;
        return new BadOptionException(
            "minutes",
            $"{Mention.Option("minutes")} is {Text(setting.Minutes)}: on this machine reading the images and trying the speed took "
            + $"{Text(Math.Round(before))} seconds, and the rest trains no network. At least {Text(least)} minutes would do");
    }

    // The largest share of the images, at most all, with which that many epochs fit; null where it is less than some.
    private static int? ImagesIn(double seconds, int all, int epochs, int fewest, Func<double, double> epochOn)
    {
        if (epochs * epochOn(1) <= seconds) return all;
        int least = Math.Min(fewest, all), low = least, high = all;
        if (epochs * epochOn((double)least / all) > seconds) return null;
        while (high - low > 1)
        {
            int middle = low + (high - low) / 2;
            if (epochs * epochOn((double)middle / all) <= seconds) low = middle;
            else high = middle;
        }
        return low;
    }

    private static int EpochsIn(double seconds, double epoch) =>
        (int)Math.Clamp(Math.Round(seconds / epoch), 1, TrainingRunOptions.MostEpochs);

    private static int StepsOf(int images) =>
        Math.Max(images / AutoRules.BatchSize, Math.Min(images / 2, TrainingRunOptions.UsualLeastSteps));

    private static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
