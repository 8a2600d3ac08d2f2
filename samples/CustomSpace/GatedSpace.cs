using System.Collections.Immutable;
using PandaNas.Supernets.Definitions;
using PandaNas.Supernets.Operations;

namespace PandaNas.Samples;

/// <summary>A space of one's own: six layers with one of five operations each, one of which is ours.</summary>
internal static class GatedSpace
{
    private static readonly ImmutableArray<Operation> Candidates =
    [
        Operation.Convolution("conv_3x3", 3),
        Operation.SeparableConvolution("sep_5x5", 5),
        Operation.Module("gated_3x3", shape => new GatedConvolution(shape), GatedConvolution.CostAt, ShapeChange.Size),
        Operation.AveragePool("pool"),
        Operation.Skip("skip"),
    ];

    public static SpaceDefinition Definition { get; } = new("gated", "six layers, some with gates")
    {
        Stem = new StemLayer(Channels: 8),
        Body =
        [
            new SearchedLayers(Candidates, Count: 3, Residual: true),
            new FixedLayers(Operation.ResidualBlock("reduce"), Channels: 16, Stride: 2),
            new SearchedLayers(Candidates, Count: 3, Residual: true),
        ],
        HeadChannels = 32,
    };
}
