using System.Runtime.InteropServices;
using PandaNas.Data.Batches;
using PandaNas.Distributed;
using PandaNas.Runtime.Torch;
using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>
/// What the ranks of a training make of their parts of a mini-batch together: the gradient of the whole mini-batch and the logits of all
/// its examples, the same on every rank.
/// </summary>
/// <param name="ranks">The ranks.</param>
/// <param name="syncNorm">Whether layers that normalise by the batch see the whole of it; else the rank's part alone.</param>
internal sealed class SharedBatch(ICommunicator ranks, bool syncNorm)
{
    private readonly RankSum _sum = new(ranks);
    private readonly float[] _asked = new float[ranks.Size];

    /// <summary>The part of every mini-batch that is this rank's.</summary>
    public BatchShare Share { get; } = new(ranks.Rank, ranks.Size);

    /// <summary>The ranks over which layers normalise; null where each does by itself.</summary>
    public ICommunicator? NormRanks { get; } = syncNorm ? ranks : null;

    /// <summary>The fewest examples of a rank: there are no statistics of one alone.</summary>
    public int LeastPart => syncNorm ? 1 : 2;

    /// <summary>The smallest mini-batch.</summary>
    public int LeastExamples => LeastPart * ranks.Size;

    /// <summary>Whether a rank has been asked to stop: all of them then stop before the same step.</summary>
    public bool AgreeToStop(bool asked)
    {
        ranks.Gather([asked ? 1 : 0], _asked);
        return _asked.AsSpan().IndexOfAnyExcept(0f) >= 0;
    }

    /// <summary>Replaces gradients of the mean loss of this rank's part by those of the mean loss of the mini-batch.</summary>
    /// <param name="gradients">A gradient for every weight, null for the same ones on all ranks.</param>
    /// <param name="examples">How many examples the mini-batch has.</param>
    public void Sum(Tensor?[] gradients, int examples)
    {
        float share = (float)Share.Of(examples).Count / examples;
        int count = gradients.Sum(gradient => (int)(gradient?.numel() ?? 0));
        Span<float> own = _sum.Begin(count);
        foreach (Tensor gradient in gradients.OfType<Tensor>())
        {
            int length = (int)gradient.numel();
            Read(gradient, own[..length]);
            foreach (ref float value in own[..length]) value *= share;
            own = own[length..];
        }
        ReadOnlySpan<float> sums = _sum.Finish();
        foreach (Tensor gradient in gradients.OfType<Tensor>())
        {
            int length = (int)gradient.numel();
            Write(sums[..length], gradient);
            sums = sums[length..];
        }
    }

    /// <summary>The logits and labels of all examples, in their order.</summary>
    /// <param name="logits">Those of this rank's part, n×classes.</param>
    /// <param name="labels">Its n labels.</param>
    /// <param name="examples">How many examples the mini-batch has.</param>
    public (float[] Logits, long[] Labels) Gather(ReadOnlySpan<float> logits, ReadOnlySpan<long> labels, int examples)
    {
        int classes = logits.Length / labels.Length, most = Share.MostOf(examples), length = most * (classes + 1);
        var own = new float[length];
        var all = new float[length * ranks.Size];
        logits.CopyTo(own);
        // Class numbers are small enough to be exact.
        for (int i = 0; i < labels.Length; i++) own[most * classes + i] = labels[i];
        ranks.Gather(own, all);

        var allLogits = new float[examples * classes];
        var allLabels = new long[examples];
        for (int rank = 0; rank < ranks.Size; rank++)
        {
            (int start, int count) = (Share with { Rank = rank }).Of(examples);
            ReadOnlySpan<float> given = all.AsSpan(rank * length, length);
            given[..(count * classes)].CopyTo(allLogits.AsSpan(start * classes));
            for (int i = 0; i < count; i++) allLabels[start + i] = (long)given[most * classes + i];
        }
        return (allLogits, allLabels);
    }

    private static void Read(Tensor gradient, Span<float> values)
    {
        if (RawTensor.IsAccessible(gradient))
        {
            RawTensor.Floats(gradient).CopyTo(values);
            return;
        }
        using Tensor here = gradient.cpu(), plain = here.contiguous();
        MemoryMarshal.Cast<byte, float>(plain.bytes).CopyTo(values);
        GC.KeepAlive(plain);
    }

    private static void Write(ReadOnlySpan<float> values, Tensor gradient)
    {
        if (RawTensor.IsAccessible(gradient))
        {
            values.CopyTo(RawTensor.Floats(gradient));
            return;
        }
        using var _ = no_grad();
        using Tensor flat = tensor(values.ToArray()), shaped = flat.view(gradient.shape);
        gradient.copy_(shaped);
    }
}
