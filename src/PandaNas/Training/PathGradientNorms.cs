using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Training;

/// <summary>Measures the gradient norms of a path for path sampling (algorithm.md, "path importance").</summary>
internal static class PathGradientNorms
{
    /// <summary>For every choice between operations the sum, over the cells, of the norms of the weights taken there.</summary>
    /// <param name="network">The network.</param>
    /// <param name="path">The path that was trained.</param>
    /// <param name="norms">The gradient norm of each of the network's weights, 0 where it had no gradient.</param>
    /// <param name="factor">Multiplies every sum: what clipping makes of the gradients.</param>
    public static PathNorms Of(Network network, Architecture path, IReadOnlyList<double> norms, double factor = 1)
    {
        var sums = new double[network.Space.Choices.Length];
        for (int i = 0; i < network.Weights.Count; i++)
            if (!network.Weights[i].IsShared && network.Weights[i].ChoiceIn(path) is >= 0 and int choice) sums[choice] += norms[i];
        IEnumerable<double?> atChoices = network.Space.Choices.Zip(
            sums, (choice, sum) => choice.Operations is not null ? sum * factor : (double?)null);
        return new PathNorms(path, [.. atChoices]);
    }
}
