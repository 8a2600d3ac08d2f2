using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Reporting.Charts;
using PandaNas.Reporting.Contents;
using PandaNas.Reporting.Markup;
using PandaNas.Training;

namespace PandaNas.Reporting.Pages;

/// <summary>The training of a supernet.</summary>
internal static class TrainingReport
{
    /// <summary>The part of a report; null for another kind of run.</summary>
    public static StageReport? Of(RunContents run)
    {
        if (run.Kind != RunKind.Supernet) return null;
        return new StageReport("Training the supernet", VerdictOf(run), [.. Tiles(run)],
        [
            .. EpochFigures.Draw(run.Epochs),
            .. PathProbabilities(run),
            .. DataDistribution(run.Epochs),
            .. DrawnPictures(run),
            .. VarianceFigures.Draw(run),
        ]);
    }

    private static IEnumerable<Tile> Tiles(RunContents run)
    {
        if (run.Training is not { ValidationAccuracy: { } accuracy } result) yield break;
        yield return new Tile(
            "accuracy of random architectures", accuracy, Words.Percent(accuracy), $"on {result.RankingPart} images");
    }

    private static Verdict VerdictOf(RunContents run)
    {
        if (run.Training is not { } result)
        {
            string planned = run.Options is { } options ? $" of {options.Epochs}" : "";
            return new Verdict(
                run.Epochs.IsEmpty
                    ? "The training has not finished its first epoch yet, or it was interrupted there."
                    : $"The training is not finished: {PlainText.Count(run.Epochs.Length, "epoch")}{planned} are done. "
                    + "It is going on, or it was interrupted.",
                "The figures below are those of the epochs done so far; they will change.",
                "Wait for it, or continue it if it was interrupted.", ShellCommand.Panda("train", "--out", run.Folder, "--resume"));
        }
        string space = run.Options?.Family.Space.Name ?? "the space";
        string next = run.Search is not null ? "It was searched: see above."
            : run.Ranking is not null
                ? "It was ranked: see above. Search it for the best architecture."
                : "Search it for the best architecture, under limits if you have any.";
        string? command = run.Search is not null ? null : ShellCommand.Panda("search", run.Folder);
        if (result.ValidationAccuracy is not { } accuracy)
            return new Verdict(
                $"No supernet of {space} was trained, by 0 epochs.",
                "Architectures are ordered by scores that need none, or by what a predictor learns from some that are trained alone.",
                next, command);
        double chance = 1.0 / result.Setup.Classes;
        return new Verdict(
            $"A supernet of {space} was trained with {result.Method} for {PlainText.Count(result.Epochs, "epoch")} "
            + $"on {PlainText.Count(result.Setup.TrainImages, "image")} in {Words.Duration(result.Seconds)}. "
            + $"Ten random architectures with its weights classify {Words.Percent(accuracy)} of the {result.RankingPart} "
            + $"images correctly on average; guessing would give {Words.Percent(chance)}.",
            accuracy < 2 * chance
                ? "That is close to guessing: the supernet has hardly learned, and what it says of architectures means little."
                : "The accuracy with shared weights is not that of a network trained by itself. "
                + "Whether its order is right, a ranking against known accuracies or retraining tells.",
            next, command);
    }

    private static IEnumerable<Figure> PathProbabilities(RunContents run)
    {
        ImmutableArray<EpochRecord> epochs = run.Epochs;
        if (epochs.IsEmpty) yield break;
        int kinds = epochs.Min(epoch => epoch.PathProbabilities.IsDefault ? 0 : epoch.PathProbabilities.Length);
        if (kinds == 0) yield break;
        ImmutableArray<string> names = run.Options?.Family.Space.Operations is { } known && known.Length == kinds
            ? known : [.. Enumerable.Range(1, kinds).Select(kind => $"operation {kind}")];
        bool isUniform = epochs.All(epoch => epoch.PathProbabilities.Max() - epoch.PathProbabilities.Min() < 1e-9);
        yield return new Figure("path-probabilities", "How often each operation is drawn",
            isUniform
                ? "The method draws all alike."
                : "The probability of every kind of operation for the next epoch. What learns more is drawn more. "
                + "Where lines meet, the last of the legend is on top.",
            new XyChart(EpochFigures.Axis(epochs), new Axis("probability", From: 0), [.. names.Select(LineOf)]),
            new DataTable([">epoch", .. names.Select(name => $">{name}")], [.. epochs.Select(Row)]));

        ImmutableArray<string> Row(EpochRecord epoch) =>
            [Epoch(epoch), .. epoch.PathProbabilities.Take(kinds).Select(value => Words.Number(value, 4))];
        Series LineOf(string name, int kind) =>
            new(name, [.. epochs.Select(epoch => new Mark(epoch.Epoch, epoch.PathProbabilities[kind]))], Drawn.Line, kind);
    }

    private static IEnumerable<Figure> DataDistribution(ImmutableArray<EpochRecord> epochs)
    {
        if (epochs.IsEmpty) yield break;
        double all = Math.Round(Math.Exp(epochs[0].DataEntropy));
        ImmutableArray<Mark> sizes = [.. epochs.Select(epoch => new Mark(epoch.Epoch, epoch.DataEffectiveSampleSize))];
        yield return new Figure("data-distribution", "How evenly images are drawn",
            "The effective sample size 1/Σq² of the distribution over images for the next epoch: "
            + "as many images drawn alike would be as varied.",
            new XyChart(EpochFigures.Axis(epochs), new Axis("effective images", NumberKind.Count, From: 0),
                [new Series("effective sample size", sizes, Drawn.Line, 0)])
            {
                Rules = [new Rule(Math.Max(all, sizes.Max(size => size.Y)), "all images alike")],
            },
            new DataTable([">epoch", ">effective sample size", ">entropy in nats"], [.. epochs.Select(Row)]));

        static ImmutableArray<string> Row(EpochRecord epoch) =>
            [Epoch(epoch), Words.Number(epoch.DataEffectiveSampleSize, 1), Words.Number(epoch.DataEntropy, 4)];
    }

    private static IEnumerable<Figure> DrawnPictures(RunContents run)
    {
        if (run.Drawn is { } drawn)
            return
            [
                Pictures("drawn-most", "The images drawn the most often", "What they have in common the supernet finds hard. "
                    + "Look for wrong labels among them.", drawn.Most),
                Pictures("drawn-least", "The images drawn the least often", "The supernet learns little from them any more.", drawn.Least),
            ];
        bool isEven = run.Epochs.IsEmpty || run.Epochs[^1].DataEffectiveSampleSize > 0.999 * Math.Exp(run.Epochs[0].DataEntropy);
        return run.Training is null || isEven
            ? []
            :
            [
                new Figure("drawn-most", "The images drawn the most and the least often",
                    "They cannot be shown: the run has no drawn-images.json. An older version trained it, or the file is damaged.",
                    Drawing: null),
            ];

        static Figure Pictures(string name, string title, string explanation, ImmutableArray<DrawnImage> images) => new(
            name, title, $"In a next epoch, as the network sees them, with how many times as often as evenly. {explanation}",
            new Flow(
                [.. images.Select(one => new FlowBox(one.Class, [Times(one.Times)], Picture: Words.Picture(one.Png)))], IsChain: false));

        static string Times(double times) => times < 0.005 ? "almost never" : $"{Words.Number(times, 2)} ×";
    }

    private static string Epoch(EpochRecord epoch) => epoch.Epoch.ToString(CultureInfo.InvariantCulture);
}
