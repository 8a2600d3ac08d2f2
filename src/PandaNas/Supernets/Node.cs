using PandaNas.Runtime.Torch;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Recording;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>An input of a node.</summary>
/// <param name="Value">N×C×H×W.</param>
/// <param name="Norm">The batch norm that is still to be applied to it, if any.</param>
internal readonly record struct Term(Tensor Value, BatchNorm? Norm = null);

/// <summary>What later layers read of a node.</summary>
[Flags]
internal enum Reads
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The sum itself.</summary>
    Raw = 1,

    /// <summary>Its activation.</summary>
    Activated = 2,
}

/// <summary>The value of a node in the forms that were asked for.</summary>
internal sealed class Features(Tensor? raw, Tensor? activated)
{
    /// <summary>The sum.</summary>
    public Tensor Raw => raw ?? throw new InvalidOperationException("the node was computed for readers of its activation only");

    /// <summary>min(max(sum, 0), ceiling).</summary>
    public Tensor Activated => activated ?? throw new InvalidOperationException("the node was computed for readers of its sum only");

    /// <summary>One of them, for what they have in common: shape, type and device.</summary>
    public Tensor Any => (raw ?? activated)!;

    /// <summary>Those that were computed.</summary>
    public IReadOnlyList<Tensor> Tensors => [.. new[] { raw, activated }.OfType<Tensor>()];
}

/// <summary>
/// A node of a network: the sum of its inputs, each normalised first if a batch norm goes with it, and the activation. Layers leave
/// their batch norm to the node that reads them, so that normalising, adding and activating are one pass over memory.
/// </summary>
internal static class Node
{
    /// <summary>Computes a node.</summary>
    /// <param name="terms">Its inputs, at least one, of one shape.</param>
    /// <param name="reads">What is wanted of it.</param>
    /// <param name="training">Whether batch norms use and update running statistics as in training.</param>
    /// <param name="ceiling">The activation's upper bound: infinity for ReLU, 6 for ReLU6.</param>
    public static Features Sum(ReadOnlySpan<Term> terms, Reads reads, bool training, float ceiling = float.PositiveInfinity)
    {
        if (terms is [{ Norm: null } only] && !reads.HasFlag(Reads.Activated)) return new Features(only.Value, null);
        return CanFuse(terms, training) ? Fused(terms, reads, training, ceiling) : Plain(terms, reads, training, ceiling);
    }

    /// <summary>min(max(value, 0), ceiling), by torch's own operations.</summary>
    public static Tensor Activated(Tensor value, float ceiling)
    {
        if (float.IsPositiveInfinity(ceiling)) return value.relu();
        using Scalar least = 0.ToScalar(), most = ceiling.ToScalar();
        return value.clamp(least, most);
    }

    private static bool CanFuse(ReadOnlySpan<Term> terms, bool training)
    {
        foreach (Term term in terms)
            if (!ChannelsLast.Is(term.Value) || term.Norm?.ByBatch(training) == false) return false;
        return ChannelLayout.Handles(terms[0].Value.shape[1]);
    }

    private static Features Fused(ReadOnlySpan<Term> terms, Reads reads, bool training, float ceiling)
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
        return new Features(isSum ? terms[0].Value : raw, activated);
    }

    private static Features Plain(ReadOnlySpan<Term> terms, Reads reads, bool training, float ceiling)
    {
        Term[] inputs = terms.ToArray();
        Tensor sum = Tape.Torch([.. inputs.Select(term => term.Value)], values => Added(values, inputs, training));
        return new Features(sum, reads.HasFlag(Reads.Activated) ? Tape.Torch(sum, x => Activated(x, ceiling)) : null);
    }

    private static Tensor Added(Tensor[] values, Term[] terms, bool training)
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
