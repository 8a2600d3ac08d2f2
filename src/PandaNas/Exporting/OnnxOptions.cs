namespace PandaNas.Exporting;

/// <summary>Where pixels become what a network takes.</summary>
public enum Preprocessing
{
    /// <summary>Outside the model, which takes normalised float32 N×C×S×S.</summary>
    Outside,

    /// <summary>In the model, which takes uint8 N×H×W×C of any size.</summary>
    Inside,
}

/// <summary>How a network is written as an ONNX model.</summary>
public sealed record OnnxOptions
{
    /// <summary>Whether a batch norm becomes part of the convolution before it, which is faster; else both are there.</summary>
    public bool FoldNorms { get; init; } = true;

    /// <summary>
    /// Whether it computes in whole numbers of 8 bits: a file of a quarter of the size if the network is large, whose scales are found on
    /// training images of the run. Batch norms are folded then.
    /// </summary>
    public bool Int8 { get; init; }

    /// <summary>Where pictures are scaled and normalised.</summary>
    public Preprocessing Preprocessing { get; init; }
}
