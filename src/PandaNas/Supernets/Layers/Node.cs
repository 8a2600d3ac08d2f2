using PandaNas.Distributed;
using PandaNas.Runtime.Torch;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Recording;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Layers;

/// <summary>Computes nodes with tensors: see <see cref="IComputation{T}.Sum"/>.</summary>
internal static class Node
{
    /// <summary>Computes a node.</summary>
    /// <param name="terms">Its inputs, at least one, of one shape.</param>
    /// <param name="reads">What is wanted of it.</param>
    /// <param name="training">Whether batch norms use and update running statistics as in training.</param>
    /// <param name="ceiling">The activation's upper bound: infinity for ReLU, 6 for ReLU6.</param>
    /// <param name="ranks">Each has a part of the batch, and batch norms see the whole; null where they see what is here.</param>
    public static Features<Tensor> Sum(
        ReadOnlySpan<Term<Tensor>> terms, Reads reads, bool training, float ceiling = float.PositiveInfinity, ICommunicator? ranks = null)
    {
        if (terms is [{ Norm: null } only] && !reads.HasFlag(Reads.Activated)) return new Features<Tensor>(only.Value, null);
        return CanFuse(terms, training)
            ? Fused(terms, reads, training, ceiling, ranks)
            : Plain(ranks is null ? terms.ToArray() : Normalized(terms, training, ranks), reads, training, ceiling);
    }

    /// <summary>min(max(value, 0), ceiling), by torch's own operations.</summary>
    public static Tensor Activated(Tensor value, float ceiling)
    {
        if (float.IsPositiveInfinity(ceiling)) return value.relu();
        using Scalar least = 0.ToScalar(), most = ceiling.ToScalar();
        return value.clamp(least, most);
    }

    private static bool CanFuse(ReadOnlySpan<Term<Tensor>> terms, bool training)
    {
        foreach (Term<Tensor> term in terms)
            if (!ChannelsLast.Is(term.Value) || term.Norm?.ByBatch(training) == false) return false;
        return ChannelLayout.Handles(terms[0].Value.shape[1]);
    }

    private static Features<Tensor> Fused(
        ReadOnlySpan<Term<Tensor>> terms, Reads reads, bool training, float ceiling, ICommunicator? ranks)
    {
        var fused = new SumTerm[terms.Length];
        for (int i = 0; i < terms.Length; i++) fused[i] = terms[i].Norm?.Fused(terms[i].Value) ?? new SumTerm(terms[i].Value);
        // A single input without a norm is its own sum.
        bool isSum = terms is [{ Norm: null }];
        var results = new SumResults(reads.HasFlag(Reads.Raw) && !isSum, reads.HasFlag(Reads.Activated), ceiling);
        (Tensor? raw, Tensor? activated) = NormalizedSum.Apply(fused, BatchNorm.Epsilon, results, ranks);
        if (training)
            for (int i = 0; i < terms.Length; i++)
                if (fused[i].Statistics is { } statistics) terms[i].Norm!.UpdateRunning(statistics);
        return new Features<Tensor>(isSum ? terms[0].Value : raw, activated);
    }

    // Batch norms that see more than this rank's part come first.
    private static Term<Tensor>[] Normalized(ReadOnlySpan<Term<Tensor>> terms, bool training, ICommunicator ranks)
    {
        var inputs = new Term<Tensor>[terms.Length];
        for (int i = 0; i < terms.Length; i++)
            inputs[i] = terms[i].Norm is { } norm && norm.ByBatch(training)
                ? new Term<Tensor>(norm.Shared(terms[i].Value, training, ranks))
                : terms[i];
        return inputs;
    }

    private static Features<Tensor> Plain(Term<Tensor>[] inputs, Reads reads, bool training, float ceiling)
    {
        Tensor sum = Tape.Torch([.. inputs.Select(term => term.Value)], values => Added(values, inputs, training));
        return new Features<Tensor>(sum, reads.HasFlag(Reads.Activated) ? Tape.Torch(sum, x => Activated(x, ceiling)) : null);
    }

    private static Tensor Added(Tensor[] values, Term<Tensor>[] terms, bool training)
    {
        Tensor? sum = null;
        for (int i = 0; i < terms.Length; i++)
        {
            Tensor value = terms[i].Norm?.Plain(values[i], training) ?? values[i];
            sum = sum is null ? value : sum.Plus(value);
        }
        return sum!;
    }
}
