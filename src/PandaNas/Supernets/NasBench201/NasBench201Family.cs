using PandaNas.Supernets.Definitions;
using PandaNas.Supernets.Operations;

namespace PandaNas.Supernets.NasBench201;

/// <summary>
/// The NAS-Bench-201 space and its networks (Dong and Yang 2020): 3×3 stem to C channels, three stages of N cells with C, 2C and 4C
/// channels, a residual block of stride 2 between stages, global average pooling and a linear classifier.
/// </summary>
internal sealed class NasBench201Family() : ChainFamily(Define, new NetworkOptions(3, 32, 10, UsualChannels, UsualCells))
{
    private const int Stages = 3, UsualChannels = 16, UsualCells = 5;

    // Its cell has one edge from every node to every later one.
    private static readonly Cell Cell = Cell.Complete("cell", NasBench201Space.Nodes,
    [
        Operation.None("none"), Operation.Skip("skip_connect"), Operation.Convolution("nor_conv_1x1", 1),
        Operation.Convolution("nor_conv_3x3", 3), Operation.AveragePool("avg_pool_3x3"),
    ]);

    /// <inheritdoc/>
    internal override NetworkFeatures Features =>
        NetworkFeatures.ChannelsAndCells | NetworkFeatures.ConvolutionBias | NetworkFeatures.WeightEntanglement;

    /// <inheritdoc/>
    internal override (int Channels, int Cells) UsualSizes(bool standalone) => (UsualChannels, UsualCells);

    // Kendall's tau: docs/experiment-log.md, 2026-11-27, features that differ.
    internal override string Ranker => "0.25*accuracy+live-params+0.5*jacov+0.75*featcov+0.25*meco";

    // Of shallow networks jacov adds less to counting: docs/experiment-log.md, 2026-11-26.
    internal override NetworkOptions SizesOfInitialScores(NetworkOptions supernet) =>
        supernet with { Cells = Math.Max(supernet.Cells, UsualCells) };

    /// <inheritdoc/>
    private protected override void CheckSizes(NetworkOptions options)
    {
        // With one channel libtorch's convolutions give wrong gradients without an error: docs/dependencies.md.
        if (options.Channels is < 2 or > 1024) throw new BadOptionException($"channels is {options.Channels}: expected 2 to 1024");
        if (options.Cells is < 1 or > 100) throw new BadOptionException($"cells is {options.Cells}: expected 1 to 100 cells a stage");
        // Of images of a single pixel libtorch's 3×3 convolutions are wrong, too.
        if (options.ImageSize < 5)
            throw new BadOptionException(
                $"image-size is {options.ImageSize}: {Space.Name} halves it twice and needs 2 pixels then, so expected 5 or more");
    }

    private static SpaceDefinition Define(NetworkOptions options) => new(
        "nasbench201", "cells of 4 nodes with one of 5 operations on every edge (Dong and Yang 2020)")
    {
        Stem = new StemLayer(options.Channels),
        Body = [.. Enumerable.Range(0, Stages).SelectMany(stage => Stage(stage, options))],
        HeadName = "last",
        MakeSpace = outline => new NasBench201Space(outline),
    };

    private static IEnumerable<SpacePart> Stage(int stage, NetworkOptions options)
    {
        if (stage > 0)
            yield return new FixedLayers(Operation.ResidualBlock("reduction"), options.Channels << stage, Stride: 2)
            {
                PlaceName = _ => $"reductions.{stage - 1}",
            };
        yield return new Cells(Cell, options.Cells)
        {
            PlaceName = cell => $"cells.{stage * options.Cells + cell}",
            ChoiceName = edge => $"{Cell.Edges[edge].Source}->{Cell.Edges[edge].Target}",
        };
    }
}
