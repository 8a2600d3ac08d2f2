using PandaNas.Spaces;
using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Graphs;

/// <summary>The layers of a network and how they follow one another, whatever they are computed with.</summary>
internal abstract class NetworkGraph
{
    /// <summary>The activation's upper bound: infinity for ReLU, 6 for ReLU6.</summary>
    public virtual float Ceiling => float.PositiveInfinity;

    /// <summary>Computes a path from the images on.</summary>
    /// <param name="computation">What is computed with.</param>
    /// <param name="images">N×C×H×W.</param>
    /// <param name="path">The path.</param>
    /// <param name="auxiliary">Whether the auxiliary head, if there is one, is computed too.</param>
    /// <param name="deadToo">Whether operations on which the output does not depend are computed too.</param>
    public abstract GraphOutputs<T> Compute<T>(
        IComputation<T> computation, T images, Architecture path, bool auxiliary = false, bool deadToo = false) where T : class;

    /// <summary>What all paths compute alike.</summary>
    public virtual IReadOnlyList<T> Start<T>(IComputation<T> computation, T images) where T : class => [images];

    /// <summary>The logits of a path, from what <see cref="Start"/> gave.</summary>
    public virtual T Finish<T>(IComputation<T> computation, IReadOnlyList<T> started, Architecture path) where T : class =>
        Compute(computation, started[0], path).Logits;
}

/// <summary>What a network gives.</summary>
/// <typeparam name="T">What the computation computes with.</typeparam>
/// <param name="Logits">N×classes.</param>
/// <param name="Auxiliary">N×classes of the auxiliary head; null where it was not computed.</param>
internal readonly record struct GraphOutputs<T>(T Logits, T? Auxiliary = null) where T : class;
