using PandaNas.Spaces;
using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>
/// How the paths of a step change the weights: the third part of a training method, beside the samplers of paths and of data. A rule
/// knows weights and gradients, and no search space or sampler.
/// </summary>
public interface IUpdateRule : IDisposable
{
    /// <summary>Gradients that the rule asks for every path of a step: what a step costs in passes, divided by its paths.</summary>
    int PassesPerPath { get; }

    /// <summary>
    /// What a resumed training needs of the rule, by name: for example momentum. The rule's own tensors, in a fixed order.
    /// </summary>
    IEnumerable<(string Name, Tensor Tensor)> State { get; }

    /// <summary>Changes the weights once. Gradients of one path at a time are in memory, and those summed so far.</summary>
    void Apply(ITrainingStep step);
}

/// <summary>A step of training as an update rule sees it: its paths, and their gradients on the step's mini-batch.</summary>
public interface ITrainingStep
{
    /// <summary>The paths that the sampler chose, at least one.</summary>
    IReadOnlyList<Architecture> Paths { get; }

    /// <summary>What the schedule makes of a learning rate, in [0, 1]: 1 in the first epoch, falling along a cosine.</summary>
    double RateFactor { get; }

    /// <summary>Whether <see cref="Observe"/> is to be called for every path.</summary>
    bool NeedsPathNorms { get; }

    /// <summary>The gradients of a path's loss on the step's mini-batch, at the weights as they are now.</summary>
    /// <param name="path">The path.</param>
    /// <param name="gradients">Receives the gradient of each weight, null where the path has none. The caller disposes them.</param>
    /// <param name="measured">
    /// Whether this pass counts for the epoch's loss and accuracy and for data sampling; once per path, at the weights before the step.
    /// </param>
    void Backpropagate(Architecture path, Tensor?[] gradients, bool measured = true);

    /// <summary>Takes the gradient norms of a path for path sampling.</summary>
    /// <param name="path">The path.</param>
    /// <param name="norms">The norm of each weight's gradient, 0 where there is none, before clipping.</param>
    /// <param name="clipFactor">The factor by which clipping scales this path's part of the update.</param>
    void Observe(Architecture path, double[] norms, double clipFactor);
}
