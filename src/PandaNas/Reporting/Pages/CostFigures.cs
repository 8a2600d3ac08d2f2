using System.Collections.Immutable;
using PandaNas.Experiments.Scoring;
using PandaNas.Reporting.Charts;

namespace PandaNas.Reporting.Pages;

/// <summary>Accuracy over a cost, or the score where no accuracy is known, with the Pareto front.</summary>
internal static class CostFigures
{
    /// <summary>The axis of accuracies.</summary>
    public static Axis Accuracy { get; } = new("accuracy with the supernet", NumberKind.Share);

    /// <summary>The axis of scores.</summary>
    public static Axis Score { get; } = new("score");

    /// <summary>The axis of parameters.</summary>
    public static Axis Parameters { get; } = new("parameters", NumberKind.Count);

    /// <summary>The axis of multiply-adds.</summary>
    public static Axis MultiplyAdds { get; } = new("multiply-adds of an image", NumberKind.Count);

    /// <summary>The axis of latencies.</summary>
    public static Axis Latency { get; } = new("predicted latency in ms");

    /// <summary>A figure.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="title">Its title.</param>
    /// <param name="axis">The cost.</param>
    /// <param name="cost">The cost of an architecture; null where it is not known.</param>
    /// <param name="evaluated">All that was evaluated.</param>
    /// <param name="best">The best.</param>
    /// <param name="limit">The most that was allowed; null for no limit.</param>
    /// <remarks>The ordinate is the accuracy where the best has one.</remarks>
    public static Figure Draw(
        string name, string title, Axis axis, Func<ScoredArchitecture, double?> cost, IEnumerable<ScoredArchitecture> evaluated,
        ScoredArchitecture best, double? limit)
    {
        Func<ScoredArchitecture, double?> good = best.Accuracy is null ? one => one.Score : one => one.Accuracy;
        ScoredArchitecture[] all = [.. evaluated.Where(one => cost(one) is not null && good(one) is not null)];
        return new Figure(name, title,
            "Every dot is an architecture that a search or ranking scored on these images. "
            + $"On the line none is both cheaper and {(best.Accuracy is null ? "of a higher score" : "more accurate")}.",
            new XyChart(axis, best.Accuracy is null ? Score : Accuracy,
            [
                new Series("evaluated", Marks(all), Drawn.Dots, 0), new Series("Pareto front", Marks(Front(all)), Drawn.Front, 2),
                new Series("the best", Marks([best]), Drawn.Rings, 1),
            ])
            {
                Rules = limit is { } most ? [new Rule(most, $"limit {axis.Text(most)}", IsVertical: true)] : [],
            });

        ImmutableArray<Mark> Marks(IEnumerable<ScoredArchitecture> some) =>
            [.. some.Select(one => new Mark(cost(one) ?? 0, good(one) ?? 0, one.Architecture))];

        IEnumerable<ScoredArchitecture> Front(IEnumerable<ScoredArchitecture> some)
        {
            double most = double.NegativeInfinity;
            foreach (ScoredArchitecture one in some.OrderBy(one => cost(one)).ThenByDescending(good))
            {
                if (good(one) is not { } value || value <= most) continue;
                most = value;
                yield return one;
            }
        }
    }
}
