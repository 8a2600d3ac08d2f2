using PandaNas.Onnx;
using PandaNas.Runtime.Torch;
using PandaNas.Supernets.Kernels;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Layers;

/// <summary>
/// Writes a network as the nodes of an ONNX graph, as it computes in evaluation; its batch norms must have running statistics.
/// </summary>
/// <param name="graph">Receives the nodes.</param>
/// <param name="ceiling">The activation's upper bound: infinity for ReLU, 6 for ReLU6.</param>
/// <param name="ranges">Told what torch computes for each value; null computes nothing.</param>
internal sealed class OnnxComputation(OnnxGraph graph, float ceiling, ActivationRanges? ranges = null) : IComputation<OnnxValue>
{
    public OnnxValue Convolve(OnnxValue input, Convolution convolution) =>
        Noted(convolution.Export(graph, input), inputs => convolution.Forward(inputs[0]), input);

    public OnnxValue Pool(OnnxValue input, Pooling pooling) =>
        Noted(pooling.Export(graph, input), inputs => pooling.Forward(inputs[0]), input);

    public OnnxValue Classify(OnnxValue input, Linear linear) =>
        Noted(linear.Export(graph, input), inputs => linear.Forward(inputs[0]), input);

    public OnnxValue Run(OnnxValue input, ICustomLayer layer) =>
        Noted(layer.Export(graph, input), inputs => layer.Forward(inputs[0], training: false), input);

    public OnnxValue Concatenate(params ReadOnlySpan<OnnxValue> values) =>
        Noted(graph.Node("Concat", values, ("axis", 1L)), inputs => cat(inputs, 1), values);

    public OnnxValue EverySecond(OnnxValue input, int start) => Noted(
        graph.Node(
            "Slice",
            [input, graph.Integers(start, start), graph.Integers(int.MaxValue, int.MaxValue), graph.Integers(2, 3), graph.Integers(2, 2)]),
        inputs => ChannelsLast.Of(inputs[0].slice(2, start, inputs[0].shape[2], 2).slice(3, start, inputs[0].shape[3], 2)), input);

    public OnnxValue Zeros(OnnxValue like) =>
        Noted(graph.Node("Mul", [like, graph.Float(0)]), inputs => zeros_like(inputs[0]), like);

    public Features<OnnxValue> Sum(ReadOnlySpan<Term<OnnxValue>> terms, Reads reads, float? ceiling = null)
    {
        OnnxValue? sum = null;
        foreach (Term<OnnxValue> term in terms)
        {
            OnnxValue value = term.Norm is { } norm
                ? Noted(norm.Export(graph, term.Value), inputs => norm.Plain(inputs[0], training: false), term.Value)
                : term.Value;
            sum = sum is null ? value : Noted(graph.Node("Add", [sum, value]), inputs => inputs[0].Plus(inputs[1]), sum, value);
        }
        return new Features<OnnxValue>(sum, reads.HasFlag(Reads.Activated) ? Activated(sum!, ceiling ?? Ceiling) : null);
    }

    public Term<OnnxValue>[] Droppable(Term<OnnxValue>[] branch) => branch;

    public IReadOnlyList<OnnxValue> After(Func<IReadOnlyList<OnnxValue>> part) => part();

    private float Ceiling { get; } = ceiling;

    private OnnxValue Activated(OnnxValue value, float ceiling) => Noted(
        float.IsPositiveInfinity(ceiling) ? graph.Node("Relu", [value]) : graph.Node("Clip", [value, graph.Float(0), graph.Float(ceiling)]),
        inputs => Node.Activated(inputs[0], ceiling), value);

    private OnnxValue Noted(OnnxValue output, Func<Tensor[], Tensor> compute, params ReadOnlySpan<OnnxValue> inputs)
    {
        if (ranges is null) return output;
        var tensors = new Tensor[inputs.Length];
        for (int i = 0; i < tensors.Length; i++) tensors[i] = ranges.Of(inputs[i]);
        ranges.Add(output, compute(tensors));
        return output;
    }
}
