using MathNet.Numerics.LinearAlgebra;
using PandaNas.Statistics;

namespace PandaNas.Ranking.Predictors;

/// <summary>Chooses which architectures of a pool are worth a label.</summary>
internal static class LabelChoice
{
    /// <summary>Some that are spread evenly over the quantiles of a score, lowest first.</summary>
    /// <param name="scores">Of the pool.</param>
    /// <param name="count">How many, at most as many as there are.</param>
    /// <returns>Their places in the pool.</returns>
    public static int[] Spread(IReadOnlyList<double> scores, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, scores.Count);
        int[] ascending = [.. Enumerable.Range(0, scores.Count).OrderBy(place => scores[place])];
        return [.. Enumerable.Range(0, count).Select(i => ascending[(int)((2L * i + 1) * ascending.Length / (2L * count))])];
    }

    /// <summary>
    /// Those whose labels, one after the other, leave the least variance over the whole pool (Cohn et al. 1996, "Active Learning with
    /// Statistical Models"). A label changes the variances by where it is, not by what it says, so that none is needed.
    /// </summary>
    /// <param name="kernel">How far architectures resemble each other.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="known">Places of those that have labels.</param>
    /// <param name="count">How many more.</param>
    /// <returns>Their places in the pool, most telling first.</returns>
    public static int[] MostTelling(ProcessKernel kernel, IReadOnlyList<ProcessPoint> pool, IReadOnlyList<int> known, int count)
    {
        Matrix<double> left = GaussianProcess.Covariances(kernel, pool, [.. known.Select(place => pool[place])]);
        var taken = new HashSet<int>(known);
        var chosen = new int[count];
        for (int i = 0; i < count; i++)
        {
            int best = Enumerable.Range(0, pool.Count).Where(place => !taken.Contains(place)).MaxBy(Gain);
            taken.Add(best);
            chosen[i] = best;
            Vector<double> column = left.Column(best);
            left -= column.OuterProduct(column) / (left[best, best] + kernel.Noise);
        }
        return chosen;

        // By how much the variances of all fall together.
        double Gain(int place)
        {
            Vector<double> column = left.Column(place);
            return column.DotProduct(column) / (left[place, place] + kernel.Noise);
        }
    }
}
