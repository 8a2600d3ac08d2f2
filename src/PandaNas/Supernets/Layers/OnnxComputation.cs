using PandaNas.Onnx;

namespace PandaNas.Supernets.Layers;

/// <summary>
/// Writes a network as the nodes of an ONNX graph, as it computes in evaluation; its batch norms must have running statistics.
/// </summary>
/// <param name="graph">Receives the nodes.</param>
/// <param name="ceiling">The activation's upper bound: infinity for ReLU, 6 for ReLU6.</param>
internal sealed class OnnxComputation(OnnxGraph graph, float ceiling) : IComputation<OnnxValue>
{
    public OnnxValue Convolve(OnnxValue input, Convolution convolution) => convolution.Export(graph, input);

    public OnnxValue Pool(OnnxValue input, Pooling pooling) => pooling.Export(graph, input);

    public OnnxValue Classify(OnnxValue input, Linear linear) => linear.Export(graph, input);

    public OnnxValue Run(OnnxValue input, ICustomLayer layer) => layer.Export(graph, input);

    public OnnxValue Concatenate(params ReadOnlySpan<OnnxValue> values) => graph.Node("Concat", values, ("axis", 1L));

    public OnnxValue EverySecond(OnnxValue input, int start) => graph.Node(
        "Slice",
        [input, graph.Integers(start, start), graph.Integers(int.MaxValue, int.MaxValue), graph.Integers(2, 3), graph.Integers(2, 2)]);

    public OnnxValue Zeros(OnnxValue like) => graph.Node("Mul", [like, graph.Float(0)]);

    public Features<OnnxValue> Sum(ReadOnlySpan<Term<OnnxValue>> terms, Reads reads, float? ceiling = null)
    {
        OnnxValue? sum = null;
        foreach (Term<OnnxValue> term in terms)
        {
            OnnxValue value = term.Norm?.Export(graph, term.Value) ?? term.Value;
            sum = sum is null ? value : graph.Node("Add", [sum, value]);
        }
        return new Features<OnnxValue>(sum, reads.HasFlag(Reads.Activated) ? Activated(sum!, ceiling ?? Ceiling) : null);
    }

    public Term<OnnxValue>[] Droppable(Term<OnnxValue>[] branch) => branch;

    public IReadOnlyList<OnnxValue> After(Func<IReadOnlyList<OnnxValue>> part) => part();

    private float Ceiling { get; } = ceiling;

    private OnnxValue Activated(OnnxValue value, float ceiling) =>
        float.IsPositiveInfinity(ceiling) ? graph.Node("Relu", [value]) : graph.Node("Clip", [value, graph.Float(0), graph.Float(ceiling)]);
}
