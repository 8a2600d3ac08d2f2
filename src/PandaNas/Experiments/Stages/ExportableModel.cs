using PandaNas.Exporting;
using PandaNas.Runtime.Files;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Stages;

/// <summary>A network of one architecture with all that its file says.</summary>
/// <param name="Network">The network, with running statistics.</param>
/// <param name="Architecture">The architecture.</param>
/// <param name="Card">What turns pictures into its images and logits into classes.</param>
/// <param name="IsRetrained">Whether its weights were trained for it alone; else they are a supernet's.</param>
internal sealed record ExportableModel(Network Network, Architecture Architecture, ModelCard Card, bool IsRetrained)
{
    /// <summary>What makes pictures its images.</summary>
    public OnnxPreprocessing Preprocessing =>
        new(Card.Input.Fitting, Card.Network.InputChannels, Card.Network.ImageSize, Card.Input.Statistics);

    /// <summary>The bytes of its ONNX file.</summary>
    public byte[] ToOnnx(OnnxOptions options) => OnnxModel.Write(
        Network, Architecture, Preprocessing, Card.Network.Classes,
        ModelFacts.Of(Card, IsRetrained, options.Preprocessing).ToJson(), options);

    /// <summary>Writes its weights as safetensors.</summary>
    public void WriteSafeTensors(string file)
    {
        string facts = ModelFacts.Of(Card, IsRetrained, Exporting.Preprocessing.Outside).ToJson();
        var metadata = new Dictionary<string, string> { [OnnxModel.MetadataKey] = facts };
        AtomicFile.Write(
            file, stream => SafeTensors.Write(stream, Network.State().Select(one => KeyValuePair.Create(one.Name, one.Tensor)), metadata));
    }
}
