using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using PandaNas.Onnx.Protocol;
using static TorchSharp.torch;

namespace PandaNas.Onnx;

/// <summary>
/// The graph of an ONNX model while it is written: nodes in the order in which they are computed, and the weights that they read. Operators
/// are those of opset <see cref="Opset"/> (https://onnx.ai/onnx/operators).
/// </summary>
public sealed class OnnxGraph
{
    /// <summary>The version of the operators.</summary>
    public const int Opset = 17;

    // Of the file format: that of the committed onnx.proto, which every runtime since 2021 reads.
    private const long FileVersion = (long)Protocol.Version.IrVersion;

    private readonly Dictionary<Tensor, string> _names = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxValue> _weights = new(StringComparer.Ordinal);

    /// <summary>An empty graph.</summary>
    /// <param name="tensors">The names of tensors, under which their values are written; others get names of the graph's own.</param>
    internal OnnxGraph(IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        foreach ((string name, Tensor tensor) in tensors) _names[tensor] = name;
    }

    internal GraphProto Proto { get; } = new() { Name = "network" };

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">The operator, for example <c>Relu</c>.</param>
    /// <param name="inputs">Its inputs in their order.</param>
    /// <param name="attributes">Its attributes: a value is a long, a float, a string, or several longs.</param>
    /// <returns>Its output.</returns>
    /// <exception cref="ArgumentException">An attribute has another type.</exception>
    public OnnxValue Node(string operation, ReadOnlySpan<OnnxValue> inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        ArgumentException.ThrowIfNullOrEmpty(operation);
        var output = new OnnxValue(NextName(operation));
        var node = new NodeProto { OpType = operation, Name = output.Name };
        foreach (OnnxValue input in inputs) node.Input.Add(input.Name);
        node.Output.Add(output.Name);
        foreach ((string name, object value) in attributes) node.Attribute.Add(Attribute(name, value));
        Proto.Node.Add(node);
        return output;
    }

    /// <summary>The values of a tensor, as float32.</summary>
    public OnnxValue Weight(Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        string name = _names.TryGetValue(values, out string? known) ? known : NextName("weight");
        if (_weights.TryGetValue(name, out OnnxValue? written)) return written;
        using var scope = NewDisposeScope();
        Tensor plain = values.detach().cpu().to(ScalarType.Float32).contiguous();
        return _weights[name] = Constant(name, TensorProto.Types.DataType.Float, values.shape, plain.bytes);
    }

    /// <summary>Numbers in a row: one dimension.</summary>
    public OnnxValue Floats(params ReadOnlySpan<float> values) =>
        Constant(NextName("floats"), TensorProto.Types.DataType.Float, [values.Length], MemoryMarshal.AsBytes(values));

    /// <summary>A single number, without dimensions.</summary>
    public OnnxValue Float(float value) =>
        Constant(NextName("float"), TensorProto.Types.DataType.Float, [], MemoryMarshal.AsBytes([value]));

    /// <summary>Whole numbers in a row, such as axes or shapes.</summary>
    public OnnxValue Integers(params ReadOnlySpan<long> values) =>
        Constant(NextName("integers"), TensorProto.Types.DataType.Int64, [values.Length], MemoryMarshal.AsBytes(values));

    /// <summary>A single whole number, without dimensions.</summary>
    public OnnxValue Integer(long value) =>
        Constant(NextName("integer"), TensorProto.Types.DataType.Int64, [], MemoryMarshal.AsBytes([value]));

    /// <summary>Numbers of double precision.</summary>
    internal OnnxValue Doubles(ReadOnlySpan<double> values, params ReadOnlySpan<long> shape) =>
        Constant(NextName("doubles"), TensorProto.Types.DataType.Double, shape, MemoryMarshal.AsBytes(values));

    /// <summary>A value in another type.</summary>
    internal OnnxValue Cast(OnnxValue value, TensorProto.Types.DataType type) => Node("Cast", [value], ("to", (long)type));

    /// <summary>A 2-D convolution, the same along both axes.</summary>
    /// <param name="input">N×C×H×W.</param>
    /// <param name="weight">K×C/groups×k×k.</param>
    /// <param name="bias">K numbers; null for none.</param>
    /// <param name="stride">Step in pixels.</param>
    /// <param name="padding">Zeros at every side.</param>
    /// <param name="dilation">Distance of the pixels that it sees.</param>
    /// <param name="groups">Groups of channels that are convolved each by itself.</param>
    public OnnxValue Convolution(
        OnnxValue input, Tensor weight, Tensor? bias = null, int stride = 1, int padding = 0, int dilation = 1, int groups = 1)
    {
        ArgumentNullException.ThrowIfNull(weight);
        OnnxValue[] inputs = bias is null ? [input, Weight(weight)] : [input, Weight(weight), Weight(bias)];
        long[] padded = [padding, padding, padding, padding];
        return Node(
            "Conv", inputs, ("kernel_shape", weight.shape[2..]), ("strides", Pair(stride)), ("pads", padded), ("dilations", Pair(dilation)),
            ("group", (long)groups));
    }

    /// <summary>Batch normalisation by running statistics.</summary>
    /// <param name="input">N×C×H×W.</param>
    /// <param name="scale">C factors.</param>
    /// <param name="shift">C numbers that are added at the end.</param>
    /// <param name="mean">C running means.</param>
    /// <param name="variance">C running variances.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public OnnxValue BatchNormalization(OnnxValue input, Tensor scale, Tensor shift, Tensor mean, Tensor variance, double epsilon = 1e-5) =>
        Node("BatchNormalization", [input, Weight(scale), Weight(shift), Weight(mean), Weight(variance)], ("epsilon", (float)epsilon));

    /// <summary>A fully connected layer, N×inputs to N×outputs.</summary>
    /// <param name="input">N×inputs.</param>
    /// <param name="weight">outputs×inputs.</param>
    /// <param name="bias">One number for every output.</param>
    public OnnxValue Linear(OnnxValue input, Tensor weight, Tensor bias) =>
        Node("Gemm", [input, Weight(weight), Weight(bias)], ("transB", 1L));

    /// <summary>The mean of every channel: N×C×H×W to N×C.</summary>
    public OnnxValue GlobalMean(OnnxValue input) => Node("Flatten", [Node("GlobalAveragePool", [input])]);

    internal static long[] Pair(long value) => [value, value];

    /// <summary>An input of the model.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">What it holds.</param>
    /// <param name="sizes">Its sizes: a number, or a name where any will do.</param>
    internal OnnxValue Input(string name, TensorProto.Types.DataType type, params object[] sizes)
    {
        Proto.Input.Add(Described(name, type, sizes));
        return new OnnxValue(name);
    }

    /// <summary>Makes a value an output of the model.</summary>
    internal void Output(OnnxValue value, string name, params object[] sizes)
    {
        // The name that users type is that of the node's output, not of a copy of it.
        NodeProto node = Proto.Node.Last(one => one.Output[0] == value.Name);
        foreach (NodeProto reader in Proto.Node)
            for (int input = 0; input < reader.Input.Count; input++)
                if (reader.Input[input] == value.Name) reader.Input[input] = name;
        node.Output[0] = name;
        Proto.Output.Add(Described(name, TensorProto.Types.DataType.Float, sizes));
    }

    /// <summary>The model as the bytes of a file.</summary>
    /// <param name="producerVersion">The version of the program.</param>
    /// <param name="metadata">Texts about the model, by key.</param>
    internal byte[] ToFile(string producerVersion, params ReadOnlySpan<(string Key, string Value)> metadata)
    {
        var model = new ModelProto { IrVersion = FileVersion, ProducerName = "PandaNas", ProducerVersion = producerVersion, Graph = Proto };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        foreach ((string key, string value) in metadata) model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return model.ToByteArray();
    }

    private OnnxValue Constant(string name, TensorProto.Types.DataType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(values) };
        foreach (long size in shape) tensor.Dims.Add(size);
        Proto.Initializer.Add(tensor);
        return new OnnxValue(name);
    }

    private string NextName(string kind)
    {
        int number = _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        // Weights have dots in their names, or none and no such number.
        return string.Create(CultureInfo.InvariantCulture, $"/{kind}_{number}");
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case long whole:
                (attribute.Type, attribute.I) = (AttributeProto.Types.AttributeType.Int, whole);
                break;
            case float number:
                (attribute.Type, attribute.F) = (AttributeProto.Types.AttributeType.Float, number);
                break;
            case string text:
                (attribute.Type, attribute.S) = (AttributeProto.Types.AttributeType.String, ByteString.CopyFromUtf8(text));
                break;
            case long[] several:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.Add(several);
                break;
            default:
                throw new ArgumentException(
                    $"attribute '{name}' is a {value?.GetType().Name ?? "null"}: expected long, float, string or long[]", nameof(value));
        }
        return attribute;
    }

    private static ValueInfoProto Described(string name, TensorProto.Types.DataType type, object[] sizes)
    {
        var shape = new TensorShapeProto();
        foreach (object size in sizes)
            shape.Dim.Add(size is string any
                ? new TensorShapeProto.Types.Dimension { DimParam = any }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(size, CultureInfo.InvariantCulture) });
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
