using System.Diagnostics;
using PandaNas.Data.Batches;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Sampling;
using static TorchSharp.torch;

namespace PandaNas.Benchmarks;

/// <summary>How fast batches of a streamed image folder are made when nobody trains on them.</summary>
/// <param name="Images">Images decoded.</param>
/// <param name="ImageSize">Side in pixels of the images in batches.</param>
/// <param name="Workers">Threads that decode.</param>
/// <param name="ImagesPerSecond">Images per second.</param>
/// <param name="BusyProcessors">Processor time of this process over the time that passed.</param>
/// <param name="PeakMemoryMegabytes">Largest resident memory of the process so far.</param>
internal sealed record DecodeReport(
    int Images, int ImageSize, int Workers, double ImagesPerSecond, double BusyProcessors, double PeakMemoryMegabytes);

/// <summary>Measures the decoder alone.</summary>
internal static class DecodeBenchmark
{
    private const int BatchSize = 64;

    /// <summary>Makes every training batch of a folder once, after one batch that does not count.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="imageSize">Side in pixels.</param>
    /// <param name="workers">Threads; 0 is one per processor.</param>
    /// <param name="cancel">Stops it.</param>
    /// <param name="progress">Hears about the check of the folder.</param>
    public static DecodeReport Measure(
        string folder, int imageSize, int workers, CancellationToken cancel, IProgress<RunProgress>? progress = null)
    {
        var reading = new ImageReadOptions(imageSize) { Streaming = StreamingChoice.On, Workers = workers, SkipCorrupt = true };
        using ImageData data = ImageDataReader.Open(new DataSource("images", folder), reading, cancel, progress);
        IBatchMaker maker = data.Train.Batches(data.Train.MeasureStatistics(cancel), new Augmentation(Flip: true));
        int[] order = [.. Enumerable.Range(0, data.Train.Count)];
        RandomStream random = RandomStream.Derive(0, "decode benchmark");
        random.Shuffle<int>(order);
        maker.Make(order.AsSpan(0, Math.Min(BatchSize, order.Length)), random, CPU).Dispose();

        using var process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        long started = Stopwatch.GetTimestamp();
        using (IBatchFeed feed = maker.Feed(order, BatchSize, random, CPU))
        {
            for (int done = 0; done < order.Length; done += BatchSize)
            {
                cancel.ThrowIfCancellationRequested();
                feed.Next().Dispose();
            }
        }
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        process.Refresh();
        return new DecodeReport(
            order.Length, imageSize, workers == 0 ? Environment.ProcessorCount : workers, order.Length / seconds,
            (process.TotalProcessorTime - before).TotalSeconds / seconds, process.PeakWorkingSet64 / 1e6);
    }
}
