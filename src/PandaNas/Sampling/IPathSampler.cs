using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// Chooses the paths of every training step: architectures of the space that it was made for. A sampler that learns nothing needs only
/// <see cref="Probabilities"/> and <see cref="Sample"/>; one that keeps something from step to step also saves and restores it.
/// </summary>
public interface IPathSampler
{
    /// <summary>
    /// The current probability of every kind of operation, in the order of <see cref="SearchSpace.Operations"/>; sums to 1.
    /// </summary>
    ImmutableArray<double> Probabilities { get; }

    /// <summary>Whether <see cref="Observe"/> wants gradient norms; if not, none are computed.</summary>
    bool NeedsGradientNorms => false;

    /// <summary>Whether the first epoch draws uniformly, and only later ones by what was observed or planned.</summary>
    bool StartsUniform => NeedsGradientNorms;

    /// <summary>How many paths <see cref="Sample"/> gives: a step costs as many passes, times those of the update rule.</summary>
    int PathsPerStep => 1;

    /// <summary>From what paths are drawn now, where every choice is drawn by itself; null where they are drawn otherwise.</summary>
    PathDistribution? Distribution => null;

    /// <summary>The paths of one step; an update rule makes one update of all of them.</summary>
    /// <param name="random">The only source of random numbers.</param>
    IReadOnlyList<Architecture> Sample(RandomStream random);

    /// <summary>Takes the gradient norms of a path that was just trained; called once per path where a step has several.</summary>
    void Observe(PathNorms norms)
    {
    }

    /// <summary>Ends an epoch.</summary>
    /// <param name="progress">The share of all epochs that is done, in (0, 1].</param>
    void EndEpoch(double progress)
    {
    }

    /// <summary>What <see cref="Restore"/> needs to continue, also in the middle of an epoch.</summary>
    SamplerState Save() => SamplerState.Empty;

    /// <summary>Continues from a saved state.</summary>
    /// <exception cref="BadDataException">The state is not one of this sampler.</exception>
    void Restore(SamplerState state)
    {
    }
}
