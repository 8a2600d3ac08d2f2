namespace PandaNas.Latency;

/// <summary>An ONNX model and what it is given, to be computed again and again. The library has no runtime itself.</summary>
internal interface IOnnxWork : IDisposable
{
    /// <summary>Computes it once.</summary>
    void Run();
}

/// <summary>Opens a model in a runtime.</summary>
/// <param name="model">The bytes of its file.</param>
/// <param name="inputs">Values and shapes of its inputs, in their order.</param>
/// <param name="threads">Threads that compute.</param>
internal delegate IOnnxWork OnnxWorkOpener(byte[] model, IReadOnlyList<(float[] Values, long[] Shape)> inputs, int threads);
