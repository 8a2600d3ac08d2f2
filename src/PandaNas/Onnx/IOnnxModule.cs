namespace PandaNas.Onnx;

/// <summary>
/// A module of one's own that can be exported to ONNX: implemented by the module that <c>Operation.Module</c> makes. It writes its nodes
/// with the values of its own weights, as its <c>forward</c> computes in evaluation.
/// </summary>
public interface IOnnxModule
{
    /// <summary>Writes the module's nodes.</summary>
    /// <param name="graph">Receives nodes and weights.</param>
    /// <param name="input">N×C×H×W.</param>
    /// <returns>What the module gives.</returns>
    OnnxValue Export(OnnxGraph graph, OnnxValue input);
}
