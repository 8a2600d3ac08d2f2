namespace PandaNas.Exporting;

/// <summary>Runs an ONNX model with one input and one output of float32. The library has none itself: runtimes are large.</summary>
internal interface IOnnxRunner : IDisposable
{
    /// <summary>What the model gives for normalised images.</summary>
    /// <param name="images">Their values.</param>
    /// <param name="shape">N, C, H, W.</param>
    float[] Run(float[] images, params long[] shape);

    /// <summary>What the model gives for pixels.</summary>
    /// <param name="pixels">Their values.</param>
    /// <param name="shape">N, H, W, C.</param>
    float[] Run(byte[] pixels, params long[] shape);
}
