using System.Text.Json.Serialization;
using PandaNas.Data.Batches;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Training;

/// <summary>How a network does in both precisions, on the machine at hand and with the threads in use.</summary>
/// <param name="Float32Seconds">Seconds per pass in float32.</param>
/// <param name="BFloat16Seconds">The same in bfloat16.</param>
/// <param name="Agrees">Whether both give nearly the same losses and gradients.</param>
internal sealed record PrecisionTrialResult(
    double Float32Seconds, [property: JsonPropertyName("bfloat16_seconds")] double BFloat16Seconds, bool Agrees)
{
    // Float32 is the more exact, and of two that are alike now one now the other would win: bfloat16 has to be clearly faster.
    private const double MostOfFloat32 = 0.9;

    /// <summary>The faster one of those that can be relied upon.</summary>
    public Precision Choice => Agrees && BFloat16Seconds <= MostOfFloat32 * Float32Seconds ? Precision.BFloat16 : Precision.Float32;
}

/// <summary>
/// Tries a network in both precisions. Which one is faster no flag of the processor tells: of two that both know bfloat16 one
/// multiplied in it twice as fast as in float32, the other half as fast.
/// </summary>
internal static class PrecisionTrial
{
    // Rounding to 8 bits turns gradients of deep paths by some degrees; a defect of the processor or of a kernel does far more.
    private const double LeastCosine = 0.9;
    private const double LargestLossDifference = 0.05;

    // The runtime compiles code that is called often a second time; before that, kernels are several times slower than later.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1.5);
    private const int MostWarmUpRounds = 40;

    // Times this close are measured again.
    private const double ClearRatio = 1.5;
    private const int LeastRounds = 2, MostRounds = 6;

    /// <summary>
    /// Tries training steps without their update. Weights and statistics stay as they are, and there are no gradients afterwards.
    /// </summary>
    /// <param name="network">The network; its precision is restored.</param>
    /// <param name="batch">Images and labels.</param>
    /// <param name="paths">The paths to compute, at least one.</param>
    /// <param name="clock">Measures.</param>
    public static PrecisionTrialResult OfTraining(Network network, Batch batch, IReadOnlyList<Architecture> paths, TimeProvider clock) =>
        Try(network, batch, paths, clock, path => Gradient(network, batch, path));

    /// <summary>Tries evaluations. Agreement is that of training steps on the same images.</summary>
    /// <param name="network">The network; its precision is restored.</param>
    /// <param name="batch">Images and labels.</param>
    /// <param name="paths">The paths to compute, at least one.</param>
    /// <param name="clock">Measures.</param>
    public static PrecisionTrialResult OfEvaluation(Network network, Batch batch, IReadOnlyList<Architecture> paths, TimeProvider clock)
    {
        var shared = new Dictionary<Precision, IReadOnlyList<Tensor>>();
        return Try(network, batch, paths, clock, path =>
        {
            using var inference = inference_mode();
            if (!shared.TryGetValue(network.Precision, out IReadOnlyList<Tensor>? first))
            {
                // Outlives the pass; the scope of the whole trial frees it.
                first = [.. network.Share(batch.Images).Select(tensor => tensor.alias().MoveToOuterDisposeScope())];
                shared[network.Precision] = first;
            }
            network.FromShared(first, path);
        });
    }

    private static PrecisionTrialResult Try(
        Network network, Batch batch, IReadOnlyList<Architecture> paths, TimeProvider clock, Action<Architecture> pass)
    {
        using var scope = NewDisposeScope();
        Precision before = network.Precision;
        Tensor[] statistics = [.. network.Statistics.Select(entry => entry.Tensor.clone())];
        try
        {
            bool agrees = paths.All(path => Agree(network, batch, path));
            long started = clock.GetTimestamp();
            for (int round = 0; round < MostWarmUpRounds && clock.GetElapsedTime(started) < WarmUp; round++) Round();
            // The least of every path and precision: what comes between takes time and never gives any.
            double[] float32 = Fastest(), bfloat16 = Fastest();
            for (int round = 0; round < MostRounds && (round < LeastRounds || !IsClear(float32.Sum(), bfloat16.Sum())); round++)
                Round((path, exact, rounded) =>
                {
                    float32[path] = Math.Min(float32[path], exact);
                    bfloat16[path] = Math.Min(bfloat16[path], rounded);
                });
            return new PrecisionTrialResult(float32.Average(), bfloat16.Average(), agrees);
        }
        finally
        {
            network.Precision = before;
            using (no_grad())
            {
                for (int i = 0; i < statistics.Length; i++) network.Statistics[i].Tensor.copy_(statistics[i]);
            }
        }

        double[] Fastest() => [.. paths.Select(_ => double.PositiveInfinity)];

        void Round(Action<int, double, double>? note = null)
        {
            for (int path = 0; path < paths.Count; path++)
            {
                double exact = Time(Precision.Float32, paths[path]), rounded = Time(Precision.BFloat16, paths[path]);
                note?.Invoke(path, exact, rounded);
            }
        }

        double Time(Precision precision, Architecture path)
        {
            network.Precision = precision;
            using var step = NewDisposeScope();
            long started = clock.GetTimestamp();
            pass(path);
            return clock.GetElapsedTime(started).TotalSeconds;
        }
    }

    private static bool IsClear(double one, double other) => Math.Max(one, other) >= ClearRatio * Math.Min(one, other);

    /// <summary>Whether losses differ by less than 5% and gradients point the same way (cosine of at least 0.9).</summary>
    private static bool Agree(Network network, Batch batch, Architecture path)
    {
        using var scope = NewDisposeScope();
        network.Precision = Precision.Float32;
        (double expected, Tensor exact) = Gradient(network, batch, path);
        network.Precision = Precision.BFloat16;
        (double loss, Tensor rounded) = Gradient(network, batch, path);
        double cosine = functional.cosine_similarity(exact, rounded, 0).item<float>();
        return Math.Abs(loss - expected) <= LargestLossDifference * Math.Abs(expected) && cosine >= LeastCosine;
    }

    private static (double Loss, Tensor Gradient) Gradient(Network network, Batch batch, Architecture path)
    {
        var gradients = new Tensor?[network.Weights.Count];
        Tensor logits = PathGradient.Compute(network, path, batch, null, gradients);
        Tensor gradient = cat([.. gradients.OfType<Tensor>().Select(part => part.flatten())]);
        return (functional.cross_entropy(logits, batch.Labels).item<float>(), gradient);
    }
}
