using Google.Protobuf;
using PandaNas.Onnx;
using PandaNas.Onnx.Protocol;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Exporting;

/// <summary>Writes networks as ONNX models: the input <c>images</c>, the output <c>logits</c>, any number of images at a time.</summary>
internal static class OnnxModel
{
    /// <summary>The key of the JSON document among a model's texts that says how pixels become a class.</summary>
    public const string MetadataKey = "panda_model";

    private const string Input = "images", Output = "logits", Batch = "N", Height = "H", Width = "W";

    // Of a message of protocol buffers, with room for what is no weight.
    private const long MostBytes = int.MaxValue - (1 << 24);

    /// <summary>The bytes of the model.</summary>
    /// <param name="network">A network with running statistics.</param>
    /// <param name="architecture">Its path.</param>
    /// <param name="preprocessing">What its images are.</param>
    /// <param name="classes">How many logits it gives.</param>
    /// <param name="metadata">The JSON document that says what turns pixels into a class.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="calibration">Batches of normalised images, by which a model of 8 bits finds its scales; else not looked at.</param>
    /// <exception cref="SpaceDefinitionException">A module does not say how it is exported.</exception>
    /// <exception cref="BadOptionException">The network is too large for a file.</exception>
    public static byte[] Write(
        Network network, Architecture architecture, OnnxPreprocessing preprocessing, int classes, string metadata, OnnxOptions options,
        IEnumerable<Tensor> calibration)
    {
        long bytes = network.State().Sum(one => one.Tensor.numel() * sizeof(float));
        if (bytes > MostBytes)
            throw new BadOptionException(
                $"format is onnx: the network has {bytes:N0} bytes of weights, a file of ONNX at most {MostBytes:N0}; choose safetensors");
        using var _ = no_grad();
        (OnnxGraph graph, OnnxValue images) = Begin();
        graph.Output(network.Export(graph, images, architecture), Output, Batch, classes);
        if (options.FoldNorms || options.Int8) NormFolding.Apply(graph.Proto);
        if (options.Int8) Quantization.Apply(graph.Proto, Ranges());
        return graph.ToFile(Version, (MetadataKey, metadata));

        (OnnxGraph Graph, OnnxValue Images) Begin()
        {
            var begun = new OnnxGraph(network.State());
            return (begun, options.Preprocessing == Preprocessing.Inside
                ? preprocessing.Write(
                    begun, begun.Input(Input, TensorProto.Types.DataType.Uint8, Batch, Height, Width, preprocessing.Channels))
                : begun.Input(
                    Input, TensorProto.Types.DataType.Float, Batch, preprocessing.Channels, preprocessing.Side, preprocessing.Side));
        }

        // Names are the same in every graph of the network.
        Dictionary<string, ValueRange> Ranges()
        {
            var ranges = new ActivationRanges();
            foreach (Tensor batch in calibration)
            {
                (OnnxGraph other, OnnxValue seen) = Begin();
                ranges.Begin(seen, batch);
                network.Export(other, seen, architecture, ranges);
            }
            return ranges.Means();
        }
    }

    /// <summary>A model with another JSON document.</summary>
    public static byte[] WithMetadata(byte[] file, string metadata)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(file);
        model.MetadataProps.Single(text => text.Key == MetadataKey).Value = metadata;
        return model.ToByteArray();
    }

    /// <summary>The bytes of a model that only scales and normalises pictures.</summary>
    public static byte[] Write(OnnxPreprocessing preprocessing)
    {
        var graph = new OnnxGraph([]);
        OnnxValue pixels = graph.Input(Input, TensorProto.Types.DataType.Uint8, Batch, Height, Width, preprocessing.Channels);
        OnnxValue images = preprocessing.Write(graph, pixels);
        graph.Output(images, "normalized", Batch, preprocessing.Channels, preprocessing.Side, preprocessing.Side);
        return graph.ToFile(Version);
    }

    /// <summary>The version of the program that writes.</summary>
    public static string Version { get; } = typeof(OnnxModel).Assembly.GetName().Version?.ToString(3) ?? "";
}
