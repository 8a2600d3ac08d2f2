using Microsoft.ML.OnnxRuntime;
using PandaNas.Data.Resizing;
using PandaNas.Exporting;

namespace PandaNas.OnnxRuntime;

/// <summary>A model in ONNX Runtime, on the CPU.</summary>
internal sealed class OnnxSession : IOnnxRunner
{
    private readonly InferenceSession _session;

    /// <summary>Opens a model.</summary>
    /// <param name="model">The bytes of its file.</param>
    /// <param name="threads">Threads that compute; 0 is as many as there are cores.</param>
    public OnnxSession(byte[] model, int threads = 0)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(model, options);
    }

    /// <summary>The texts that the model carries.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <summary>How many numbers it gives for an image; 0 if it does not say.</summary>
    public int Outputs => _session.OutputMetadata.Values.First() is { IsTensor: true, Dimensions: [.., > 0 and var last] } ? last : 0;

    /// <summary>Why it does not take what a model takes; null if it does.</summary>
    /// <param name="takesPixels">Whether that is uint8 N×H×W×C of any size; else float32 N×C×S×S.</param>
    /// <param name="shape">C×S×S.</param>
    public string? Fault(bool takesPixels, ImageShape shape)
    {
        NodeMetadata input = _session.InputMetadata.Values.First();
        (Type type, int[] dimensions) = takesPixels
            ? (typeof(byte), (int[])[-1, -1, -1, shape.Channels])
            : (typeof(float), [-1, shape.Channels, shape.Height, shape.Width]);
        return input.IsTensor && input.ElementType == type && input.Dimensions.SequenceEqual(dimensions)
            && _session.OutputMetadata.Values.First() is { IsTensor: true } output && output.ElementType == typeof(float)
            ? null
            : "its input or output is not what its text says";
    }

    /// <inheritdoc/>
    public float[] Run(float[] images, params long[] shape) => Run(OrtValue.CreateTensorValueFromMemory(images, shape));

    /// <inheritdoc/>
    public float[] Run(byte[] pixels, params long[] shape) => Run(OrtValue.CreateTensorValueFromMemory(pixels, shape));

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private float[] Run(OrtValue images)
    {
        using (images)
        {
            using var options = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(
                options, [_session.InputNames[0]], [images], [_session.OutputNames[0]]);
            return outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }
    }
}
