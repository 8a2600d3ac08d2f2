using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>
/// The exponential moving average of a network's weights and running statistics (Polyak and Juditsky 1992): a ← d·a + (1 − d)·w after
/// every step, with d = min(decay, (1 + t)/(10 + t)) at step t, so that the start is soon forgotten.
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private const string Prefix = "average.";

    private readonly double _decay;
    private readonly (string Name, Tensor Source, Tensor Average)[] _tensors;

    /// <summary>An average that starts at the network as it is.</summary>
    public WeightAverage(Network network, double decay)
    {
        _decay = decay;
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

    /// <summary>Takes the network as it is after a step.</summary>
    /// <param name="step">t: steps before this one.</param>
    public void Update(long step)
    {
        using var _ = no_grad();
        using Tensor share = tensor(1 - Math.Min(_decay, (1.0 + step) / (10 + step)));
        foreach ((string _, Tensor source, Tensor average) in _tensors) average.lerp_(source, share);
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
