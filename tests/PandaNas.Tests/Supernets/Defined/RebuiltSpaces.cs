using System.Collections.Immutable;
using PandaNas.Supernets.Defined;

namespace PandaNas.Tests.Supernets.Defined;

/// <summary>Built-in spaces written as a user would write them.</summary>
internal static class RebuiltSpaces
{
    /// <summary>NAS-Bench-201 of C channels and N cells a stage.</summary>
    public static DefinedFamily NasBench201(int channels, int cells)
    {
        var cell = Cell.Complete("cell", 4,
        [
            Operation.None("none"), Operation.Skip("skip_connect"), Operation.Convolution("nor_conv_1x1", 1), Operation.Convolution("nor_conv_3x3", 3), Operation.AveragePool("avg_pool_3x3"),
        ]);
        var reduction = Operation.ResidualBlock("reduction");
        return new DefinedFamily(new SpaceDefinition("rebuilt201", "NAS-Bench-201 once more")
        {
            Stem = new StemLayer(channels),
            Body = [new Cells(cell, cells), new FixedLayers(reduction, 2 * channels, 2), new Cells(cell, cells), new FixedLayers(reduction, 4 * channels, 2), new Cells(cell, cells)],
        });
    }

    /// <summary>ProxylessNAS with the widths of stem, first block, six stages and head, for small images.</summary>
    public static DefinedFamily ProxylessNas(ImmutableArray<int> widths)
    {
        ImmutableArray<Operation> convolutions =
            [.. PandaNas.Spaces.ProxylessNas.Convolutions.Select(one => Operation.InvertedConvolution($"k{one.Kernel}e{one.Expansion}", one.Kernel, one.Expansion))];
        ImmutableArray<Operation> candidates = [.. convolutions, Operation.Skip("skip")];
        var stages = Enumerable.Range(0, PandaNas.Spaces.ProxylessNas.Depths.Length).SelectMany(stage => (SpacePart[])
        [
            // In this space the first layer of a stage can never be left out, even where it would keep the shape.
            new SearchedLayers(convolutions, widths[stage + 2], PandaNas.Spaces.ProxylessNas.Strides[stage]),
            .. PandaNas.Spaces.ProxylessNas.Depths[stage] == 1 ? (SpacePart[])[] : [new SearchedLayers(candidates, Count: PandaNas.Spaces.ProxylessNas.Depths[stage] - 1, Residual: true)],
        ]);
        return new DefinedFamily(new SpaceDefinition("rebuiltmobile", "ProxylessNAS once more")
        {
            Stem = new StemLayer(widths[0], Activate: true),
            Body = [new FixedLayers(Operation.InvertedConvolution("first", 3, 1), widths[1]), .. stages],
            Head = new HeadLayer(widths[^1]),
            Activation = Activation.Relu6,
            CalibrationBatches = 20,
        });
    }
}
