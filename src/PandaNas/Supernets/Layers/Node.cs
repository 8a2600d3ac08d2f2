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
    public static Features<Tensor> Sum(ReadOnlySpan<Term<Tensor>> terms, Reads reads, bool training, float ceiling = float.PositiveInfinity)
    {
        if (terms is [{ Norm: null } only] && !reads.HasFlag(Reads.Activated)) return new Features<Tensor>(only.Value, null);
        return CanFuse(terms, training) ? Fused(terms, reads, training, ceiling) : Plain(terms, reads, training, ceiling);
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

    private static Features<Tensor> Fused(ReadOnlySpan<Term<Tensor>> terms, Reads reads, bool training, float ceiling)
    {
        var fused = new SumTerm[terms.Length];
        for (int i = 0; i < terms.Length; i++) fused[i] = terms[i].Norm?.Fused(terms[i].Value) ?? new SumTerm(terms[i].Value);
        // A single input without a norm is its own sum.
        bool isSum = terms is [{ Norm: null }];
        var results = new SumResults(reads.HasFlag(Reads.Raw) && !isSum, reads.HasFlag(Reads.Activated), ceiling);
        (Tensor? raw, Tensor? activated) = NormalizedSum.Apply(fused, BatchNorm.Epsilon, results);
        if (training)
            for (int i = 0; i < terms.Length; i++)
                if (fused[i].Statistics is { } statistics) terms[i].Norm!.UpdateRunning(statistics);
        return new Features<Tensor>(isSum ? terms[0].Value : raw, activated);
    }

    private static Features<Tensor> Plain(ReadOnlySpan<Term<Tensor>> terms, Reads reads, bool training, float ceiling)
    {
        Term<Tensor>[] inputs = terms.ToArray();
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
