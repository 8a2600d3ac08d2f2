namespace PandaNas.Onnx;

/// <summary>A value of an ONNX graph: an input, a constant, or what a node gives.</summary>
public sealed class OnnxValue
{
    internal OnnxValue(string name) => Name = name;

    /// <summary>Its name, unique in the graph.</summary>
    public string Name { get; }
}
