using PandaNas.Spaces;
using PandaNas.Supernets.Graphs;

namespace PandaNas.Supernets.Darts;

/// <summary>The DARTS space and its networks.</summary>
internal sealed class DartsFamily : GraphFamily
{
    // With fewer, the reductions at a third and at two thirds fall on the same cell or on the first.
    private const int FewestCells = 3;

    /// <inheritdoc/>
    public override SearchSpace Space => DartsSpace.Instance;

    /// <inheritdoc/>
    public override string Summary =>
        "a normal and a reduction cell of 4 nodes, each with 2 edges and one of 7 operations on them (Liu et al. 2019)";

    /// <inheritdoc/>
    internal override NetworkFeatures Features =>
        NetworkFeatures.ChannelsAndCells | NetworkFeatures.TwoStems | NetworkFeatures.AuxiliaryHead | NetworkFeatures.DropPath
        | NetworkFeatures.WeightEntanglement;

    /// <inheritdoc/>
    internal override (int Channels, int Cells) UsualSizes(bool standalone) => standalone ? (36, 20) : (16, 8);

    // Above the accuracy alone with each of five supernets: docs/experiment-log.md, 2026-11-26, retrained for eight epochs.
    internal override string Ranker => "accuracy+live-params";

    internal override NetworkGraph Build(NetworkSetting setting) => new DartsGraph(setting);

    /// <inheritdoc/>
    private protected override void CheckSizes(NetworkOptions options)
    {
        // With one channel libtorch's convolutions give wrong gradients without an error: docs/dependencies.md. A factorized reduction
        // halves them.
        if (options.Channels is < 4 or > 1024 || options.Channels % 2 != 0)
            throw new BadOptionException($"channels is {options.Channels}: {Space.Name} expects an even number from 4 to 1024");
        if (options.Cells is < FewestCells or > 100)
            throw new BadOptionException($"cells is {options.Cells}: {Space.Name} expects {FewestCells} to 100 cells in all");
        // By how much the network reduces the size before and after its cells' two reductions.
        int step = options.HasLargeStem ? 32 : 4;
        if (options.ImageSize < step || options.ImageSize % step != 0)
            throw new BadOptionException(
                $"image-size is {options.ImageSize}: {Space.Name} with the {(options.HasLargeStem ? "large" : "small")} stem "
                + $"expects a multiple of {step} pixels");
        int smallest = step * AuxiliaryHead.SmallestSide(options.HasLargeStem);
        if (options.AuxiliaryHead && options.ImageSize < smallest)
            throw new BadOptionException(
                $"image-size is {options.ImageSize}: the auxiliary head needs {smallest} pixels or more; set auxiliary-weight to 0");
    }
}
