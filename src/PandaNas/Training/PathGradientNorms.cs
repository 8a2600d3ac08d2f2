using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Training;

/// <summary>The gradient norm of every kind of operation in a path, PA's measure (algorithm.md, "Path sampling").</summary>
public static class PathGradientNorms
{
    /// <summary>
    /// For every kind o of operation: the sum, over the cells and the choices at which the path takes o, of the norms of each weight
    /// tensor's gradient, divided by how many choices take o. 0 for kinds without weights, NaN for kinds that the path does not take.
    /// </summary>
    /// <param name="space">The space of the path.</param>
    /// <param name="path">The path that was trained.</param>
    /// <param name="weights">The network's weights.</param>
    /// <param name="norms">The gradient norm of each weight, 0 where it had no gradient.</param>
    public static double[] ByOperation(SearchSpace space, Architecture path, IReadOnlyList<Weight> weights, IReadOnlyList<double> norms)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(path);
        var sums = new double[space.Operations.Length];
        var choices = new int[sums.Length];
        for (int choice = 0; choice < space.Choices.Length; choice++)
            if (space.Choices[choice].HasOperations) choices[space.OperationAt(path, choice)]++;
        for (int i = 0; i < weights.Count; i++)
            if (!weights[i].IsShared && Network.Uses(path, weights[i])) sums[weights[i].Operation] += norms[i];
        for (int operation = 0; operation < sums.Length; operation++)
            sums[operation] = choices[operation] == 0 ? double.NaN : sums[operation] / choices[operation];
        return sums;
    }

    /// <summary>
    /// For every choice c and kind o of operation, at c·K + o: the sum, over the cells, of the norms of the gradients of the weight
    /// tensors that the path takes at c. 0 for kinds without weights, NaN for kinds that the path does not take there.
    /// </summary>
    /// <param name="space">The space of the path; it has K kinds of operation.</param>
    /// <param name="path">The path that was trained.</param>
    /// <param name="weights">The network's weights.</param>
    /// <param name="norms">The gradient norm of each weight, 0 where it had no gradient.</param>
    public static double[] ByChoice(SearchSpace space, Architecture path, IReadOnlyList<Weight> weights, IReadOnlyList<double> norms)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(path);
        int kinds = space.Operations.Length;
        var sums = new double[space.Choices.Length * kinds];
        Array.Fill(sums, double.NaN);
        for (int choice = 0; choice < space.Choices.Length; choice++)
            if (space.Choices[choice].HasOperations) sums[choice * kinds + space.OperationAt(path, choice)] = 0;
        for (int i = 0; i < weights.Count; i++)
            if (!weights[i].IsShared && weights[i].ChoiceIn(path) is >= 0 and int choice) sums[choice * kinds + weights[i].Operation] += norms[i];
        return sums;
    }
}
