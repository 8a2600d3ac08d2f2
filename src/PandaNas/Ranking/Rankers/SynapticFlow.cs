using PandaNas.Costs;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Graphs;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Ranking.Rankers;

/// <summary>
/// synflow (Tanaka et al. 2020, equation 1 of section 5, as a score of networks by Abdelfattah et al. 2021): Σ |w · ∂R/∂w| over the
/// weights of convolutions and fully connected layers, R the sum of the outputs for one input of ones, weights and biases replaced by their
/// absolute values, without batch norm; in float64.
/// </summary>
/// <remarks>
/// Activations have no upper bound here: at 6 all flow of a deep network would end. A user's own module computes in float32, with its
/// absolute weights and its batch norms in evaluation; its weights of two and more dimensions count.
/// </remarks>
internal sealed class SynapticFlow : IComputation<Tensor>
{
    private readonly List<Tensor> _weights = [];

    private SynapticFlow()
    {
    }

    /// <summary>The score.</summary>
    /// <param name="network">A network at its initial weights; they are replaced by their absolute values.</param>
    /// <param name="architecture">The architecture.</param>
    /// <param name="shape">C, H and W of the images.</param>
    public static double Of(GraphNetwork network, Architecture architecture, ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var scope = NewDisposeScope();
        using (no_grad())
            foreach (Weight weight in network.Weights)
            {
                weight.Tensor.abs_();
                weight.Tensor.grad = null;
            }
        var flow = new SynapticFlow();
        Tensor input = ones([1, .. shape], dtype: ScalarType.Float64);
        network.Compute(flow, input, architecture).sum().backward();
        // What has a gradient of its own was used by a user's module.
        IEnumerable<Tensor> own = network.Weights.Select(weight => weight.Tensor).Where(weight => weight.dim() > 1);
        using var _ = no_grad();
        return flow._weights.Concat(own).Sum(weight => weight.grad is { } gradient
            ? weight.mul(gradient).abs().sum(ScalarType.Float64).item<double>()
            : 0);
    }

    public Tensor Convolve(Tensor input, Convolution convolution) => convolution.Through(input, Counted);

    public Tensor Pool(Tensor input, Pooling pooling) =>
        pooling.Kind == PoolingKind.GlobalAverage ? input.mean([2, 3]) : pooling.Forward(input);

    public Tensor Classify(Tensor input, Linear linear) => linear.Through(input, Counted);

    public Tensor Run(Tensor input, ICustomLayer layer) => layer.Forward(input, training: false);

    public Tensor Concatenate(params ReadOnlySpan<Tensor> values) => cat(values.ToArray(), 1);

    public Tensor EverySecond(Tensor input, int start) => input.slice(2, start, input.shape[2], 2).slice(3, start, input.shape[3], 2);

    public Tensor Zeros(Tensor like) => Tape.Constant(zeros_like(like));

    public Features<Tensor> Sum(ReadOnlySpan<Term<Tensor>> terms, Reads reads, float? ceiling = null)
    {
        Term<Tensor>[] bare = [.. terms.ToArray().Select(term => new Term<Tensor>(term.Value))];
        return Node.Sum(bare, reads, training: false);
    }

    public Term<Tensor>[] Droppable(Term<Tensor>[] branch) => branch;

    public IReadOnlyList<Tensor> After(Func<IReadOnlyList<Tensor>> part) => part();

    // A copy in float64, whose gradients are not limited by what float32 can hold.
    private Tensor Counted(Tensor weight)
    {
        Tensor copy = weight.detach().to(ScalarType.Float64).requires_grad_();
        _weights.Add(copy);
        return copy;
    }
}
