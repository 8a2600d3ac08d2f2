using System.Security.Cryptography;
using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Data.Reading;
using PandaNas.Data.Resizing;

namespace PandaNas.Data.Caching;

/// <summary>Decodes all files of an image folder, several at a time, into a stream; memory is bounded by one block of images.</summary>
/// <param name="listing">The files.</param>
/// <param name="findings">What is known of each.</param>
/// <param name="plan">What is kept of them.</param>
internal sealed class ImageFolderDecoding(ImageFolderListing listing, ImageFinding[] findings, PicturePlan plan)
{
    private const int BlockBytes = 1 << 24;
    private const int MostImages = 4096;

    /// <summary>Writes N×3×H×W bytes in the listing's order.</summary>
    /// <returns>The SHA-256 of what was written.</returns>
    /// <exception cref="BadDataException">A file can no longer be decoded (the first such in the listing's order).</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public byte[] Write(Stream output, int threads, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        int total = listing.Files.Length, bytes = plan.Shape.Bytes;
        int most = Math.Min(total, Math.Clamp(BlockBytes / bytes, 1, MostImages));
        byte[] block = GC.AllocateUninitializedArray<byte>(most * bytes);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int start = 0; start < total; start += most)
        {
            int count = Math.Min(most, total - start);
            DecodeBlock(start, count, block, threads, cancel);
            hash.AppendData(block, 0, count * bytes);
            output.Write(block, 0, count * bytes);
            progress?.Report(RunProgress.OfImages("read images", start + count, total));
        }
        return hash.GetHashAndReset();
    }

    private void DecodeBlock(int start, int count, byte[] block, int threads, CancellationToken cancel)
    {
        int workers = threads == 0 ? Environment.ProcessorCount : threads, bytes = plan.Shape.Bytes;
        var options = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = workers };
        var failures = new BadDataException?[count];
        ParallelLoopResult loop = Parallel.For(0, count, options, () => new ImageWorkspace(), (i, state, workspace) =>
        {
            try
            {
                Decode(start + i, workspace, block.AsSpan(i * bytes, bytes));
            }
            catch (BadDataException error)
            {
                // Break still runs all lower indices, so the first bad file is reported whatever the threads do.
                failures[i] = error;
                state.Break();
            }
            return workspace;
        }, _ => { });
        if (!loop.IsCompleted) throw failures.First(error => error is not null)!;
    }

    private void Decode(int number, ImageWorkspace workspace, Span<byte> planes)
    {
        string path = listing.FullPath(listing.Files[number]);
        ImageShape stored = findings[number].Shape;
        if (plan.Fitting is { } fitting)
            workspace.Read(path, stored, fitting, fitting.Plain(stored.Width, stored.Height), plan.Shape.Width).Planes.CopyTo(planes);
        else
            workspace.Decoder.Decode(path, stored, 8, plan.Background).CopyPlanes(planes);
    }
}
