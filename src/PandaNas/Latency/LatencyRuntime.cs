namespace PandaNas.Latency;

/// <summary>What computes the networks whose latency is measured.</summary>
internal enum LatencyRuntime
{
    /// <summary>The network as <c>panda retrain</c> builds it.</summary>
    Torch,

    /// <summary>The model that <c>panda export</c> writes, in ONNX Runtime.</summary>
    Onnx,
}
