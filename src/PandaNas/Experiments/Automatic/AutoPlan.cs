using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;

namespace PandaNas.Experiments.Automatic;

/// <summary>What was seen of the images before anything was decided.</summary>
/// <param name="Train">Training images.</param>
/// <param name="HeldOut">How many of them a supernet does not train on, because they rank; 0 without one.</param>
/// <param name="Ranking">Images that can rank; 0 without a supernet.</param>
/// <param name="Test">Test images.</param>
/// <param name="Classes">Classes.</param>
/// <param name="Channels">Channels.</param>
/// <param name="SmallestClass">Training images of the class that has the fewest.</param>
/// <param name="LargestClass">Training images of the class that has the most.</param>
/// <param name="LeftOut">Files that cannot be used and were left out.</param>
/// <param name="Side">The median of the shorter sides of the files, in pixels.</param>
internal sealed record AutoImages(
    int Train, int HeldOut, int Ranking, int Test, int Classes, int Channels, int SmallestClass, int LargestClass, int LeftOut,
    int Side);

/// <summary>How fast this machine was with these images, in seconds.</summary>
/// <param name="SupernetEpoch">An epoch of the supernet on all images that are not held out; 0 where there shall be none.</param>
/// <param name="Evaluation">Scoring an architecture with the supernet's weights; 0 where there is none.</param>
/// <param name="EpochBase">What an epoch of any network by itself takes on all training images.</param>
/// <param name="EpochPerMac">What every multiply-add of an image adds to that.</param>
/// <param name="Record">Writing the record of an epoch.</param>
/// <param name="Save">Writing a checkpoint.</param>
/// <param name="Open">Opening the images, which every stage does, and ending it.</param>
internal sealed record AutoSpeed(
    double SupernetEpoch, double Evaluation, double EpochBase, double EpochPerMac, double Record, double Save, double Open)
{
    /// <summary>An epoch of a network by itself, with its record and its share of a checkpoint.</summary>
    /// <param name="macs">Its multiply-adds.</param>
    /// <param name="share">The share of the training images that it trains on.</param>
    public double EpochOf(long macs, double share)
    {
        double epoch = (EpochBase + EpochPerMac * macs) * share;
        return epoch + Beside(epoch);
    }

    /// <summary>An epoch of the supernet with the same.</summary>
    /// <param name="share">The share of its images that it trains on.</param>
    public double SupernetEpochOn(double share) => SupernetEpoch * share + Beside(SupernetEpoch * share);

    /// <summary>What an epoch's record and its share of a checkpoint take.</summary>
    /// <param name="epoch">Seconds of the epoch itself.</param>
    public double Beside(double epoch) => Record + Save / AutoRules.EpochsToSave(epoch);
}

/// <summary>What was decided before the speed was known.</summary>
/// <param name="Minutes">Minutes for everything.</param>
/// <param name="Images">The images.</param>
/// <param name="ImageSize">The side in pixels at which networks see them.</param>
/// <param name="Channels">Channels of the supernet's first stage.</param>
/// <param name="Cells">Its cells of a stage.</param>
/// <param name="Searches">Whether there shall be a supernet and a search.</param>
/// <param name="LargestMacs">Multiply-adds of the most expensive architecture that a search may find.</param>
/// <param name="Balances">Whether all classes count alike.</param>
/// <param name="Reasons">Why, a sentence each.</param>
internal sealed record AutoSetting(
    double Minutes, AutoImages Images, int ImageSize, int Channels, int Cells, bool Searches, long LargestMacs, bool Balances,
    ImmutableArray<string> Reasons);

/// <summary>
/// What is done in the time, decided from images and measured speed before the first training; a resumed run keeps to it. Written as
/// <c>plan.json</c>.
/// </summary>
/// <param name="Minutes">Minutes for everything.</param>
/// <param name="Images">The images.</param>
/// <param name="Speed">The speed.</param>
/// <param name="Stages">How the time is divided; sums to the minutes.</param>
/// <param name="Searches">Whether a supernet is trained and searched; else the known network is trained.</param>
/// <param name="ImageSize">The side in pixels at which networks see the images.</param>
/// <param name="Channels">Channels of the first stage of the supernet, or of the networks that the known one is compared with.</param>
/// <param name="Cells">Their cells of a stage.</param>
/// <param name="Balances">Whether all classes count alike, however many images they have.</param>
/// <param name="SupernetEpochs">Epochs of the supernet; 0 without one.</param>
/// <param name="SupernetImages">How many images train it; 0 is all that are not held out.</param>
/// <param name="Evaluations">How many architectures the search scores; 0 without one.</param>
/// <param name="TrainingImages">How many images train the model and its baseline; 0 is all.</param>
/// <param name="Known">The network that is trained where nothing is searched; null elsewhere.</param>
/// <param name="Reasons">Why all of this, a sentence each.</param>
internal sealed record AutoPlan(
    double Minutes, AutoImages Images, AutoSpeed Speed, ImmutableArray<AutoStage> Stages, bool Searches, int ImageSize, int Channels,
    int Cells, bool Balances, int SupernetEpochs, int SupernetImages, int Evaluations, int TrainingImages, AutoNetwork? Known,
    ImmutableArray<string> Reasons) : IJsonOnDeserialized
{
    /// <summary>The plan's file in its folder.</summary>
    public const string FileName = "plan.json";

    /// <summary>Images read, looked at and timed.</summary>
    public const string Measuring = "measure";

    /// <summary>The training of the supernet.</summary>
    public const string Supernet = "supernet";

    /// <summary>The search.</summary>
    public const string Search = "search";

    /// <summary>The training of the model.</summary>
    public const string Model = "model";

    /// <summary>The training of the baseline.</summary>
    public const string Baseline = "baseline";

    /// <summary>The model's file, the report, and what may go slower than planned.</summary>
    public const string Ending = "export";

    // The report and the check of the exported model, and of a long run a little for what nobody foresees.
    private const double EndingSeconds = 4, EndingShare = 0.01;

    private const string Remedy = "Restore the file, or start anew in another folder.";

    /// <summary>The time of a stage, in seconds; 0 for one that is left out.</summary>
    public double SecondsOf(string stage) => Stages.FirstOrDefault(one => one.Name == stage)?.Seconds ?? 0;

    /// <summary>The share of the training images on which networks train by themselves.</summary>
    [JsonIgnore]
    public double TrainingShare => TrainingImages == 0 ? 1 : (double)TrainingImages / Images.Train;

    /// <summary>The share of the images that are not held out on which the supernet trains.</summary>
    [JsonIgnore]
    public double SupernetShare => SupernetImages == 0 ? 1 : (double)SupernetImages / (Images.Train - Images.HeldOut);

    /// <summary>How many epochs a network trains in its time.</summary>
    /// <param name="macs">Its multiply-adds.</param>
    public int EpochsOf(long macs) =>
        EpochsIn(SecondsOf(Model) - Speed.Open, Speed.EpochOf(macs, TrainingShare));

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
    /// <param name="known">Known networks that keep the limits, at least one.</param>
    /// <exception cref="BadOptionException">The minutes are too few for any plan; the message says how many would do.</exception>
    public static AutoPlan Make(AutoSetting setting, AutoSpeed speed, double before, IReadOnlyList<AutoNetwork> known)
    {
        double total = 60 * setting.Minutes, ending = speed.Open + EndingSeconds + EndingShare * total, left = total - before - ending;
        AutoPlan? plan = setting.Searches ? TryToSearch(setting, speed, left) : null;
        if (plan is null && setting.Searches)
            setting = setting with
            {
                Reasons = setting.Reasons.Add(
                    "Way: a known network is trained and nothing searched; in "
                    + $"{Text(setting.Minutes)} minutes this machine trains no supernet of so many images well enough."),
            };
        plan ??= TryToTrain(setting, speed, left, known) ?? throw TooFew(setting, speed, before, known);
        return plan with
        {
            Stages = [new(Measuring, before), .. plan.Stages, new(Ending, ending)],
        };
    }

    /// <summary>Refuses what the types of a file's values leave open.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Stages.IsDefaultOrEmpty || Reasons.IsDefault || Searches == (Known is not null))
            throw new System.Text.Json.JsonException("it says not what is to be done");
    }

    private static AutoPlan? TryToSearch(AutoSetting setting, AutoSpeed speed, double left)
    {
        double forSupernet = AutoRules.SupernetShare * left - speed.Open, forSearch = AutoRules.SearchShare * left - speed.Open;
        int all = setting.Images.Train - setting.Images.HeldOut;
        if (ImagesIn(forSupernet, all, AutoRules.SupernetEpochs, AutoRules.SupernetImages, speed.SupernetEpochOn) is not { } images)
            return null;
        double epoch = speed.SupernetEpochOn((double)images / all);
        int epochs = EpochsIn(forSupernet, epoch);
        // The ranker's reference sample takes scores, too.
        int evaluations = (int)Math.Min(forSearch / speed.Evaluation - SearchReference / 10.0, AutoRules.MostEvaluations);
        if (evaluations < AutoRules.Evaluations) return null;
        double supernet = speed.Open + epochs * epoch, search = speed.Open + (evaluations + SearchReference / 10) * speed.Evaluation;
        AutoPlan plan = Of(setting, speed, [new(Supernet, supernet), new(Search, search)], left) with
        {
            Searches = true,
            SupernetEpochs = epochs,
            SupernetImages = images == all ? 0 : images,
            Evaluations = evaluations,
        };
        string part = images == all ? "" : $" on {images.ToString("N0", CultureInfo.InvariantCulture)} of the images";
        return TrainsOn(plan, setting.LargestMacs) is not { } trained ? null : trained with
        {
            Reasons = setting.Reasons.AddRange(
                $"Way: a supernet is trained and searched (preset {AutoRules.Preset}); pictures and time allow it.",
                $"Time: {PlainText.Count(epochs, "epoch")} of the supernet{part}, {PlainText.Count(evaluations, "architecture")} scored by "
                + $"{AutoRules.Ranker}, and the rest half and half for the model and {AutoRules.KnownName} at equal cost."),
        };
    }

    private static AutoPlan? TryToTrain(AutoSetting setting, AutoSpeed speed, double left, IReadOnlyList<AutoNetwork> known)
    {
        AutoPlan plan = Of(setting, speed, [], left);
        AutoNetwork[] byCost = [.. known.OrderByDescending(network => network.MultiplyAdds)];
        int steps = StepsOf(setting.Images.Train);
        AutoNetwork usual = byCost.FirstOrDefault(network => network.Channels <= setting.Channels && network.Cells == 1) ?? byCost[^1];
        AutoNetwork chosen = byCost.TakeWhile(network => network != usual).FirstOrDefault(
            network => plan.EpochsOf(network.MultiplyAdds) is var epochs
                && epochs >= AutoRules.EnoughEpochs && (long)epochs * steps >= AutoRules.EnoughSteps,
            usual);
        if (TrainsOn(plan, chosen.MultiplyAdds) is not { } trained)
            return chosen == byCost[^1] ? null : TryToTrain(setting, speed, left, [byCost[^1]]);
        return trained with
        {
            Known = chosen,
            Channels = chosen.Channels,
            Cells = chosen.Cells,
            Reasons = setting.Reasons.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Network: {AutoRules.KnownName} with {chosen.Channels} channels ({chosen.Parameters:N0} parameters), as wide as "
                + $"limits and time allow: {PlainText.Count(trained.EpochsOf(chosen.MultiplyAdds), "epoch")}.")),
        };
    }

    private static AutoPlan Of(AutoSetting setting, AutoSpeed speed, ImmutableArray<AutoStage> first, double left)
    {
        double each = (left - first.Sum(stage => stage.Seconds)) / 2;
        return new AutoPlan(
            setting.Minutes, setting.Images, speed, [.. first, new(Model, each), new(Baseline, each)], false, setting.ImageSize,
            setting.Channels, setting.Cells, setting.Balances, 0, 0, 0, 0, null, setting.Reasons);
    }

    // On fewer images where too few epochs of all fit; null where those fit neither.
    private static AutoPlan? TrainsOn(AutoPlan plan, long macs)
    {
        int all = plan.Images.Train;
        double seconds = plan.SecondsOf(Model) - plan.Speed.Open;
        int? images = ImagesIn(
            seconds, all, AutoRules.TrainingEpochs, AutoRules.TrainingImages, share => plan.Speed.EpochOf(macs, share));
        return images is { } some ? plan with { TrainingImages = some == all ? 0 : some } : null;
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
        (int)Math.Clamp(Math.Floor(seconds / epoch + 1e-9), 1, TrainingRunOptions.MostEpochs);

    private static int StepsOf(int images) =>
        Math.Max(images / AutoRules.BatchSize, Math.Min(images / 2, TrainingRunOptions.UsualLeastSteps));

    private static int SearchReference => new SearchOptions().Reference;

    private static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
