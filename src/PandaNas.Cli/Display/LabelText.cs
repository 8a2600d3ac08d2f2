using System.Globalization;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;
using PandaNas.Ranking;

namespace PandaNas.Cli.Display;

/// <summary>What a search learned from architectures that were trained alone.</summary>
internal static class LabelText
{
    /// <summary>Prints how well labels are predicted, and the best of them.</summary>
    public static void Print(TextWriter output, LabelReport report)
    {
        output.WriteLine(PlainText.Wrap(
            $"Score is the accuracy predicted after {PlainText.Count(report.Epochs, "epoch")} of training alone, learned from "
            + $"{PlainText.Count(report.Labels.Length, "label")} on {report.Images:N0} held-out images. "
            + $"Each label predicted from all others: tau {Measure.KendallTau.Text(report.KendallTau)}"
            + $"{Between(Measure.KendallTau.Text(report.KendallTauCi95))} "
            + $"(the ranker's is {Measure.KendallTau.Text(report.RankerKendallTau)}), error {Points(report.Rmse)} points"
            + $"{Between(report.RmseCi95 is { } ends ? $"{Points(ends.Lower)} to {Points(ends.Upper)}" : "")}."));
        if (report.Diverged > 0)
            output.WriteLine(PlainText.Wrap(
                $"{PlainText.Count(report.Diverged, "training")} of a label diverged and counts as guessing."));
        output.WriteLine($"The best label, {report.Best.Accuracy.ToString("P1", CultureInfo.InvariantCulture)}:");
        output.WriteLine($"  {ArchitectureTable.Wrap(report.Best.Architecture, 2)}");
    }

    private static string Between(string interval) => interval.Length == 0 ? "" : $", 95% interval {interval}";

    private static string Points(double share) => (100 * share).ToString("F2", CultureInfo.InvariantCulture);
}
