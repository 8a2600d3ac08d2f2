using Microsoft.ML.OnnxRuntime;
using PandaNas.Latency;

namespace PandaNas.OnnxRuntime;

/// <summary>A model in ONNX Runtime with its inputs at hand, on the CPU.</summary>
internal sealed class OnnxWork : IOnnxWork
{
    private readonly RunOptions _running = new();
    private readonly InferenceSession _session;
    private readonly OrtValue[] _inputs;

    /// <summary>Opens a model.</summary>
    /// <param name="model">The bytes of its file.</param>
    /// <param name="inputs">Values and shapes of its inputs, in their order.</param>
    /// <param name="threads">Threads that compute.</param>
    public OnnxWork(byte[] model, IReadOnlyList<(float[] Values, long[] Shape)> inputs, int threads)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(model, options);
        _inputs = [.. inputs.Select(input => OrtValue.CreateTensorValueFromMemory(input.Values, input.Shape))];
    }

    /// <inheritdoc/>
    public void Run() => _session.Run(_running, _session.InputNames, _inputs, _session.OutputNames).Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OrtValue input in _inputs) input.Dispose();
        _session.Dispose();
        _running.Dispose();
    }
}
