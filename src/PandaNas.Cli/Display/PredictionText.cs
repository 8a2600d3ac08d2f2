using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Stages;
using PandaNas.Messages;
using PandaNas.Statistics;

namespace PandaNas.Cli.Display;

/// <summary>What <c>panda predict</c> prints for people.</summary>
internal static class PredictionText
{
    // More pictures than that are for programs; more classes than that make no matrix that fits a terminal.
    private const int MostPictures = 50, MostColumns = 12, MostNamed = 10;

    /// <summary>Prints what is said of pictures.</summary>
    public static void Print(TextWriter output, PredictionResult result)
    {
        if (result.Predictions is [{ Error: null } only] && result.Score is null)
        {
            Print(output, only);
            return;
        }
        PredictedImage[] unreadable = [.. result.Predictions.Where(image => image.Error is not null)];
        if (result.Images <= MostPictures)
            TextTable.Print(
                output, ["image", "classes"],
                result.Predictions.Where(image => image.Error is null).Select(image => (IReadOnlyList<string>)
                    [image.Image, string.Join(", ", image.Classes.Select(one => $"{one.Label} {Percent(one.Probability)}"))]));
        output.WriteLine(PlainText.Wrap(string.Create(
            CultureInfo.InvariantCulture,
            $"{PlainText.Count(result.Images, "image")} in {result.Seconds:0.0#} s: {result.ImagesPerSecond:N0} a second.")));
        foreach (PredictedImage image in unreadable.Take(MostNamed)) output.WriteLine(PlainText.Wrap($"  {image.Error}", 4));
        if (unreadable.Length > 0)
            output.WriteLine(PlainText.Wrap(
                $"{PlainText.Count(unreadable.Length, "file")} could not be read and {(unreadable.Length == 1 ? "counts" : "count")} "
                + $"nowhere{(unreadable.Length > MostNamed ? $"; {MostNamed} are named above, --csv and --json name all" : "")}."));
        if (result.Score is { } score) Print(output, score, result.Confusion);
        else PrintCounts(output, result);
    }

    private static void Print(TextWriter output, PredictedImage image)
    {
        output.WriteLine($"{image.Image}:");
        TextTable.Print(
            output, ["class", ">probability"], image.Classes.Select(one => (IReadOnlyList<string>)[one.Label, Percent(one.Probability)]));
    }

    private static void PrintCounts(TextWriter output, PredictionResult result) => TextTable.Print(
        output, ["predicted class", ">images", ">share"],
        result.Predicted.OrderByDescending(one => one.Images).Select(one => (IReadOnlyList<string>)
            [one.Class, Number(one.Images), Percent(one.Images / (double)result.Images)]));

    private static void Print(TextWriter output, ClassificationScore score, ImmutableArray<ConfusedClasses> confusion)
    {
        output.WriteLine(PlainText.Wrap(string.Create(
            CultureInfo.InvariantCulture,
            $"Accuracy {score.Accuracy:P2} (95% interval {score.Interval.Lower:P1} to {score.Interval.Upper:P1}) "
            + $"on {PlainText.Count(score.Images, "image")} whose class is known.")));
        TextTable.Print(
            output, ["class", ">images", ">right", ">95% interval", "most often taken for"],
            score.Classes.Where(one => one.Images > 0).Select(one => (IReadOnlyList<string>)
                [
                    one.Class, Number(one.Images), Percent(one.Accuracy!.Value),
                    $"{Percent(one.Interval!.Value.Lower)} to {Percent(one.Interval.Value.Upper)}",
                    confusion.Where(pair => pair.TrueClass == one.Class && pair.PredictedClass != one.Class)
                        .MaxBy(pair => pair.Images) is { } most ? $"{most.PredictedClass} ({Number(most.Images)})" : "",
                ]));
        if (score.Classes.Length <= MostColumns) PrintMatrix(output, score.Classes, confusion);
    }

    private static void PrintMatrix(TextWriter output, ImmutableArray<ClassScore> classes, ImmutableArray<ConfusedClasses> confusion)
    {
        output.WriteLine("What each class (row) was taken for (columns, in the same order):");
        int width = 1 + confusion.Max(pair => Number(pair.Images).Length), name = classes.Max(one => Printable.Of(one.Class).Length);
        name = Math.Min(name, PlainText.Width - width * classes.Length);
        foreach (ClassScore row in classes.Where(one => one.Images > 0))
            output.WriteLine(
                $"{Cut(Printable.Of(row.Class), name).PadRight(name)}"
                + string.Concat(classes.Select(column => Number(Of(row.Class, column.Class)).PadLeft(width))));

        int Of(string label, string predicted) =>
            confusion.FirstOrDefault(pair => pair.TrueClass == label && pair.PredictedClass == predicted)?.Images ?? 0;
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..Math.Max(0, most - 1)] + "…";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F1}%");

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
