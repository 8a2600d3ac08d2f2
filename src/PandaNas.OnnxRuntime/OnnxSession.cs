using Microsoft.ML.OnnxRuntime;
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
