namespace PandaNas.Onnx;

/// <summary>Between which numbers the values of a tensor lie.</summary>
/// <param name="Least">The smallest.</param>
/// <param name="Most">The largest.</param>
internal readonly record struct ValueRange(double Least, double Most);
