using PandaNas.Optimization;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>Settings of <see cref="Reptile"/>.</summary>
/// <param name="AdaptationSteps">Inner SGD steps of every path, at least 1.</param>
/// <param name="InnerLearningRate">The learning rate of the inner steps, above 0; it does not fall.</param>
/// <param name="InnerMomentum">Momentum of the inner steps in [0, 1); it starts at 0 for every path.</param>
/// <param name="OuterLearningRate">
/// The learning rate of the outer update in the first epoch, above 0; it falls to 0 along the run's cosine.
/// </param>
/// <param name="WeightDecay">L2 coefficient of the outer update, at least 0; the inner steps have none.</param>
/// <param name="ClipNorm">
/// The largest norm of all gradients of an inner step together; 0 means no clipping. The outer update is not clipped.
/// </param>
/// <param name="ExemptNorms">Whether biases and the scale and shift of batch norms are free of weight decay.</param>
internal sealed record ReptileOptions(
    int AdaptationSteps, double InnerLearningRate, double InnerMomentum, double OuterLearningRate, double WeightDecay, double ClipNorm,
    bool ExemptNorms);

/// <summary>
/// The meta-learning update of SUMNAS (Ha et al. 2022), which is Reptile's (Nichol et al. 2018) over paths: every path of a step
/// starts at the same weights w₀ and takes a few SGD steps of its own on the step's mini-batch, giving w_k; then
/// w ← w₀ − η(mean over the paths of (w₀ − w_k) + λw₀). A path counts with difference 0 for weights that it does not have; weights
/// without a gradient in any path are not touched, decay included.
/// </summary>
internal sealed class Reptile : IUpdateRule
{
    private readonly IReadOnlyList<Weight> _weights;
    private readonly ReptileOptions _options;
    private readonly MomentumSgd _inner, _outer;
    private readonly Tensor?[] _gradients, _start, _sum;

    /// <summary>A rule; it keeps nothing from step to step.</summary>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="options">Inner and outer steps.</param>
    public Reptile(IReadOnlyList<Weight> weights, ReptileOptions options)
    {
        _weights = weights;
        _options = options;
        Tensor[] tensors = [.. weights.Select(weight => weight.Tensor)];
        _inner = new MomentumSgd(tensors, new SgdOptions(options.InnerMomentum));
        _outer = new MomentumSgd(tensors, new SgdOptions(Momentum: 0, options.WeightDecay, ExemptNorms: options.ExemptNorms));
        _gradients = new Tensor?[weights.Count];
        _start = new Tensor?[weights.Count];
        _sum = new Tensor?[weights.Count];
    }

    /// <summary>One for every inner step.</summary>
    public int PassesPerPath => _options.AdaptationSteps;

    /// <summary>Nothing: momentum lives within a path's adaptation.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State => [];

    /// <inheritdoc/>
    public void Apply(ITrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        foreach (Architecture path in step.Paths)
        {
            for (int i = 0; i < _options.AdaptationSteps; i++) Adapt(step, path, first: i == 0);
            TakeDifference();
        }
        _outer.Step(_sum, _options.OuterLearningRate * step.RateFactor, 1.0 / step.Paths.Count);
        GradientSum.Clear(_sum);
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        foreach (Tensor?[] tensors in new[] { _gradients, _start, _sum }) GradientSum.Clear(tensors);
        _inner.Dispose();
        _outer.Dispose();
    }

    private void Adapt(ITrainingStep step, Architecture path, bool first)
    {
        step.Backpropagate(path, _gradients, measured: first);
        double[] norms = _options.ClipNorm > 0 || step.NeedsPathNorms ? GradientNorms.Of(_gradients) : [];
        double scale = GradientNorms.ClipFactor(GradientNorms.Total(norms), _options.ClipNorm);
        if (first && step.NeedsPathNorms) step.Observe(path, norms, scale);
        if (first) RememberStart();
        _inner.Step(_gradients, _options.InnerLearningRate, scale);
        GradientSum.Clear(_gradients);
    }

    // Of the weights that the path is about to move, and of no others; which they are does not change from one inner step to the next.
    private void RememberStart()
    {
        using var _ = no_grad();
        for (int i = 0; i < _start.Length; i++)
        {
            if (_gradients[i] is null) continue;
            _start[i] = _weights[i].Tensor.detach().clone();
            _inner.Velocities[i].zero_();
        }
    }

    private void TakeDifference()
    {
        using var _ = no_grad();
        for (int i = 0; i < _start.Length; i++)
        {
            if (_start[i] is not { } start) continue;
            Tensor weight = _weights[i].Tensor;
            _gradients[i] = start.sub(weight);
            weight.copy_(start);
            start.Dispose();
            _start[i] = null;
        }
        GradientSum.Take(_gradients, _sum);
    }
}
