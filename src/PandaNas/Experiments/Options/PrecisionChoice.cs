using System.Globalization;
using System.Text.Json.Serialization;
using PandaNas.Data.Batches;
using PandaNas.Runtime.Threads;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Options;

/// <summary>How a run chooses its precision.</summary>
public enum PrecisionChoice
{
    /// <summary>The faster one on the run's own network, measured before its first step; float32 where they do not agree.</summary>
    Auto,

    /// <summary>float32.</summary>
    Float32,

    /// <summary>bfloat16 for activations and convolutions.</summary>
    [JsonStringEnumMemberName("bfloat16")]
    BFloat16,
}

/// <summary>A definite choice of precision.</summary>
/// <param name="Choice">float32 or bfloat16.</param>
/// <param name="Trial">What was measured, if it was chosen so.</param>
internal sealed record ChosenPrecision(PrecisionChoice Choice, PrecisionTrialResult? Trial)
{
    /// <summary>The choice and its reason in words.</summary>
    /// <param name="pass">What was timed: a step or an evaluation.</param>
    public string Say(string pass) => Trial is null
        ? PrecisionResolver.NameOf(Choice)
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{PrecisionResolver.NameOf(Choice)} ({pass} takes {1000 * Trial.Float32Seconds:F1} ms in float32, "
            + $"{1000 * Trial.BFloat16Seconds:F1} ms in bfloat16{(Trial.Agrees ? "" : ", which disagrees")})");
}

/// <summary>Makes a choice of precision definite.</summary>
internal static class PrecisionResolver
{
    private const int Paths = 3;

    /// <summary>
    /// The choice with <see cref="PrecisionChoice.Auto"/> replaced by what suits machine and network, and the network set to it. The
    /// answer is stored with the run, so that a continued run computes as it began.
    /// </summary>
    /// <param name="choice">What was asked for.</param>
    /// <param name="network">The network before its first step.</param>
    /// <param name="batches">Makes the images of the trial.</param>
    /// <param name="batchSize">How many.</param>
    /// <param name="fixedPath">The only path that will be trained, or null for random ones.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="device">Where the network lives.</param>
    /// <param name="clock">Measures.</param>
    /// <param name="evaluates">Whether evaluations are tried and not training steps.</param>
    public static ChosenPrecision Resolve(
        PrecisionChoice choice, Network network, IBatchMaker batches, int batchSize, Architecture? fixedPath, long seed, Device device,
        TimeProvider clock, bool evaluates = false)
    {
        PrecisionTrialResult? trial = null;
        if (choice == PrecisionChoice.Auto)
        {
            // Elsewhere bfloat16 is emulated: many times slower, and a trial of minutes.
            bool fast = device.type == TorchSharp.DeviceType.CPU && Machine.ComputesBFloat16;
            trial = fast
                ? Try(network, batches, batchSize, fixedPath, RandomStream.Derive(seed, "precision"), device, clock, evaluates)
                : null;
            choice = trial?.Choice == Precision.BFloat16 ? PrecisionChoice.BFloat16 : PrecisionChoice.Float32;
        }
        network.Precision = PrecisionOf(choice);
        return new ChosenPrecision(choice, trial);
    }

    /// <summary>The precision of a definite choice; an undecided one, of a run that never started, is float32.</summary>
    public static Precision PrecisionOf(PrecisionChoice choice) =>
        choice == PrecisionChoice.BFloat16 ? Precision.BFloat16 : Precision.Float32;

    /// <summary>The name of a choice as options write it.</summary>
    public static string NameOf(PrecisionChoice choice) => choice.ToString().ToLowerInvariant();

    private static PrecisionTrialResult Try(
        Network network, IBatchMaker batches, int batchSize, Architecture? fixedPath, RandomStream random, Device device,
        TimeProvider clock, bool evaluates)
    {
        using var scope = NewDisposeScope();
        Batch batch = batches.MakePlain([.. Enumerable.Range(0, batchSize)], device);
        Architecture[] paths = fixedPath is null
            ? [.. Enumerable.Range(0, Paths).Select(_ => UniformArchitectures.Draw(network.Space, random))]
            : [fixedPath];
        return evaluates
            ? PrecisionTrial.OfEvaluation(network, batch, paths, clock)
            : PrecisionTrial.OfTraining(network, batch, paths, clock);
    }
}
