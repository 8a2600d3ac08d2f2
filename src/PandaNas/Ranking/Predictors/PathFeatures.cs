using System.Collections.Immutable;
using PandaNas.Supernets;

namespace PandaNas.Ranking.Predictors;

/// <summary>What a predictor looks at of the paths through an architecture.</summary>
internal static class PathFeatures
{
    /// <summary>
    /// Layers with weights on the path of the fewest and on average, those that look around on the path of the most, and poolings that no
    /// path avoids.
    /// </summary>
    public static ImmutableArray<double> Of(PathProfile paths) =>
        [paths.Weights.Fewest, paths.Weights.Mean, paths.Kernels.Most, paths.Poolings.Fewest];
}
