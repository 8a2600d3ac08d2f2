using System.Collections.Immutable;
using PandaNas.Experiments.Models;
using PandaNas.Reporting.Charts;
using PandaNas.Reporting.Contents;
using PandaNas.Reporting.Markup;
using PandaNas.Statistics;

namespace PandaNas.Reporting.Pages;

/// <summary>What a retrained network takes its test images for.</summary>
internal static class PredictionFigures
{
    private const int MostClasses = 12, MostConfusions = 50, MostMistakes = 12;

    /// <summary>The figures; of a run that kept no predictions one that says so.</summary>
    public static IEnumerable<Figure> Draw(RunContents run)
    {
        if (run.Predictions is not { } found)
            return run.Retraining is null
                ? []
                :
                [
                    new Figure("confusion", "What is taken for what",
                        "This cannot be shown: the run has no test-predictions.json. An older version trained it, or the file is damaged; "
                        + "'panda retrain --resume' makes it if the images are still there.", Drawing: null),
                ];
        int[,] counts = found.Confusion();
        return [Confusion(found, counts), Classes(found), .. Mistakes(found)];
    }

    private static Figure Confusion(TestPredictions found, int[,] counts)
    {
        int classes = found.Classes.Length;
        var confused =
            from truth in Enumerable.Range(0, classes)
            from taken in Enumerable.Range(0, classes)
            where truth != taken && counts[truth, taken] > 0
            orderby counts[truth, taken] descending
            select (ImmutableArray<string>)[found.Classes[truth], found.Classes[taken], Words.Number(counts[truth, taken])];
        var table = new DataTable(["true class", "taken for", ">images"], [.. confused.Take(MostConfusions)]);
        return classes <= ConfusionChart.MostClasses
            ? new Figure("confusion", "What is taken for what",
                "Every row is a true class, every column what its test images were taken for, in percent of the row. "
                + "What is right stands on the diagonal.", new ConfusionChart(found.Classes, counts), table)
            : new Figure("confusion", "What is taken for what", $"The {table.Rows.Length} most frequent confusions.", table);
    }

    private static Figure Classes(TestPredictions found)
    {
        ClassScore[] all = [.. found.Score().Classes.Where(one => one.Accuracy is not null).OrderBy(one => one.Accuracy)];
        return new Figure(
            "classes", all.Length > MostClasses ? $"The worst {MostClasses} of {all.Length} classes" : "The classes, worst first",
            "The share of each class's test images that is classified correctly, with its 95% interval.",
            new IntervalChart(new Axis("accuracy", NumberKind.Share, From: 0, To: 1),
                [.. all.Take(MostClasses).Select(one => new IntervalRow(one.Class, one.Accuracy, one.Interval))]),
            new DataTable(["class", ">images", ">accuracy", ">95% interval"],
            [
                .. all.Select(one => (ImmutableArray<string>)
                [
                    one.Class, Words.Number(one.Images), Words.Percent(one.Accuracy!.Value),
                    Words.Range(one.Interval!.Value, Words.Percent),
                ]),
            ]));
    }

    private static IEnumerable<Figure> Mistakes(TestPredictions found)
    {
        if (found.Mistakes.IsEmpty) yield break;
        yield return new Figure("mistakes", "The mistakes made with the most confidence",
            "Test images as the network sees them, what it takes them for and what they are. "
            + "Look for labels that are wrong, and for what they have in common.",
            new Flow([.. found.Mistakes.Take(MostMistakes).Select(Box)], IsChain: false));

        FlowBox Box(TestMistake mistake) => new(
            found.Classes[found.Predicted[mistake.Image]],
            [$"{Words.Percent(found.Probability[mistake.Image])} sure", $"is {found.Classes[found.Labels[mistake.Image]]}"],
            Picture: Words.Picture(mistake.Png));
    }
}
