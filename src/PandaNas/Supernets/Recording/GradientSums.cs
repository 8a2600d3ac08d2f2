using PandaNas.Runtime.Torch;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Recording;

/// <summary>The gradients that have reached tensors on the way back, one after the other added up.</summary>
internal sealed class GradientSums
{
    // Whether the sum is nobody else's, so that more may be added in its place.
    private readonly Dictionary<Tensor, (Tensor Sum, bool IsOwn)> _sums = new(ReferenceEqualityComparer.Instance);

    /// <summary>Adds a gradient of a tensor and takes it over.</summary>
    public void Add(Tensor tensor, Tensor gradient)
    {
        if (!_sums.TryGetValue(tensor, out (Tensor Sum, bool IsOwn) before))
        {
            _sums.Add(tensor, (gradient, false));
            return;
        }
        if (before.IsOwn)
        {
            before.Sum.AddInPlace(gradient);
        }
        else
        {
            _sums[tensor] = (before.Sum.Plus(gradient).DetachFromDisposeScope(), true);
            before.Sum.Dispose();
        }
        gradient.Dispose();
    }

    /// <summary>The gradient of a tensor, which is then the caller's; null if none has reached it.</summary>
    public Tensor? Take(Tensor tensor) => _sums.Remove(tensor, out (Tensor Sum, bool) taken) ? taken.Sum : null;

    /// <summary>Gives what is left to the tensors themselves, as torch does.</summary>
    public void GiveToLeaves()
    {
        foreach ((Tensor leaf, (Tensor sum, _)) in _sums)
        {
            if (leaf.grad is { } before)
            {
                before.AddInPlace(sum);
                before.Dispose();
            }
            else
            {
                leaf.grad = sum;
            }
            sum.Dispose();
        }
        _sums.Clear();
    }
}
