using CsCheck;
using PandaNas.Experiments.Automatic;
using PandaNas.Searching;

namespace PandaNas.Tests.Experiments.Automatic;

/// <summary>The plan as a function of images, speed and time.</summary>
public sealed class AutoPlanTests
{
    private const long Largest = 8_000_000;

    private static readonly AutoNetwork[] Known =
        [.. Enumerable.Range(1, 8).Select(i => new AutoNetwork(AutoRules.KnownCell, 2 * i, 1, 1_000 * i * i, 100_000 * i * i))];

    // From a network of a millisecond an epoch to one of minutes.
    private static readonly Gen<(AutoSetting Setting, AutoSpeed Speed, double Before)> Cases = Gen.Select(
        Gen.Int[60, 200_000], Gen.Double[0.2, 200], Gen.Bool, Gen.Double[-5, -1], Gen.Double[0.001, 0.3], Gen.Double[0.1, 20],
        (images, minutes, searches, log, slow, before) => (
            new AutoSetting(
                minutes, new AutoImages(images, images / 10, Math.Max(2, images / 10), 50, 2, 3, 20, 40, 0, 32), 16, 8, 1, searches,
                Largest, false, ["because"]),
            new AutoSpeed(
                images * Math.Pow(10, log), 0.1 * slow, 0.3 * images * Math.Pow(10, log), images * Math.Pow(10, log) * 1e-7, 0.2 * slow,
                slow, 3 * slow),
            before));

    [Fact]
    public void EveryPlan_DividesTheWholeTime_AndGivesEveryStageItsLeast() => Cases.Sample(one =>
    {
        if (TryMake(one) is not { } plan) return;
        Assert.Equal(60 * one.Setting.Minutes, plan.Stages.Sum(stage => stage.Seconds), 6);
        Assert.All(plan.Stages, stage => Assert.True(stage.Seconds > 0, stage.ToString()));
        Assert.Equal(plan.SecondsOf(AutoPlan.Model), plan.SecondsOf(AutoPlan.Baseline));
        Assert.Equal(plan.Searches, plan.Known is null);
        Assert.Equal(one.Before, plan.SecondsOf(AutoPlan.Measuring));
        Assert.InRange(plan.TrainingImages, 0, one.Setting.Images.Train - 1);
        long macs = plan.Known?.MultiplyAdds ?? Largest;
        Assert.True(plan.EpochsOf(macs) >= AutoRules.TrainingEpochs, $"{plan.EpochsOf(macs)} epochs");
        // What is planned fits.
        double training = plan.Speed.Open + plan.EpochsOf(macs) * plan.Speed.EpochOf(macs, plan.TrainingShare);
        Assert.True(training <= plan.SecondsOf(AutoPlan.Model) + 1e-6, $"{training} s in {plan.SecondsOf(AutoPlan.Model)} s");
        if (!plan.Searches) return;
        Assert.True(plan.SupernetEpochs >= AutoRules.SupernetEpochs);
        Assert.InRange(plan.Evaluations, AutoRules.Evaluations, AutoRules.MostEvaluations);
        Assert.True(
            plan.SupernetImages == 0 || plan.SupernetImages >= AutoRules.SupernetImages, $"{plan.SupernetImages} images");
        double supernet = plan.Speed.Open + plan.SupernetEpochs * plan.Speed.SupernetEpochOn(plan.SupernetShare);
        Assert.Equal(supernet, plan.SecondsOf(AutoPlan.Supernet), 6);
    });

    [Fact]
    public void MoreMinutes_GiveEveryStageNoLess() => Cases.Sample(one =>
    {
        (AutoSetting setting, AutoSpeed speed, double before) = one;
        AutoPlan? less = TryMake(one), more = TryMake((setting with { Minutes = 1.3 * setting.Minutes }, speed, before));
        if (less is null) return;
        Assert.NotNull(more);
        Assert.True(more.Searches || !less.Searches, "more minutes search less");
        if (more.Searches != less.Searches) return;
        foreach (string stage in (string[])[AutoPlan.Supernet, AutoPlan.Model, AutoPlan.Baseline, AutoPlan.Ending])
            // A whole epoch or evaluation more of the one can be a little less of the other.
            Assert.True(more.SecondsOf(stage) >= less.SecondsOf(stage) - less.Speed.SupernetEpochOn(1), stage);
        Assert.True(more.SupernetEpochs * more.SupernetShare >= less.SupernetEpochs * less.SupernetShare - 1);
        Assert.True(more.Evaluations >= less.Evaluations);
        if (less.Known is { } known) Assert.True(more.Known!.MultiplyAdds >= known.MultiplyAdds, "more minutes train a smaller network");
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
        AutoPlan plan = AutoPlan.Make(setting with { Minutes = least }, speed, before, Known);
        Assert.False(plan.Searches);
    });

    [Fact]
    public void WhereASupernetLearnsTooLittle_AKnownNetworkIsTrained_AndItIsSaid()
    {
        AutoSetting setting = new(
            5, new AutoImages(2_000, 200, 200, 200, 2, 3, 1_000, 1_000, 0, 32), 16, 8, 1, true, Largest, false, []);
        var fast = new AutoSpeed(1, 0.02, 0.3, 1e-7, 0.01, 0.05, 0.5);
        Assert.True(AutoPlan.Make(setting, fast, 10, Known).Searches);
        AutoPlan slow = AutoPlan.Make(setting, fast with { SupernetEpoch = 30 }, 10, Known);
        Assert.False(slow.Searches);
        Assert.Contains(slow.Reasons, reason => reason.StartsWith("Way: a known network is trained", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1.0, 1.0)]
    [InlineData(1.09, 1.0)]
    [InlineData(0.92, 1.0)]
    [InlineData(1.3, 0.8)]
    [InlineData(1.6, 0.64)]
    [InlineData(0.5, 1.5625)]
    public void Epochs_ChangeByStepsOfAQuarter_WithThePaceOfTheMachine(double slower, double factor)
    {
        AutoSetting setting = new(
            10, new AutoImages(5_000, 500, 500, 500, 10, 3, 500, 500, 0, 32), 16, 8, 1, false, Largest, false, []);
        AutoPlan plan = AutoPlan.Make(setting, new AutoSpeed(0, 0, 0.5, 1e-7, 0.01, 0.05, 0.5), 10, Known);
        long macs = plan.Known!.MultiplyAdds;
        double epoch = plan.Speed.EpochOf(macs, 1);
        AutoEpochs epochs = AutoEpochs.Of(plan, 0, (macs, slower * epoch), (macs, slower * epoch));
        Assert.Equal(Math.Round(factor * plan.EpochsOf(macs)), epochs.Model, 0.02 * plan.EpochsOf(macs));
        Assert.Equal(factor == 1, epochs.Remark is null);
        // Another measurement of the same machine decides the same.
        Assert.Equal(epochs, AutoEpochs.Of(plan, 0, (macs, 1.1 * slower * epoch), (macs, 0.92 * slower * epoch)));
    }

    [Fact]
    public void ASupernetThatTookLonger_ShortensTheTrainings()
    {
        AutoSetting setting = new(
            10, new AutoImages(20_000, 4_000, 4_000, 500, 10, 3, 500, 500, 0, 32), 16, 8, 1, true, Largest, false, []);
        AutoPlan plan = AutoPlan.Make(setting, new AutoSpeed(2, 0.02, 0.5, 1e-7, 0.01, 0.05, 0.5), 10, Known);
        double supernet = plan.SecondsOf(AutoPlan.Supernet) - plan.Speed.Open, epoch = plan.Speed.EpochOf(Largest, plan.TrainingShare);
        AutoEpochs asPlanned = AutoEpochs.Of(plan, supernet, (Largest, epoch), (Largest, epoch));
        AutoEpochs late = AutoEpochs.Of(plan, 1.5 * supernet, (Largest, epoch), (Largest, epoch));
        Assert.Equal((plan.EpochsOf(Largest), (string?)null), (asPlanned.Model, asPlanned.Remark));
        Assert.True(late.Model < asPlanned.Model);
        Assert.Contains("slower", late.Remark, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32, 50_000, 10.0, 2, 16)]
    [InlineData(32, 50_000, 60.0, 2, 32)]
    [InlineData(32, 10_000, 10.0, 2, 32)]
    [InlineData(500, 300, 10.0, 2, 64)]
    [InlineData(28, 300, 10.0, 2, 24)]
    [InlineData(8, 300, 10.0, 2, 8)]
    public void Resolution_IsTheImagesOwn_AsFarAsTheTimeAllows(int own, int images, double minutes, int processors, int side) =>
        Assert.Equal(side, AutoRules.SideOf(own, AutoRules.LargestSide(images, minutes, processors)));

    [Theory]
    [InlineData(10_000L, 10.0, 4)]
    [InlineData(60_000L, 10.0, 8)]
    [InlineData(250_000L, 10.0, 8)]
    [InlineData(250_000L, 20.0, 16)]
    [InlineData(null, 10.0, 8)]
    public void Supernet_IsTheSmallestThatUsesTheLimitsUp(long? most, double minutes, int channels) => Assert.Equal(
        (channels, 1),
        AutoRules.SupernetOf(new CostLimits(most, null), minutes, (c, n) => new ArchitectureCost(1_400L * c * c * n, 1)));

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
