using System.Numerics;
using PandaNas.Runtime.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Optimization;

/// <summary>Settings of <see cref="MomentumSgd"/> that stay for a whole training.</summary>
/// <param name="Momentum">Share of the last update kept, in [0, 1).</param>
/// <param name="WeightDecay">L2 coefficient added to the gradient, at least 0.</param>
/// <param name="Nesterov">Whether to look one step ahead (Sutskever et al. 2013).</param>
/// <param name="ExemptNorms">Whether vectors, which are biases and the scale and shift of batch norms, are free of weight decay.</param>
internal sealed record SgdOptions(double Momentum = 0.9, double WeightDecay = 0, bool Nesterov = false, bool ExemptNorms = false);

/// <summary>
/// Stochastic gradient descent with momentum as PyTorch defines it: v ← μv + (s·g + λw); w ← w − η(v), or η(g + μv) with
/// Nesterov. A weight without a gradient is not touched at all, so paths that were not sampled keep weights and momentum. On the
/// CPU gradient scaling (clipping), decay, momentum and update read and write each tensor once.
/// </summary>
internal sealed class MomentumSgd : IDisposable
{
    private readonly IReadOnlyList<Tensor> _weights;
    private readonly Tensor[] _velocities;
    private readonly SgdOptions _options;
    private readonly double[] _decays;

    /// <summary>An optimizer with zero momentum for the given weights.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="options">Momentum and decay.</param>
    public MomentumSgd(IReadOnlyList<Tensor> weights, SgdOptions options)
    {
        _weights = weights;
        _options = options;
        _decays = [.. weights.Select(weight => options.ExemptNorms && weight.dim() <= 1 ? 0 : options.WeightDecay)];
        using var _ = no_grad();
        _velocities = [.. weights.Select(weight => zeros_like(weight).DetachFromDisposeScope())];
    }

    /// <summary>The momentum of every weight, in the order of the weights.</summary>
    public IReadOnlyList<Tensor> Velocities => _velocities;

    /// <summary>One update of every weight that has a gradient.</summary>
    /// <param name="gradients">The gradient of each weight, null where it has none.</param>
    /// <param name="learningRate">η of this step.</param>
    /// <param name="gradientScale">s: the factor of <see cref="GradientNorms.ClipFactor"/>.</param>
    public void Step(IReadOnlyList<Tensor?> gradients, double learningRate, double gradientScale = 1)
    {
        using var _ = no_grad();
        for (int i = 0; i < _weights.Count; i++)
        {
            if (gradients[i] is not { } gradient) continue;
            if (RawTensor.IsAccessible(_weights[i]) && RawTensor.IsAccessible(gradient))
                Update(
                    RawTensor.Floats(_weights[i]), RawTensor.Floats(_velocities[i]), RawTensor.Floats(gradient), (float)learningRate,
                    (float)gradientScale, (float)_decays[i]);
            else
                UpdateOnDevice(_weights[i], _velocities[i], gradient, learningRate, gradientScale, _decays[i]);
        }
    }

    /// <summary>Frees the momentum.</summary>
    public void Dispose()
    {
        foreach (Tensor velocity in _velocities) velocity.Dispose();
    }

    private void Update(Span<float> weights, Span<float> velocities, ReadOnlySpan<float> gradients, float rate, float scale, float decay)
    {
        float momentum = (float)_options.Momentum;
        bool nesterov = _options.Nesterov;
        int i = 0;
        for (; i <= weights.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var weight = new Vector<float>(weights[i..]);
            Vector<float> gradient = new Vector<float>(gradients[i..]) * scale + weight * decay;
            Vector<float> velocity = new Vector<float>(velocities[i..]) * momentum + gradient;
            velocity.CopyTo(velocities[i..]);
            Vector<float> direction = nesterov ? gradient + velocity * momentum : velocity;
            (weight - direction * rate).CopyTo(weights[i..]);
        }
        for (; i < weights.Length; i++)
        {
            float gradient = gradients[i] * scale + weights[i] * decay;
            velocities[i] = velocities[i] * momentum + gradient;
            weights[i] -= (nesterov ? gradient + velocities[i] * momentum : velocities[i]) * rate;
        }
    }

    private void UpdateOnDevice(Tensor weight, Tensor velocity, Tensor gradient, double rate, double scale, double decay)
    {
        using var scope = NewDisposeScope();
        using Scalar clip = scale.ToScalar(), shrink = decay.ToScalar(), momentum = _options.Momentum.ToScalar(), step = (-rate).ToScalar();
        Tensor decayed = gradient.mul(clip).add_(weight, shrink);
        velocity.mul_(momentum).AddInPlace(decayed);
        weight.add_(_options.Nesterov ? decayed.add_(velocity, momentum) : velocity, step);
    }
}
