using System.Collections.Immutable;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Reporting.Architectures;
using PandaNas.Reporting.Contents;
using PandaNas.Statistics;

namespace PandaNas.Reporting.Pages;

/// <summary>The training of one architecture from scratch.</summary>
internal static class RetrainingReport
{
    /// <summary>The part of a report; null for another kind of run.</summary>
    public static StageReport? Of(RunContents run)
    {
        if (run.Kind != RunKind.Standalone) return null;
        return new StageReport("Training the architecture from scratch", VerdictOf(run), Tiles(run),
        [
            .. PredictionFigures.Draw(run), .. EpochFigures.Draw(run.Epochs),
            .. ArchitectureDrawing.Draw(run.Networks, run.Fact("architecture")),
        ]);
    }

    private static ImmutableArray<Tile> Tiles(RunContents run) => run.Retraining is not { } result ? [] :
    [
        Tile.OfShare("test accuracy", result.TestAccuracy, IntervalOf(result)),
        new Tile("parameters", result.LiveParams, Words.Number(result.LiveParams)),
        new Tile("multiply-adds", result.LiveMacs, Words.Number(result.LiveMacs), "of an image"),
    ];

    private static Interval? IntervalOf(RetrainingResult result) =>
        result.Setup.TestImages < 1 ? null : WilsonInterval.Of(result.TestAccuracy, result.Setup.TestImages);

    private static Verdict VerdictOf(RunContents run)
    {
        if (run.Retraining is not { } result)
        {
            string planned = run.Options is { } options ? $" of {options.Epochs}" : "";
            return new Verdict(
                $"The training is not finished: {PlainText.Count(run.Epochs.Length, "epoch")}{planned} are done. "
                + "It is going on, or it was interrupted.",
                "Test images are touched only at the end; there is no test accuracy yet.",
                "Wait for it, or continue it if it was interrupted.", ShellCommand.Panda("retrain", "--out", run.Folder, "--resume"));
        }
        string images = PlainText.Count(result.Setup.TestImages, "test image");
        string interval = IntervalOf(result) is { } ends
            ? $"The 95% interval is {Words.Range(ends, Words.Percent)}, of the chance in {images} alone. "
            : "";
        return new Verdict(
            $"The architecture, trained from scratch for {PlainText.Count(result.Epochs, "epoch")} in {Words.Duration(result.Seconds)}, "
            + $"classifies {Words.Percent(result.TestAccuracy)} of the test images correctly; "
            + $"guessing would give {Words.Percent(1.0 / result.Setup.Classes)}. It has {Words.Number(result.LiveParams)} parameters.",
            interval + "Another seed gives another accuracy; "
            + "only several seeds, and random architectures of the same size trained alike, say whether the search helped.",
            "Classify pictures with it (panda predict), measure how fast it is (panda latency), or take it elsewhere as an ONNX model:",
            ShellCommand.Panda("export", run.Folder));
    }
}
