using System.Runtime.InteropServices;
using Google.Protobuf;
using PandaNas.Onnx.Protocol;

namespace PandaNas.Onnx;

/// <summary>
/// Makes a convolution and the batch norm that alone reads it one convolution: (w·x + b - m)·s/√(v + ε) + t is a convolution too. Computed
/// in double precision.
/// </summary>
internal static class NormFolding
{
    /// <summary>Folds every batch norm that can be folded.</summary>
    /// <returns>How many were.</returns>
    public static int Apply(GraphProto graph)
    {
        Dictionary<string, TensorProto> weights = graph.Initializer.ToDictionary(weight => weight.Name, StringComparer.Ordinal);
        Dictionary<string, int> readers = graph.Node.SelectMany(node => node.Input).Concat(graph.Output.Select(output => output.Name))
            .CountBy(name => name, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        Dictionary<string, NodeProto> makers = graph.Node.ToDictionary(node => node.Output[0], StringComparer.Ordinal);
        NodeProto[] folded = [.. graph.Node.Where(CanFold)];
        foreach (NodeProto norm in folded) Fold(graph, makers[norm.Input[0]], norm, weights);
        foreach (NodeProto norm in folded) graph.Node.Remove(norm);
        HashSet<string> read = [.. graph.Node.SelectMany(node => node.Input)];
        foreach (TensorProto weight in weights.Values)
            if (!read.Contains(weight.Name)) graph.Initializer.Remove(weight);
        return folded.Length;

        // The weights must be this convolution's alone.
        bool CanFold(NodeProto norm) => norm.OpType == "BatchNormalization"
            && makers.TryGetValue(norm.Input[0], out NodeProto? maker) && maker.OpType == "Conv" && readers[norm.Input[0]] == 1
            && maker.Input.Skip(1).All(name => weights.ContainsKey(name) && readers[name] == 1);
    }

    private static void Fold(GraphProto graph, NodeProto convolution, NodeProto norm, Dictionary<string, TensorProto> weights)
    {
        double epsilon = norm.Attribute.Single(attribute => attribute.Name == "epsilon").F;
        ReadOnlySpan<float> scale = Values(norm.Input[1]);
        ReadOnlySpan<float> shift = Values(norm.Input[2]);
        ReadOnlySpan<float> mean = Values(norm.Input[3]);
        ReadOnlySpan<float> variance = Values(norm.Input[4]);
        float[] weight = Values(convolution.Input[1]).ToArray(), bias = new float[scale.Length];
        ReadOnlySpan<float> added = convolution.Input.Count > 2 ? Values(convolution.Input[2]) : bias;
        int fan = weight.Length / bias.Length;
        for (int channel = 0; channel < bias.Length; channel++)
        {
            double factor = scale[channel] / Math.Sqrt(variance[channel] + epsilon);
            foreach (ref float value in weight.AsSpan(channel * fan, fan)) value = (float)(value * factor);
            bias[channel] = (float)((added[channel] - mean[channel]) * factor + shift[channel]);
        }
        weights[convolution.Input[1]].RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(weight.AsSpan()));
        var biases = ByteString.CopyFrom(MemoryMarshal.AsBytes(bias.AsSpan()));
        if (convolution.Input.Count > 2) weights[convolution.Input[2]].RawData = biases;
        else
        {
            string name = convolution.Input[1] + ".folded_bias";
            var own = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float, RawData = biases };
            own.Dims.Add(bias.Length);
            graph.Initializer.Add(own);
            convolution.Input.Add(name);
        }
        convolution.Output[0] = norm.Output[0];

        ReadOnlySpan<float> Values(string name) => MemoryMarshal.Cast<byte, float>(weights[name].RawData.Span);
    }
}
