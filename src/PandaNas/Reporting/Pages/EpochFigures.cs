using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Reporting.Charts;
using PandaNas.Reporting.Markup;
using PandaNas.Training;

namespace PandaNas.Reporting.Pages;

/// <summary>Loss and accuracy over the epochs of any training.</summary>
internal static class EpochFigures
{
    /// <summary>The axis of the epochs.</summary>
    public static Axis Axis(ImmutableArray<EpochRecord> epochs) =>
        new("epoch", NumberKind.Count, From: epochs[0].Epoch, To: Math.Max(epochs[^1].Epoch, epochs[0].Epoch + 1));

    /// <summary>The figures; none without an epoch.</summary>
    public static IEnumerable<Figure> Draw(ImmutableArray<EpochRecord> epochs)
    {
        if (epochs.IsEmpty) yield break;
        yield return new Figure("loss", "Loss", "Mean cross-entropy over the images trained in each epoch; lower is better.",
            new XyChart(Axis(epochs), new Axis("loss in nats"),
                [new Series("loss", [.. epochs.Select(epoch => new Mark(epoch.Epoch, epoch.Loss))], Drawn.Line, 0)]),
            new DataTable([">epoch", ">loss", ">accuracy", ">learning rate", ">passes", ">seconds"], [.. epochs.Select(Row)]));
        yield return new Figure(
            "accuracy", "Accuracy in training",
            "Share of the images trained, changed at random as they are for training, that were classified correctly.",
            new XyChart(Axis(epochs), new Axis("accuracy", NumberKind.Share),
                [new Series("accuracy", [.. epochs.Select(epoch => new Mark(epoch.Epoch, epoch.Accuracy))], Drawn.Line, 1)]));
    }

    private static ImmutableArray<string> Row(EpochRecord epoch) =>
    [
        epoch.Epoch.ToString(CultureInfo.InvariantCulture), Words.Number(epoch.Loss, 4),
        (epoch.Accuracy * 100).ToString("F2", CultureInfo.InvariantCulture) + "%",
        epoch.LearningRate.ToString("G4", CultureInfo.InvariantCulture), Words.Number(epoch.Passes), Words.Number(epoch.Seconds, 1),
    ];
}
