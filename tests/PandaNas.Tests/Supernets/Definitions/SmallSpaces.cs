using PandaNas.Costs;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Runtime.Torch;
using PandaNas.Supernets.Definitions;
using PandaNas.Supernets.Operations;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.Definitions;

/// <summary>Spaces small enough to try every architecture.</summary>
internal static class SmallSpaces
{
    /// <summary>Every type of operation that a file can name, in layers and in a cell: 4·3·2·3³ = 648 architectures.</summary>
    public const string Yaml = """
        name: small
        summary: every type of operation
        activation: relu6
        operations:
          conv: {type: convolution, kernel: 3}
          sep: {type: separable-convolution, kernel: 5, dilation: 2}
          mobile: {type: inverted-convolution, kernel: 3, expansion: 2}
          block: {type: residual-block}
          average: {type: average-pool}
          largest: {type: max-pool}
          skip: {type: skip}
          none: {type: none}
        cells:
          middle:
            edges:
              - {from: 0, to: 1, candidates: [none, skip, conv]}
              - {from: 1, to: 2, candidates: [none, average, sep]}
              - {from: 0, to: 2, candidates: [largest, none, conv]}
        stem: {channels: 4, activate: true}
        body:
          - {candidates: [conv, mobile, skip, none], residual: true}
          - {fixed: block, channels: 6, stride: 2, activate: true}
          - {cell: middle, count: 2}
          - {candidates: [sep, block, mobile, skip], channels: 8, stride: 2, residual: true, projection: true}
          - {candidates: [average, block]}
        head: {channels: 10}
        """;

    /// <summary>The space of <see cref="Yaml"/>.</summary>
    public static ChainFamily FromYaml() => SpaceReader.Read(Yaml, "small.yaml");

    /// <summary>A space with a module as an operation.</summary>
    public static ChainFamily WithModule(Operation module) => new(new SpaceDefinition("own", "with a module")
    {
        Stem = new StemLayer(4),
        Body = [new SearchedLayers([module, Operation.Skip("skip"), Operation.Convolution("conv", 3)], Count: 2, Residual: true)],
    });

    /// <summary>A convolution with a batch norm and a constant of its own.</summary>
    public static Operation Normed(bool normalize) => Operation.Module(
        "normed", shape => new NormedConvolution(shape.Inputs),
        shape => Cost.OfConvolution(shape.Inputs, shape.Inputs, 3, shape.OutputSize, bias: true) + Cost.OfBatchNorm(shape.Inputs),
        ShapeChange.None, normalize);
}

/// <summary>What a user may bring: layers, a batch norm, a buffer.</summary>
internal sealed class NormedConvolution : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d _convolution;
    private readonly BatchNorm2d _norm;
    private readonly Tensor _shift;

    public NormedConvolution(int channels) : base(nameof(NormedConvolution))
    {
        _convolution = nn.Conv2d(channels, channels, 3, 1, 1);
        _norm = nn.BatchNorm2d(channels);
        _shift = rand(1, channels, 1, 1);
        register_buffer("shift", _shift);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _norm.forward(_convolution.forward(input.relu())).Plus(_shift);
}
