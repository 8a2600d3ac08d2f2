using PandaNas.Costs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Stages;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Reporting.Contents;

/// <summary>The space of a run and the sizes of its networks.</summary>
/// <param name="Family">The space and its networks.</param>
/// <param name="Sizes">Their sizes.</param>
internal sealed record RunNetworks(SpaceFamily Family, NetworkOptions Sizes)
{
    /// <summary>The networks of a run; null while it does not say what its images are.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="setup">What its images are.</param>
    /// <param name="standalone">Whether it trained one architecture.</param>
    public static RunNetworks? Of(TrainingRunOptions options, RunSetup? setup, bool standalone) => setup is null ? null : new RunNetworks(
        options.Family, RequestedNetwork.Of(options, standalone, setup.Channels, setup.ImageSize, setup.Classes));

    /// <summary>What an architecture costs as a plain network, by the published convention.</summary>
    /// <exception cref="ArchitectureFormatException">It is none of the space.</exception>
    public Cost CostOf(string architecture) => Family.Cost(Sizes, Family.Space.Parse(architecture));
}
