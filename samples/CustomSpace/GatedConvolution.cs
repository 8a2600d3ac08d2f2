using PandaNas.Costs;
using PandaNas.Onnx;
using PandaNas.Supernets.Operations;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PandaNas.Samples;

/// <summary>
/// An operation of one's own: ReLU, a depthwise convolution, and a gate for every channel that the mean of all channels opens.
/// </summary>
internal sealed class GatedConvolution : nn.Module<Tensor, Tensor>, IOnnxModule
{
    private readonly OperationShape _shape;
    private readonly Conv2d _depthwise;
    private readonly Linear _gate;

    public GatedConvolution(OperationShape shape) : base(nameof(GatedConvolution))
    {
        _shape = shape;
        _depthwise = nn.Conv2d(shape.Inputs, shape.Outputs, 3, shape.Stride, 1, groups: shape.Inputs, bias: false);
        _gate = nn.Linear(shape.Inputs, shape.Outputs);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        Tensor gate = _gate.forward(input.mean([2, 3])).sigmoid();
        return _depthwise.forward(input.relu()).mul(gate.unsqueeze(2).unsqueeze(3));
    }

    /// <summary>The same as nodes of ONNX.</summary>
    public OnnxValue Export(OnnxGraph graph, OnnxValue input)
    {
        OnnxValue gate = graph.Node("Sigmoid", [graph.Linear(graph.GlobalMean(input), _gate.weight!, _gate.bias!)]);
        OnnxValue convolved = graph.Convolution(
            graph.Node("Relu", [input]), _depthwise.weight!, stride: _shape.Stride, padding: 1, groups: _shape.Inputs);
        return graph.Node("Mul", [convolved, graph.Node("Unsqueeze", [gate, graph.Integers(2, 3)])]);
    }

    /// <summary>Parameters and multiply-adds of its layers.</summary>
    public static Cost CostAt(OperationShape shape) =>
        Cost.OfConvolution(shape.Inputs, shape.Outputs, 3, shape.OutputSize, groups: shape.Inputs)
            + Cost.OfLinear(shape.Inputs, shape.Outputs);
}
