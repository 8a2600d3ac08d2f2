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
}
