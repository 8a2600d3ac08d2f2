using PandaNas.Optimization;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>
/// The gradients of all paths of a step are summed, not averaged, and make one step of SGD with momentum: SPOS and PA&amp;DA with one
/// path, FairNAS with K. So the learning rate means the same for every path whatever their number, and with K paths a weight that all
/// of them share moves about K times as far. Clipping limits the norm of the sum; path sampling gets the norms of every single
/// path, scaled after clipping by the factor of the sum.
/// </summary>
internal sealed class SummedGradients : IUpdateRule
{
    private const string MomentumPrefix = "momentum.";

    private readonly IReadOnlyList<Weight> _weights;
    private readonly ITrainingOptions _options;
    private readonly MomentumSgd _optimizer;
    private readonly Tensor?[] _path, _sum;

    /// <summary>A rule with zero momentum.</summary>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="options">Learning rate, momentum, weight decay and clipping.</param>
    public SummedGradients(IReadOnlyList<Weight> weights, ITrainingOptions options)
    {
        _weights = weights;
        _options = options;
        _optimizer = new MomentumSgd(
            [.. weights.Select(weight => weight.Tensor)],
            new SgdOptions(options.Momentum, options.WeightDecay, options.Nesterov, options.ExemptNorms));
        _path = new Tensor?[weights.Count];
        _sum = new Tensor?[weights.Count];
    }

    /// <summary>One.</summary>
    public int PassesPerPath => 1;

    /// <summary>The momentum of every weight.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State =>
        _weights.Select((weight, i) => (MomentumPrefix + weight.Name, _optimizer.Velocities[i]));

    /// <inheritdoc/>
    public void Apply(ITrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var pathNorms = new List<double[]>();
        foreach (Architecture path in step.Paths)
        {
            step.Backpropagate(path, _path);
            if (step.NeedsPathNorms) pathNorms.Add(GradientNorms.Of(_path));
            GradientSum.Take(_path, _sum);
        }
        // With a single path, clipping and path sampling share its norms.
        double scale = _options.ClipNorm > 0
            ? GradientNorms.ClipFactor(GradientNorms.Total(pathNorms.Count == 1 ? pathNorms[0] : GradientNorms.Of(_sum)), _options.ClipNorm)
            : 1;
        for (int i = 0; i < pathNorms.Count; i++) step.Observe(step.Paths[i], pathNorms[i], scale);
        _optimizer.Step(_sum, _options.LearningRate * step.RateFactor, scale);
        GradientSum.Clear(_sum);
    }

    /// <summary>Frees the momentum.</summary>
    public void Dispose()
    {
        GradientSum.Clear(_path);
        GradientSum.Clear(_sum);
        _optimizer.Dispose();
    }
}
