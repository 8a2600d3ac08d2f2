using CsCheck;
using PandaNas.Experiments.Automatic;

namespace PandaNas.Tests.Experiments.Automatic;

/// <summary>The plan as a function of images, speed and time.</summary>
public sealed class AutoPlanTests
{
    private static readonly AutoNetwork[] Known =
        [.. Enumerable.Range(1, 8).Select(i => new AutoNetwork("known", "a-b", 0.25 * i, 1_000 * i * i, 100_000 * i * i))];

    // From a network of a millisecond an epoch to one of minutes.
    private static readonly Gen<(AutoSetting Setting, AutoSpeed Speed, double Before)> Cases = Gen.Select(
        Gen.Int[60, 200_000], Gen.Double[0.2, 200], Gen.Double[-5, -1], Gen.Double[0.001, 0.3], Gen.Double[0.1, 20],
        (images, minutes, log, slow, before) => (
            Setting(minutes, images),
            new AutoSpeed(0.3 * images * Math.Pow(10, log), images * Math.Pow(10, log) * 1e-7, 0.2 * slow, slow, 3 * slow),
            before));

    [Fact]
    public void EveryPlan_DividesTheWholeTime_AndGivesEveryStageItsLeast() => Cases.Sample(one =>
    {
        if (TryMake(one) is not { } plan) return;
        Assert.Equal(60 * one.Setting.Minutes, plan.Stages.Sum(stage => stage.Seconds), 6);
        Assert.All(plan.Stages, stage => Assert.True(stage.Seconds > 0, stage.ToString()));
        Assert.Equal(plan.SecondsOf(AutoPlan.Training), plan.SecondsOf(AutoPlan.Rival));
        Assert.Equal(one.Before, plan.SecondsOf(AutoPlan.Measuring));
        Assert.InRange(plan.TrainingImages, 0, one.Setting.Images.Train - 1);
        Assert.True(plan.Epochs >= AutoRules.TrainingEpochs, $"{plan.Epochs} epochs");
        // What is planned fits, but for a part of an epoch.
        double epoch = plan.Speed.EpochOf(plan.Known.MultiplyAdds, plan.TrainingShare), training = plan.Speed.Open + plan.Epochs * epoch;
        Assert.True(
            training <= plan.SecondsOf(AutoPlan.Training) + 0.51 * epoch || plan.Epochs == AutoRules.TrainingEpochs,
            $"{training} s in {plan.SecondsOf(AutoPlan.Training)} s");
        Assert.True(plan.SecondsOf(AutoPlan.Search) <= AutoRules.SearchShare * 60 * one.Setting.Minutes);
        if (!plan.Searches) return;
        Assert.True(one.Setting.Images.HeldOut > 0, "nothing could choose");
        Assert.InRange(plan.Evaluations, AutoRules.Evaluations, AutoRules.MostEvaluations);
    });

    [Fact]
    public void MoreMinutes_GiveEveryTrainingNoLess() => Cases.Sample(one =>
    {
        (AutoSetting setting, AutoSpeed speed, double before) = one;
        AutoPlan? less = TryMake(one), more = TryMake((setting with { Minutes = 1.3 * setting.Minutes }, speed, before));
        if (less is null) return;
        Assert.NotNull(more);
        Assert.True(more.SecondsOf(AutoPlan.Training) >= less.SecondsOf(AutoPlan.Training), "less time");
        Assert.True(more.Known.MultiplyAdds >= less.Known.MultiplyAdds, "a smaller network");
    });

    [Fact]
    public void TheLeastMinutesThatTheErrorNames_WouldDo() => Cases.Sample(one =>
    {
        (AutoSetting setting, AutoSpeed speed, double before) = one;
        string? said = null;
        try
        {
            AutoPlan.Make(setting, speed, before, Known);
        }
        catch (BadOptionException error)
        {
            said = error.Message;
        }
        if (said is null) return;
        string[] words = said.Split("At least ");
        double least = double.Parse(words[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(least > setting.Minutes, said);
        Assert.NotNull(AutoPlan.Make(setting with { Minutes = least }, speed, before, Known));
    });

    [Fact]
    public void WhatIsTheRival_FollowsImagesAndTime_AndIsSaid()
    {
        var fast = new AutoSpeed(0.3, 1e-7, 0.01, 0.05, 0.5);
        Assert.Contains("searched by", Said(5, 2_000, fast), StringComparison.Ordinal);
        Assert.Contains("would take more than 10% of the time", Said(5, 2_000, fast with { Open = 20 }), StringComparison.Ordinal);
        Assert.Contains("too few can be held out", Said(5, 900, fast), StringComparison.Ordinal);

        static string Said(double minutes, int images, AutoSpeed speed)
        {
            AutoPlan plan = AutoPlan.Make(Setting(minutes, images), speed, 10, Known);
            string said = plan.Reasons.Single(reason => reason.StartsWith("Rival", StringComparison.Ordinal));
            Assert.Equal(plan.Searches, said.Contains("searched by", StringComparison.Ordinal));
            return said;
        }
    }

    [Fact]
    public void WhereOnlyParametersAreLimited_EpochsToSpareGoToANeighbourOfMoreMultiplyAdds() => Cases.Sample(one =>
    {
        if (TryMake(one) is not { } plan) return;
        AutoSetting may = one.Setting with { MayGrow = true };
        AutoPlan grown = AutoPlan.Make(may, one.Speed, one.Before, Known);
        if (grown.Growth == 0)
        {
            Assert.Equal(plan.Stages, grown.Stages);
            return;
        }
        Assert.False(grown.Searches);
        Assert.True(grown.Images.HeldOut > 0, "nothing could choose");
        Assert.InRange(grown.Growth, AutoRules.LeastGrowth, grown.Epochs / (double)AutoRules.NeighbourEpochs);
        Assert.Contains("in at most 2 operations", string.Concat(grown.Reasons), StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(1.0, 1.0)]
    [InlineData(1.1, 0.5)]
    [InlineData(1.6, 2.0)]
    [InlineData(0.5, 1.0)]
    public void Epochs_GiveBothNetworksTheTimeThatIsPlanned_WithThePaceOfTheMachine(double slower, double rival)
    {
        AutoPlan plan = AutoPlan.Make(Setting(10, 5_000), new AutoSpeed(0.05, 1e-8, 0.001, 0.05, 0.5), 10, Known);
        double epoch = plan.Speed.EpochOf(plan.Known.MultiplyAdds, 1), seconds = plan.SecondsOf(AutoPlan.Training) - plan.Speed.Open;
        AutoEpochs epochs = AutoEpochs.Of(plan, slower * epoch, (Known[0], rival * epoch), ["before"]);
        Assert.Equal(seconds, epochs.OfKnown * slower * epoch, slower * epoch);
        Assert.Equal(seconds, epochs.OfRival * rival * epoch, rival * epoch);
        Assert.Equal(slower is > 0.8 and < 1.25 ? 1 : 2, epochs.Remarks.Count);
    }

    [Fact]
    public void AMachineThatBecameMuchSlower_StillTrainsSomeEpochs()
    {
        AutoPlan plan = AutoPlan.Make(Setting(10, 5_000), new AutoSpeed(0.5, 1e-7, 0.01, 0.05, 0.5), 10, Known);
        AutoEpochs epochs = AutoEpochs.Of(plan, 1e4, (Known[0], 1e4), []);
        Assert.Equal((AutoRules.TrainingEpochs, AutoRules.TrainingEpochs), (epochs.OfKnown, epochs.OfRival));
        Assert.Contains("slower", epochs.Remarks.Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32, 50_000, 10.0, 2, 16)]
    [InlineData(32, 50_000, 60.0, 2, 32)]
    [InlineData(32, 10_000, 10.0, 2, 32)]
    [InlineData(500, 300, 10.0, 2, 64)]
    [InlineData(28, 300, 10.0, 2, 24)]
    [InlineData(8, 300, 10.0, 2, 16)]
    public void Resolution_IsTheImagesOwn_AsFarAsTheTimeAllows(int own, int images, double minutes, int processors, int side) =>
        Assert.Equal(side, AutoRules.SideOf(own, AutoRules.LargestSide(images, minutes, processors)));

    [Theory]
    [InlineData(999, 0)]
    [InlineData(1_000, 100)]
    [InlineData(50_000, 2_000)]
    public void HeldOut_IsATenth_OrNothingOfFew(int images, int held) => Assert.Equal(held, AutoRules.HeldOut(images));

    private static AutoSetting Setting(double minutes, int images) => new(
        minutes, new AutoImages(images - AutoRules.HeldOut(images), AutoRules.HeldOut(images), 50, 2, 3, 20, 40, 0, 32), 16, false,
        false, ["because"]);

    private static AutoPlan? TryMake((AutoSetting Setting, AutoSpeed Speed, double Before) one)
    {
        try
        {
            return AutoPlan.Make(one.Setting, one.Speed, one.Before, Known);
        }
        catch (BadOptionException)
        {
            return null;
        }
    }
}
