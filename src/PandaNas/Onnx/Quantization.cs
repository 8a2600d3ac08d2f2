using System.Runtime.InteropServices;
using Google.Protobuf;
using PandaNas.Onnx.Protocol;
using static PandaNas.Onnx.Protocol.TensorProto.Types;

namespace PandaNas.Onnx;

/// <summary>
/// Makes a graph compute in whole numbers of 8 bits, by pairs of QuantizeLinear and DequantizeLinear that runtimes fuse with what lies
/// between them. Weights of convolutions and fully connected layers are int8, symmetric, with a scale for every output; activations uint8
/// with a scale and a zero point for every tensor; biases int32. Everything else, and the logits, stay float32.
/// </summary>
internal sealed class Quantization
{
    private const double LargestWeight = 127, LargestActivation = 255;

    // What reads 8 bits; all other nodes read what they are made of.
    private static readonly HashSet<string> s_readers =
        ["Conv", "Gemm", "Add", "Relu", "Clip", "AveragePool", "MaxPool", "GlobalAveragePool", "Concat", "Slice", "Flatten"];

    private readonly GraphProto _graph;
    private readonly IReadOnlyDictionary<string, ValueRange> _ranges;
    private readonly Dictionary<string, TensorProto> _constants;
    private readonly ILookup<string, NodeProto> _readersOf;
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private readonly List<NodeProto> _nodes = [];

    // Activations that were quantised: their scale, and the name under which they are read.
    private readonly Dictionary<string, (string Name, double Scale)> _quantised = new(StringComparer.Ordinal);

    private Quantization(GraphProto graph, IReadOnlyDictionary<string, ValueRange> ranges)
    {
        _graph = graph;
        _ranges = ranges;
        _constants = graph.Initializer.ToDictionary(constant => constant.Name, StringComparer.Ordinal);
        _readersOf = graph.Node.SelectMany(node => node.Input, (node, input) => (node, input))
            .ToLookup(pair => pair.input, pair => pair.node, StringComparer.Ordinal);
    }

    /// <summary>Quantises a graph whose batch norms are folded.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="ranges">What values its tensors take, by name; others stay as they are.</param>
    public static void Apply(GraphProto graph, IReadOnlyDictionary<string, ValueRange> ranges) =>
        new Quantization(graph, ranges).Apply();

    private void Apply()
    {
        NodeProto[] before = [.. _graph.Node];
        foreach (ValueInfoProto input in _graph.Input) Quantise(input.Name);
        foreach (NodeProto node in before)
        {
            if (node.OpType is "Conv" or "Gemm" && _quantised.TryGetValue(node.Input[0], out (string Name, double Scale) input))
                Weigh(node, input.Scale);
            if (s_readers.Contains(node.OpType))
                for (int i = 0; i < node.Input.Count; i++)
                    if (_quantised.TryGetValue(node.Input[i], out (string Name, double Scale) read)) node.Input[i] = read.Name;
            _nodes.Add(node);
            Quantise(node.Output[0]);
        }
        _graph.Node.Clear();
        _graph.Node.AddRange(_nodes);
        HashSet<string> used = [.. _graph.Node.SelectMany(node => node.Input)];
        foreach (TensorProto constant in _constants.Values)
            if (!used.Contains(constant.Name)) _graph.Initializer.Remove(constant);
    }

    private void Quantise(string value)
    {
        if (!_ranges.TryGetValue(value, out ValueRange range) || !_readersOf[value].Any(node => s_readers.Contains(node.OpType))) return;
        // An activation that alone reads a layer is computed with it.
        if (_readersOf[value].Count() == 1 && _readersOf[value].Single().OpType is "Relu" or "Clip") return;
        double least = Math.Min(0, range.Least), most = Math.Max(0, range.Most);
        double scale = most > least ? (most - least) / LargestActivation : 1;
        string scaleName = value + ".scale", zeroName = value + ".zero", whole = value + ".uint8", read = value + ".read";
        Write(scaleName, DataType.Float, [], [(float)scale]);
        Write(zeroName, DataType.Uint8, [], [(byte)Math.Round(-least / scale)]);
        _nodes.Add(Node("QuantizeLinear", whole, value, scaleName, zeroName));
        _nodes.Add(Node("DequantizeLinear", read, whole, scaleName, zeroName));
        _quantised[value] = (read, (float)scale);
    }

    // The layer's weights in 8 bits, its bias in what the products of both are counted in.
    private void Weigh(NodeProto node, double inputScale)
    {
        if (!_constants.TryGetValue(node.Input[1], out TensorProto? weight)) return;
        int outputs = (int)weight.Dims[0];
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(weight.RawData.Span);
        int fan = values.Length / outputs;
        var scales = new float[outputs];
        var whole = new sbyte[values.Length];
        for (int output = 0; output < outputs; output++)
        {
            ReadOnlySpan<float> row = values.Slice(output * fan, fan);
            float largest = 0;
            foreach (float value in row) largest = Math.Max(largest, Math.Abs(value));
            scales[output] = largest > 0 ? (float)(largest / LargestWeight) : 1;
            for (int i = 0; i < fan; i++) whole[output * fan + i] = (sbyte)Math.Round(row[i] / scales[output]);
        }
        string read = weight.Name + ".read";
        if (_written.Add(read))
        {
            Write(weight.Name + ".int8", DataType.Int8, weight.Dims, whole);
            Write(weight.Name + ".scales", DataType.Float, [outputs], scales);
            Write(weight.Name + ".zeros", DataType.Int8, [outputs], new sbyte[outputs]);
            _nodes.Add(PerOutput(Node("DequantizeLinear", read, weight.Name + ".int8", weight.Name + ".scales", weight.Name + ".zeros")));
        }
        node.Input[1] = read;
        if (node.Input.Count > 2 && _constants.TryGetValue(node.Input[2], out TensorProto? bias))
            node.Input[2] = Bias(node, bias, [.. scales.Select(scale => (float)(scale * inputScale))]);
    }

    private string Bias(NodeProto node, TensorProto bias, float[] scales)
    {
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(bias.RawData.Span);
        var whole = new int[values.Length];
        for (int i = 0; i < whole.Length; i++)
            whole[i] = (int)Math.Clamp(Math.Round((double)values[i] / scales[i]), int.MinValue, int.MaxValue);
        // The input's scale is in it: no two layers share one.
        string name = node.Output[0] + ".bias";
        Write(name + ".int32", DataType.Int32, [whole.Length], whole);
        Write(name + ".scales", DataType.Float, [whole.Length], scales);
        Write(name + ".zeros", DataType.Int32, [whole.Length], new int[whole.Length]);
        _nodes.Add(PerOutput(Node("DequantizeLinear", name, name + ".int32", name + ".scales", name + ".zeros")));
        return name;
    }

    private void Write<T>(string name, DataType type, IEnumerable<long> shape, T[] values) where T : unmanaged
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = (int)type,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
        };
        tensor.Dims.AddRange(shape);
        _graph.Initializer.Add(tensor);
    }

    private static NodeProto Node(string operation, string output, params ReadOnlySpan<string> inputs)
    {
        var node = new NodeProto { OpType = operation, Name = output };
        foreach (string input in inputs) node.Input.Add(input);
        node.Output.Add(output);
        return node;
    }

    private static NodeProto PerOutput(NodeProto node)
    {
        node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 0 });
        return node;
    }
}
