using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Experiments.Automatic;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Reporting.Charts;
using PandaNas.Reporting.Contents;
using PandaNas.Reporting.Markup;
using PandaNas.Statistics;

namespace PandaNas.Reporting.Pages;

/// <summary>A model that was found and trained within a given time.</summary>
internal static class AutoReport
{
    /// <summary>The part of a report; null for another kind of run.</summary>
    public static StageReport? Of(RunContents run)
    {
        if (run.Kind != RunKind.Auto) return null;
        ImmutableArray<string> runs = [.. AutoExperiment.RunsOf(run.Folder).Where(RunDirectory.Exists)];
        return run.Auto is { } result
            ? new StageReport("The model", VerdictOf(result), Tiles(result), [Compared(result), .. Planned(run.Plan, result)])
            { Runs = runs }
            : new StageReport(
                "The model",
                new Verdict(
                    "The work is not finished: it is going on, or it was interrupted.", "There is no test accuracy of the model yet.",
                    "Wait for it, or continue it if it was interrupted.", ShellCommand.Panda("auto", "--out", run.Folder, "--resume")),
                [], [.. Planned(run.Plan, null)])
            { Runs = runs };
    }

    /// <summary>How the model was chosen, and whether it is better than its baseline, in words.</summary>
    public static string Judgement(AutoResult result)
    {
        (double mean, Interval? ci95, int images) = result.Difference;
        string compared = $"{Choice(result)} On the test images it is {Points(mean)} points from the {result.Baseline.Name} one, "
            + "trained for the same time";
        if (ci95 is not { } interval) return compared + ".";
        string judged = interval.Lower > 0 ? "the model is better on these images"
            : interval.Upper < 0 ? $"the {result.Baseline.Name} one is better on these images"
            : "these images cannot tell the two apart";
        return $"{compared}; the 95% interval over {PlainText.Count(images, "test image")} is {Points(interval.Lower)} to "
            + $"{Points(interval.Upper)}, so {judged}. Each was trained once: another seed gives other accuracies.";
    }

    private static string Choice(AutoResult result) =>
        (result.Model.Training, result.Baseline.Training) is ({ ValidationAccuracy: { } model }, { ValidationAccuracy: { } baseline })
            ? $"The model is the {result.Model.Name} network, which classifies {Words.Percent(model)} of "
                + $"{PlainText.Count(result.Model.Training.Setup.RankingImages, "held-out image")} correctly, the "
                + $"{result.Baseline.Name} one {Words.Percent(baseline)}{(model < baseline ? ", but not within the limits" : "")}."
            : $"The model is the {result.Model.Name} network: too few images could be held out to choose"
                + (result.Model.Name == AutoRules.Known[1].Name ? ", and of few it learns more." : ".");

    private static ImmutableArray<Tile> Tiles(AutoResult result) =>
    [
        Tile.OfShare("test accuracy", result.Model.Training.TestAccuracy, result.Model.Ci95),
        Tile.OfShare("its rival", result.Baseline.Training.TestAccuracy, result.Baseline.Ci95),
        new Tile("parameters", result.Model.Training.LiveParams, Words.Number(result.Model.Training.LiveParams)),
        new Tile("multiply-adds", result.Model.Training.LiveMacs, Words.Number(result.Model.Training.LiveMacs), "of an image"),
        new Tile("time", result.Seconds, Words.Duration(result.Seconds), $"of {Words.Duration(60 * result.Minutes)} given"),
    ];

    private static Verdict VerdictOf(AutoResult result) => new(
        $"The model, a {result.Model.Name} network, classifies {Words.Percent(result.Model.Training.TestAccuracy)} of the test images "
        + $"correctly; guessing would give {Words.Percent(1.0 / result.Model.Training.Setup.Classes)}. Its rival, a "
        + $"{result.Baseline.Name} one, classifies {Words.Percent(result.Baseline.Training.TestAccuracy)}.",
        Judgement(result),
        "Classify pictures with it, or take its file elsewhere: it needs nothing of this program (docs/export.md).",
        ShellCommand.Panda("predict", result.Model.Training.Run, "PICTURE"));

    private static Figure Compared(AutoResult result)
    {
        AutoModel[] models = [result.Model, result.Baseline];
        return new Figure(
            "auto-accuracy", "Model and rival", "On the test images, with the 95% interval of the chance in these images alone.",
            new IntervalChart(
                new Axis("test accuracy", NumberKind.Share),
                [.. models.Select((model, i) => new IntervalRow(model.Name, model.Training.TestAccuracy, model.Ci95, 1 - i))]),
            new DataTable(
                ["network", ">test accuracy", ">parameters", ">multiply-adds", ">latency ms", ">epochs", ">seconds of training"],
                [
                    .. models.Select(model => (ImmutableArray<string>)
                    [
                        model.Name, Words.Percent(model.Training.TestAccuracy), Words.Number(model.Training.LiveParams),
                        Words.Number(model.Training.LiveMacs),
                        model.LatencyMs is { } latency ? Words.Number(latency, 3) : "",
                        Words.Number(model.Training.Epochs), Words.Number(model.Training.Seconds, 0),
                    ]),
                ]));
    }

    private static IEnumerable<Figure> Planned(AutoPlan? plan, AutoResult? result)
    {
        if (plan is null) yield break;
        yield return new Figure(
            "auto-reasons", "Why it was done so", "Decided from the images and the speed of this machine, before the first training.",
            new DataTable(
                ["decision"], [.. plan.Reasons.Concat(result?.Remarks ?? []).Select(reason => (ImmutableArray<string>)[reason])]));
        yield return new Figure(
            "auto-time", "Where the time went", "As planned before the first training, and as it was.",
            new DataTable(
                ["stage", ">planned seconds", ">seconds"],
                [
                    .. plan.Stages.Select(stage => (ImmutableArray<string>)
                    [
                        stage.Name, Words.Number(stage.Seconds, 0),
                        result?.Stages.FirstOrDefault(one => one.Name == stage.Name) is { } took ? Words.Number(took.Seconds, 0) : "",
                    ]),
                ]));
    }

    private static string Points(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
}
