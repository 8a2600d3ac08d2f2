using PandaNas.Distributed;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Layers;

/// <summary>Computes a network once; frees on the way what is no longer needed.</summary>
/// <param name="training">Whether batch norms use and update running statistics as in training.</param>
/// <param name="ceiling">The activation's upper bound: infinity for ReLU, 6 for ReLU6.</param>
/// <param name="dropPath">What is left out at random.</param>
/// <param name="ranks">As for <see cref="Node.Sum"/>.</param>
/// <param name="activated">Sees every activation; null for nobody.</param>
/// <param name="ended">Sees the output of every part, before an activation that only later parts read; null for nobody.</param>
internal sealed class TensorComputation(
    bool training, float ceiling, DropPath dropPath, ICommunicator? ranks = null, Action<Tensor>? activated = null,
    Action<Tensor>? ended = null)
    : IComputation<Tensor>, IDisposable
{
    private readonly LiveTensors _live = new();

    public Tensor Convolve(Tensor input, Convolution convolution) => convolution.Forward(input);

    public Tensor Pool(Tensor input, Pooling pooling) => pooling.Forward(input);

    public Tensor Classify(Tensor input, Linear linear) => linear.Forward(input);

    public Tensor Run(Tensor input, ICustomLayer layer) => layer.Forward(input, training);

    public Tensor Concatenate(params ReadOnlySpan<Tensor> values) => Tape.Torch(values.ToArray(), parts => cat(parts, 1));

    public Tensor EverySecond(Tensor input, int start) =>
        Tape.Torch(input, x => ChannelsLast.Of(x.slice(2, start, x.shape[2], 2).slice(3, start, x.shape[3], 2)));

    public Tensor Zeros(Tensor like) => Tape.Constant(zeros_like(like));

    public Features<Tensor> Sum(ReadOnlySpan<Term<Tensor>> terms, Reads reads, float? ceiling = null)
    {
        Features<Tensor> features = Node.Sum(
            terms, ended is null ? reads : reads | Reads.Raw, training, ceiling ?? Ceiling, ranks);
        if (reads.HasFlag(Reads.Activated)) activated?.Invoke(features.Activated);
        return features;
    }

    // Its batch norm comes first.
    public Term<Tensor>[] Droppable(Term<Tensor>[] branch)
    {
        if (!dropPath.IsActive) return branch;
        Tensor sum = Sum(branch, Reads.Raw).Raw;
        float[] factors = dropPath.Draw((int)sum.shape[0]);
        return [new(Tape.Torch(sum, x => x.mul(tensor(factors, [factors.Length, 1, 1, 1], device: x.device).to(x.dtype))))];
    }

    public IReadOnlyList<Tensor> After(Func<IReadOnlyList<Tensor>> part) => _live.After(() =>
    {
        IReadOnlyList<Tensor> results = part();
        ended?.Invoke(results[^1]);
        return results;
    });

    public Features<Tensor> After(Func<Features<Tensor>> part)
    {
        Features<Tensor>? features = null;
        _live.After(() =>
        {
            features = part();
            ended?.Invoke(features.Raw);
            return features.Values;
        });
        return features!;
    }

    /// <summary>Hands a result to the dispose scope around.</summary>
    public Tensor Result(Tensor tensor) => _live.Result(tensor);

    /// <inheritdoc/>
    public void Dispose() => _live.Dispose();

    private float Ceiling { get; } = ceiling;
}
