using PandaNas.Data;
using PandaNas.Runtime;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Experiments;

/// <summary>How a run chooses its precision.</summary>
public enum PrecisionChoice
{
    /// <summary>bfloat16 where the processor computes in it and the first steps agree with float32, else float32.</summary>
    Auto,

    /// <summary>float32.</summary>
    Float32,

    /// <summary>bfloat16 for activations and convolutions.</summary>
    BFloat16,
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
    /// <param name="batches">Makes the images of the comparison.</param>
    /// <param name="batchSize">How many.</param>
    /// <param name="fixedPath">The only path that will be trained, or null for random ones.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="device">Where the network lives.</param>
    public static PrecisionChoice Resolve(
        PrecisionChoice choice, Network network, IBatchMaker batches, int batchSize, Architecture? fixedPath, long seed, Device device)
    {
        if (choice == PrecisionChoice.Auto)
        {
            RandomStream random = RandomStream.Derive(seed, "precision");
            bool fast = device.type == TorchSharp.DeviceType.CPU && Processor.ComputesBFloat16;
            choice = fast && Agree(network, batches, batchSize, fixedPath, random, device) ? PrecisionChoice.BFloat16 : PrecisionChoice.Float32;
        }
        network.Precision = PrecisionOf(choice);
        return choice;
    }

    /// <summary>The precision of a definite choice; an undecided one, of a run that never started, is float32.</summary>
    public static Precision PrecisionOf(PrecisionChoice choice) => choice == PrecisionChoice.BFloat16 ? Precision.BFloat16 : Precision.Float32;

    private static bool Agree(Network network, IBatchMaker batches, int batchSize, Architecture? fixedPath, RandomStream random, Device device)
    {
        using var scope = NewDisposeScope();
        Batch batch = batches.MakePlain([.. Enumerable.Range(0, batchSize)], device);
        return Enumerable.Range(0, fixedPath is null ? Paths : 1)
            .All(_ => PrecisionAgreement.Holds(network, batch, fixedPath ?? UniformArchitectures.Draw(network.Space, random)));
    }
}
