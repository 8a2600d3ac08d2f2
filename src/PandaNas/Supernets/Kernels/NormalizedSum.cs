using PandaNas.Distributed;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Kernels;

/// <summary>An input of a <see cref="NormalizedSum"/>.</summary>
/// <param name="Value">N×C×H×W in channels-last memory.</param>
/// <param name="Statistics">Receives mean and variance if the value is to be normalised by them; null if it is added as it is.</param>
/// <param name="Scale">C values that multiply the normalised value, or null.</param>
/// <param name="Shift">C values that are added to it, or null together with the scale.</param>
internal readonly record struct SumTerm(Tensor Value, BatchStatistics? Statistics = null, Tensor? Scale = null, Tensor? Shift = null);

/// <summary>What to make of a sum.</summary>
/// <param name="Raw">Whether the sum itself is wanted.</param>
/// <param name="Activated">Whether its activation min(max(s, 0), ceiling) is wanted.</param>
/// <param name="Ceiling">The upper bound: infinity for ReLU, 6 for ReLU6.</param>
internal readonly record struct SumResults(bool Raw, bool Activated, float Ceiling = float.PositiveInfinity);

/// <summary>
/// The sum of inputs, each as it is or normalised by the statistics of the batch, and its activation: batch normalisation,
/// addition and ReLU of a node in two sweeps over memory forward and two backward. Torch's separate operations take five to ten.
/// </summary>
internal sealed class NormalizedSum : FusedFunction<NormalizedSum>
{
    private sealed record Plan(BatchStatistics?[] Statistics, bool[] Scaled, double Epsilon, SumResults Results, ICommunicator? Ranks)
    {
        public int Terms => Statistics.Length;

        public int[] Normalized { get; } = [.. Enumerable.Range(0, Statistics.Length).Where(term => Statistics[term] is not null)];
    }

    /// <summary>Adds up the terms.</summary>
    /// <param name="terms">At least one; all of one shape and type.</param>
    /// <param name="epsilon">Added to the variances.</param>
    /// <param name="results">What is wanted, at least one of the two.</param>
    /// <param name="ranks">
    /// The values are those of a part of the batch, and each of these ranks has another: statistics are of the whole. Null where that is
    /// here.
    /// </param>
    /// <returns>The wanted results, null for the other.</returns>
    public static (Tensor? Raw, Tensor? Activated) Apply(
        ReadOnlySpan<SumTerm> terms, double epsilon, SumResults results, ICommunicator? ranks = null)
    {
        // Values, then scales and shifts, then the plan: Backward returns gradients in this order.
        var arguments = new object?[3 * terms.Length + 1];
        var statistics = new BatchStatistics?[terms.Length];
        var scaled = new bool[terms.Length];
        for (int i = 0; i < terms.Length; i++)
        {
            (arguments[i], statistics[i], scaled[i]) = (terms[i].Value, terms[i].Statistics, terms[i].Scale is not null);
            (arguments[terms.Length + 2 * i], arguments[terms.Length + 2 * i + 1]) = (terms[i].Scale, terms[i].Shift);
        }
        arguments[^1] = new Plan(statistics, scaled, epsilon, results, ranks);
        List<Tensor> made = Run(arguments);
        return (results.Raw ? made[0] : null, results.Activated ? made[^1] : null);
    }

    /// <inheritdoc/>
    public override List<Tensor> Forward(Kept? kept, object?[] arguments) =>
        ((Tensor)arguments[0]!).dtype == ScalarType.Float32
            ? Forward<Float32Element>(kept, arguments)
            : Forward<BFloat16Element>(kept, arguments);

    /// <inheritdoc/>
    public override List<Tensor?> Backward(Kept kept, Tensor?[] gradients) =>
        gradients.First(gradient => gradient is not null)!.dtype == ScalarType.Float32
            ? Backward<Float32Element>(kept, gradients)
            : Backward<BFloat16Element>(kept, gradients);

    private static List<Tensor> Forward<T>(Kept? kept, object?[] arguments)
        where T : struct, IElement
    {
        var plan = (Plan)arguments[^1]!;
        Tensor[] values = [.. arguments.Take(plan.Terms).Cast<Tensor>()];
        long[] shape = values[0].shape;
        var layout = new ChannelLayout(values[0].numel() / shape[1], (int)shape[1]);
        nint[] terms = Array.ConvertAll(values, Pointer);
        float[]?[] slopes = new float[]?[plan.Terms], offsets = new float[]?[plan.Terms];
        BatchStatistics.Measure<T>(
            Array.ConvertAll(plan.Normalized, term => (plan.Statistics[term]!, terms[term])), layout, plan.Epsilon, plan.Ranks);
        foreach (int term in plan.Normalized)
        {
            float[]? scale = Values(arguments[plan.Terms + 2 * term]), shift = Values(arguments[plan.Terms + 2 * term + 1]);
            (float[] slope, float[] offset) = plan.Statistics[term]!.Line(scale, shift);
            (slopes[term], offsets[term]) = (layout.Repeat(slope), layout.Repeat(offset));
        }

        var outputs = new List<Tensor>(2);
        if (plan.Results.Raw) outputs.Add(ChannelsLast.Empty(shape, T.Type));
        if (plan.Results.Activated) outputs.Add(ChannelsLast.Empty(shape, T.Type));
        nint raw = plan.Results.Raw ? Pointer(outputs[0]) : 0, activated = plan.Results.Activated ? Pointer(outputs[^1]) : 0;
        NodeKernels.Sum<T>(terms, slopes, offsets, raw, activated, plan.Results.Ceiling, layout);

        IEnumerable<Tensor> scales = plan.Normalized.Select(term => arguments[plan.Terms + 2 * term]).OfType<Tensor>();
        kept?.Keep(plan, [.. plan.Normalized.Select(term => values[term]), .. scales, .. plan.Results.Activated ? outputs[^1..] : []]);
        return outputs;
    }

    private static List<Tensor?> Backward<T>(Kept kept, Tensor?[] gradients)
        where T : struct, IElement
    {
        var plan = (Plan)kept.Plan!;
        IReadOnlyList<Tensor> saved = kept.Tensors;
        int[] normalized = plan.Normalized;
        Tensor? raw = plan.Results.Raw ? gradients[0] : null, activated = plan.Results.Activated ? gradients[^1] : null;
        raw = raw is null ? null : ChannelsLast.Of(raw);
        activated = activated is null ? null : ChannelsLast.Of(activated);
        long[] shape = (raw ?? activated)!.shape;
        var layout = new ChannelLayout((raw ?? activated)!.numel() / shape[1], (int)shape[1]);
        nint[] terms = [.. normalized.Select((_, i) => Pointer(saved[i]))];

        // Without an activation the gradient of the sum is at hand; with one it is made.
        Tensor total = activated is null ? raw! : ChannelsLast.Empty(shape, T.Type);
        float[] Centre(int term) => layout.Repeat(Array.ConvertAll(plan.Statistics[term]!.Mean, mean => (float)mean));
        (double[] sums, double[][] products) = activated is null && normalized.Length == 0
            ? ([], [])
            : NodeKernels.Gather<T>(
                (raw is null ? 0 : Pointer(raw), activated is null ? 0 : Pointer(activated)),
                activated is null ? 0 : Pointer(saved[^1]), plan.Results.Ceiling, activated is null ? 0 : Pointer(total),
                terms, Array.ConvertAll(normalized, Centre), layout);

        var results = new List<Tensor?>(new Tensor?[3 * plan.Terms]);
        for (int term = 0; term < plan.Terms; term++)
            if (plan.Statistics[term] is null) results[term] = total.alias();
        if (normalized.Length == 0) return results;

        float[][] a = new float[normalized.Length][], b = new float[normalized.Length][], d = new float[normalized.Length][];
        var targets = new nint[normalized.Length];
        int scales = 0;
        (double[] allSums, double[][] allProducts) = BatchStatistics.GradientsOfBatch(
            sums, products, layout.Rows, plan.Ranks);
        for (int i = 0; i < normalized.Length; i++)
        {
            int term = normalized[i];
            BatchStatistics statistics = plan.Statistics[term]!;
            float[]? scale = plan.Scaled[term] ? Values(saved[normalized.Length + scales++]) : null;
            (float[] slope, float[] curve, float[] offset) = statistics.GradientCoefficients(scale, allSums, allProducts[i]);
            (a[i], b[i], d[i]) = (layout.Repeat(slope), layout.Repeat(curve), layout.Repeat(offset));
            Tensor result = ChannelsLast.Empty(shape, T.Type);
            (results[term], targets[i]) = (result, Pointer(result));
            if (scale is null) continue;
            // Of this rank's part, as all gradients of weights.
            float[] ofScale = [.. products[i].Select((product, c) => (float)(product * statistics.InverseDeviation[c]))];
            results[plan.Terms + 2 * term] = tensor(ofScale, dtype: ScalarType.Float32);
            results[plan.Terms + 2 * term + 1] = tensor(Array.ConvertAll(sums, sum => (float)sum), dtype: ScalarType.Float32);
        }
        NodeKernels.Spread<T>(Pointer(total), terms, targets, a, b, d, layout);
        return results;
    }

    private static unsafe nint Pointer(Tensor tensor) => (nint)ChannelsLast.Pointer(tensor);

    private static float[]? Values(object? values) => values is Tensor tensor ? tensor.data<float>().ToArray() : null;
}
