using System.Runtime.InteropServices;
using PandaNas.Data.Batches;
using PandaNas.Data.Reading;
using PandaNas.Data.Resizing;
using TorchSharp;

namespace PandaNas.Data.Streaming;

/// <summary>A batch that workers are filling. Made, taken and disposed by one thread.</summary>
internal sealed unsafe class PendingBatch : IDisposable
{
    private readonly torch.Tensor _pixels;
    private readonly long[] _labels;
    private readonly DecodeJob _job;

    /// <summary>Writes one image of the batch: H×W×C floats.</summary>
    internal delegate void Writer(int place, ImageWorkspace workspace, float* target);

    /// <summary>Starts the filling.</summary>
    /// <param name="workers">Fill it.</param>
    /// <param name="shape">Of every image.</param>
    /// <param name="labels">One per image.</param>
    /// <param name="write">Writes an image.</param>
    public PendingBatch(DecodeWorkers workers, ImageShape shape, long[] labels, Writer write)
    {
        _labels = labels;
        // n×H×W×C: seen as n×C×H×W this is channels-last memory. It outlives the step in which it was begun.
        _pixels = torch.empty([labels.Length, shape.Height, shape.Width, shape.Channels], torch.float32).DetachFromDisposeScope();
        nint start;
        fixed (byte* first = &MemoryMarshal.GetReference(_pixels.bytes)) start = (nint)first;
        _job = workers.Start(labels.Length, (place, workspace) => write(place, workspace, (float*)start + (long)place * shape.Bytes));
    }

    /// <summary>Waits for the batch and gives it to the caller.</summary>
    /// <exception cref="BadDataException">An image can no longer be read.</exception>
    public Batch Take(torch.Device device)
    {
        _job.Finish();
        using torch.Tensor channelsLast = _pixels.permute(0, 3, 1, 2);
        return new Batch(channelsLast.to(device), torch.tensor(_labels, device: device));
    }

    /// <summary>Frees this handle of the pixels, once no worker writes to them; a batch that was taken stays.</summary>
    public void Dispose()
    {
        _job.Cancel();
        _job.WaitFor(Timeout.InfiniteTimeSpan);
        _pixels.Dispose();
    }
}
