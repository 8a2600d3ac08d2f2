using System.Globalization;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;

namespace PandaNas.Cli.Display;

/// <summary>What ordered architectures, where it was not the accuracy alone.</summary>
internal static class RankerText
{
    /// <summary>Prints the ranker and what each of its scores took.</summary>
    public static void Print(TextWriter output, RankerReport ranker)
    {
        output.WriteLine(PlainText.Wrap($"Ranker {ranker.Formula}."));
        TextTable.Print(
            output, ["score", ">weight", ">reference", ">computed now", ">ms each", ">not finite"],
            ranker.Scores.Select(score => (IReadOnlyList<string>)
            [
                score.Score, score.Weight.ToString("R", CultureInfo.InvariantCulture), Number(score.Reference), Number(score.Computed ?? 0),
                score.Milliseconds?.ToString("F2", CultureInfo.InvariantCulture) ?? "", Number(score.NotFinite),
            ]));
        int lowest = ranker.Scores.Sum(score => score.NotFinite);
        if (lowest > 0) output.WriteLine(PlainText.Wrap($"{PlainText.Count(lowest, "score")} not finite: the lowest rank by that score."));
    }

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
