using TorchSharp;

namespace PandaNas.Data.Batches;

/// <summary>Images and labels for one step.</summary>
/// <param name="Images">n×C×H×W, float32, normalised, in channels-last memory.</param>
/// <param name="Labels">n, int64.</param>
internal sealed record Batch(torch.Tensor Images, torch.Tensor Labels) : IDisposable
{
    /// <summary>Disposes both tensors.</summary>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}
