using PandaNas.Distributed;
using PandaNas.Runtime.Torch;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Kernels;

/// <summary>
/// Batch normalisation of N×C×H×W over a batch of which every rank has a part, by torch's own operations: where
/// <see cref="NormalizedSum"/> cannot work, as on a GPU.
/// </summary>
internal sealed class SharedNorm : FusedFunction<SharedNorm>
{
    private static readonly long[] AllButChannels = [0, 2, 3];

    private sealed record Plan(BatchStatistics Statistics, double Epsilon, ICommunicator Ranks);

    /// <summary>Normalises.</summary>
    /// <param name="term">The values that are here; its statistics are those of the whole batch.</param>
    /// <param name="epsilon">Added to the variances.</param>
    /// <param name="ranks">Each has a part of the batch.</param>
    public static Tensor Apply(SumTerm term, double epsilon, ICommunicator ranks) =>
        Run(term.Value, term.Scale, term.Shift, new Plan(term.Statistics!, epsilon, ranks))[0];

    /// <inheritdoc/>
    public override List<Tensor> Forward(Kept? kept, object?[] arguments)
    {
        var (x, plan) = ((Tensor)arguments[0]!, (Plan)arguments[3]!);
        using var scope = NewDisposeScope();
        Tensor wide = x.to(ScalarType.Float64);
        plan.Statistics.Take((Sums(wide), Sums(wide.mul(wide))), x.numel() / x.shape[1], plan.Epsilon, plan.Ranks);
        (float[] slopes, float[] offsets) = plan.Statistics.Line(Values(arguments[1]), Values(arguments[2]));
        Tensor result = x.to(ScalarType.Float32).mul(PerChannel(slopes, x)).Plus(PerChannel(offsets, x)).to(x.dtype);
        kept?.Keep(plan, arguments[1] is Tensor scale ? [x, scale] : [x]);
        return [result.MoveToOuterDisposeScope()];
    }

    /// <inheritdoc/>
    public override List<Tensor?> Backward(Kept kept, Tensor?[] gradients)
    {
        var (x, plan) = (kept.Tensors[0], (Plan)kept.Plan!);
        float[]? scale = kept.Tensors.Count > 1 ? Values(kept.Tensors[1]) : null;
        double[] mean = plan.Statistics.Mean;
        Tensor gradient = gradients[0]!.to(ScalarType.Float32), wide = gradient.to(ScalarType.Float64);
        double[] sums = Sums(wide), withInputs = Sums(wide.mul(x.to(ScalarType.Float64)));
        double[] products = [.. withInputs.Select((sum, c) => sum - sums[c] * mean[c])];
        (double[] allSums, double[][] allProducts) = BatchStatistics.GradientsOfBatch(
            sums, [products], x.numel() / x.shape[1], plan.Ranks);
        (float[] a, float[] b, float[] d) = plan.Statistics.GradientCoefficients(scale, allSums, allProducts[0]);
        Tensor result = gradient.mul(PerChannel(a, x)).Plus(x.to(ScalarType.Float32).mul(PerChannel(b, x))).Plus(PerChannel(d, x));
        if (scale is null) return [result.to(x.dtype)];
        // Of this rank's part, as all gradients of weights.
        double[] inverse = plan.Statistics.InverseDeviation;
        float[] ofScale = [.. products.Select((product, c) => (float)(product * inverse[c]))];
        return
        [
            result.to(x.dtype), tensor(ofScale, device: x.device), tensor(Array.ConvertAll(sums, sum => (float)sum), device: x.device),
        ];
    }

    private static double[] Sums(Tensor wide)
    {
        using Tensor sums = wide.sum(AllButChannels), here = sums.cpu();
        return here.data<double>().ToArray();
    }

    private static Tensor PerChannel(float[] values, Tensor like) => tensor(values, [1, values.Length, 1, 1], device: like.device);

    private static float[]? Values(object? values)
    {
        if (values is not Tensor tensor) return null;
        using Tensor here = tensor.detach().cpu();
        return here.data<float>().ToArray();
    }
}
