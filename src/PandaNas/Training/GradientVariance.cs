using System.Collections.Immutable;
using PandaNas.Statistics;

namespace PandaNas.Training;

/// <summary>A variance with its uncertainty.</summary>
/// <param name="Variance">Mean squared norm less squared norm of the mean; its expectation is (1 − 1/M) of the true variance.</param>
/// <param name="Ci95">
/// The 95% interval, a studentized bootstrap over 20 blocks of samples; at least 0. Where a few importance weights dominate, its upper
/// end is far away, and nothing is known of weights that were not met.
/// </param>
internal sealed record VarianceEstimate(double Variance, Interval Ci95);

/// <summary>The variance of a group of parameters.</summary>
/// <param name="Name"><c>shared</c> or a kind of operation.</param>
/// <param name="Estimate">The group's part of the variance; the parts of all groups add up to the whole.</param>
internal sealed record GroupVariance(string Name, VarianceEstimate Estimate);

/// <summary>The gradient variance GV of a supernet under a pair of distributions: GV = mean‖g‖² − ‖mean g‖² over M gradients.</summary>
/// <param name="Total">Of all parameters.</param>
/// <param name="MeanSquaredNorm">mean‖g‖².</param>
/// <param name="SquaredMeanNorm">‖mean g‖².</param>
/// <param name="Groups">By group of parameters.</param>
internal sealed record GradientVariance(
    VarianceEstimate Total, double MeanSquaredNorm, double SquaredMeanNorm, ImmutableArray<GroupVariance> Groups);

/// <summary>Gradient variance as sampled, and corrected for how it was sampled.</summary>
/// <param name="Raw">Of the gradients as training takes them.</param>
/// <param name="Corrected">
/// Of the importance-weighted gradients, whose mean estimates what uniform sampling's mean does; null where some path or example has
/// probability 0, since no weight makes up for what is never drawn.
/// </param>
/// <param name="PathEffectiveSamples">
/// (Σw)²/Σw² over the paths' importance weights: as many equally weighted paths would say as much; M when uniform, null with
/// <paramref name="Corrected"/>.
/// </param>
internal sealed record GradientVariances(GradientVariance Raw, GradientVariance? Corrected, double? PathEffectiveSamples);
