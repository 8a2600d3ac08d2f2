using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// Chooses the paths of every training step: architectures of the space that it was made for. A sampler that learns nothing needs only
/// <see cref="Probabilities"/> and <see cref="Sample"/>.
/// </summary>
/// <example>
/// Every choice takes its first candidate in at least half of the steps:
/// <code>
/// sealed class FirstHalf(SearchSpace space) : IPathSampler
/// {
///     public ImmutableArray&lt;double&gt; Probabilities { get; } = [.. space.Operations.Select(_ =&gt; 1.0 / space.Operations.Length)];
///
///     public IReadOnlyList&lt;Architecture&gt; Sample(RandomStream random) =&gt;
///         [new Architecture([.. space.Choices.Select(choice =&gt; random.NextBool(0.5) ? 0 : random.NextInt(choice.Candidates))])];
/// }
/// </code>
/// </example>
public interface IPathSampler : ISampler
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
}
