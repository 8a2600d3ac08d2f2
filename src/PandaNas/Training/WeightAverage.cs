using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>
/// An average of a network's weights and running statistics over the steps of its training: a ← a + s·(w − a) after every step, with a
/// share s that makes it exponential or an equal mean of the last steps.
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private const string Prefix = "average.";

    private readonly (string Name, Tensor Source, Tensor Average)[] _tensors;

    /// <summary>An average that starts at the network as it is.</summary>
    public WeightAverage(Network network)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        _tensors =
        [
            .. network.Weights.Select(weight => (weight.Name, weight.Tensor)).Concat(network.Statistics)
                .Select(entry => (Prefix + entry.Name, entry.Tensor, entry.Tensor.detach().clone().DetachFromDisposeScope())),
        ];
    }

    /// <summary>What a resumed training needs, by name.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State => _tensors.Select(entry => (entry.Name, entry.Average));

    /// <summary>
    /// The share of the exponential moving average (Polyak and Juditsky 1992): 1 − min(decay, (1 + t)/(10 + t)) at step t, so that the
    /// start is soon forgotten.
    /// </summary>
    /// <param name="decay">In [0, 1).</param>
    /// <param name="step">t: steps before this one.</param>
    public static double ExponentialShare(double decay, long step) => 1 - Math.Min(decay, (1.0 + step) / (10 + step));

    /// <summary>The share of the equal mean of all steps from a first one on (Izmailov et al. 2018); 0 before it.</summary>
    /// <param name="first">The first step that counts.</param>
    /// <param name="step">Steps before this one.</param>
    public static double EqualShare(long first, long step) => step < first ? 0 : 1.0 / (step - first + 1);

    /// <summary>Takes the network as it is after a step.</summary>
    /// <param name="share">s, in [0, 1].</param>
    public void Update(double share)
    {
        if (share == 0) return;
        using var _ = no_grad();
        using Tensor factor = tensor(share);
        foreach ((string _, Tensor source, Tensor average) in _tensors) average.lerp_(source, factor);
    }

    /// <summary>Gives the network its average.</summary>
    public void Use()
    {
        using var _ = no_grad();
        foreach ((string _, Tensor source, Tensor average) in _tensors) source.copy_(average);
    }

    /// <summary>Frees the average.</summary>
    public void Dispose()
    {
        foreach ((string _, Tensor _, Tensor average) in _tensors) average.Dispose();
    }
}
