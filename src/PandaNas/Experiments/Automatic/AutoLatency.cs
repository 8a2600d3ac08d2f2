using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Latency;

namespace PandaNas.Experiments.Automatic;

/// <summary>The milliseconds that networks take for one image, on one thread of this machine.</summary>
internal static class AutoLatency
{
    // Of a table; networks one by one are timed as often.
    private const int Rounds = 3, TableNetworks = 20, TableHeldOut = 8;

    /// <summary>Of a network, measured.</summary>
    public static double Of(SupernetOptions training, AutoNetwork network, AutoImages images, RunContext context) =>
        LatencyExperiment.Measure(Options(training, network.Width, images), network.Architecture, context).Networks[0].MeasuredMs;

    /// <summary>A table that predicts those of a space's networks at a width.</summary>
    public static LatencyTable Table(SupernetOptions training, double width, AutoImages images, long seed, RunContext context) =>
        LatencyExperiment.Tabulate(
            Options(training, width, images) with { Networks = TableNetworks, HeldOut = TableHeldOut, Seed = seed },
            context.Renaming(LatencyExperiment.Stage, "measure latencies of layers"));

    private static LatencyOptions Options(SupernetOptions training, double width, AutoImages images) =>
        new LatencyOptions().Of(training, training.ImageSize, images.Classes, images.Channels) with
        {
            WidthMultiplier = width,
            Threads = 1,
            Rounds = Rounds,
        };
}
