using PandaNas.Data.Batches;
using PandaNas.Exporting;
using PandaNas.Runtime.Files;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Models;

/// <summary>A network of one architecture with all that its file says.</summary>
/// <param name="Network">The network, with running statistics.</param>
/// <param name="Architecture">The architecture.</param>
/// <param name="Card">What turns pictures into its images and logits into classes.</param>
/// <param name="IsRetrained">Whether its weights were trained for it alone; else they are a supernet's.</param>
internal sealed record ExportableModel(Network Network, Architecture Architecture, ModelCard Card, bool IsRetrained)
{
    private const int CalibrationImages = 256, CalibrationBatch = 8;

    /// <summary>What makes pictures its images.</summary>
    public OnnxPreprocessing Preprocessing =>
        new(Card.Input.Fitting, Card.Network.InputChannels, Card.Network.ImageSize, Card.Input.Statistics);

    /// <summary>The bytes of its ONNX file.</summary>
    /// <param name="options">How it is written.</param>
    /// <param name="training">Training images, by which a model of 8 bits finds its scales; else not looked at.</param>
    public byte[] ToOnnx(OnnxOptions options, LabelledImages? training = null) => OnnxModel.Write(
        Network, Architecture, Preprocessing, Card.Network.Classes, Facts(options).ToJson(), options,
        options.Int8 ? Calibration(training ?? throw new ArgumentNullException(nameof(training))) : []);

    /// <summary>The same file, which now says how right a runtime was with it.</summary>
    public byte[] WithAccuracy(byte[] file, OnnxOptions options, CheckedAccuracy accuracy) => OnnxModel.WithMetadata(
        file, (Facts(options) with { Checked = accuracy }).ToJson());

    /// <summary>Writes its weights as safetensors.</summary>
    public void WriteSafeTensors(string file)
    {
        string facts = ModelFacts.Of(Card, IsRetrained, Exporting.Preprocessing.Outside).ToJson();
        var metadata = new Dictionary<string, string> { [OnnxModel.MetadataKey] = facts };
        AtomicFile.Write(
            file, stream => SafeTensors.Write(stream, Network.State().Select(one => KeyValuePair.Create(one.Name, one.Tensor)), metadata));
    }

    private ModelFacts Facts(OnnxOptions options) => ModelFacts.Of(Card, IsRetrained, options.Preprocessing) with
    {
        Quantization = options.Int8 ? "int8" : null,
    };

    // A batch at a time, in channels-last memory as networks compute.
    private IEnumerable<Tensor> Calibration(LabelledImages training)
    {
        IBatchMaker maker = training.Batches(Card.Input.Statistics, Augmentation.None);
        foreach (int[] chunk in training.EvenlySpread(CalibrationImages).Chunk(CalibrationBatch))
        {
            using Batch batch = maker.MakePlain(chunk, CPU);
            yield return batch.Images;
        }
    }
}
