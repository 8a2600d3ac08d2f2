using System.Security.Cryptography;

namespace PandaNas.Data;

/// <summary>Decodes all files of an image folder, several at a time, into a stream; memory is bounded by one block of images.</summary>
internal static class ImageFolderDecoding
{
    private const int BlockBytes = 1 << 24;
    private const int MostImages = 4096;

    /// <summary>Writes N×3×H×W bytes in the listing's order.</summary>
    /// <returns>The SHA-256 of what was written.</returns>
    /// <exception cref="BadDataException">
    /// A file cannot be decoded (the first such in the listing's order), or has another size.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static byte[] Write(
        ImageFolderListing listing, ImageShape shape, Stream output, int threads, IProgress<ImageReadProgress>? progress,
        CancellationToken cancel)
    {
        int total = listing.Files.Length;
        int most = Math.Min(total, Math.Clamp(BlockBytes / shape.Bytes, 1, MostImages));
        byte[] block = GC.AllocateUninitializedArray<byte>(most * shape.Bytes);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int start = 0; start < total; start += most)
        {
            int count = Math.Min(most, total - start);
            DecodeBlock(listing, shape, start, count, block, threads, cancel);
            hash.AppendData(block, 0, count * shape.Bytes);
            output.Write(block, 0, count * shape.Bytes);
            progress?.Report(new ImageReadProgress(start + count, total, "read images"));
        }
        return hash.GetHashAndReset();
    }

    private static void DecodeBlock(
        ImageFolderListing listing, ImageShape shape, int start, int count, byte[] block, int threads, CancellationToken cancel)
    {
        string first = listing.FullPath(listing.Files[0]);
        int workers = threads == 0 ? Environment.ProcessorCount : threads;
        var options = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = workers };
        var failures = new BadDataException?[count];
        ParallelLoopResult loop = Parallel.For(0, count, options, () => new ImageDecoder(), (i, state, decoder) =>
        {
            try
            {
                decoder.Decode(listing.FullPath(listing.Files[start + i]), shape, first, block.AsSpan(i * shape.Bytes, shape.Bytes));
            }
            catch (BadDataException error)
            {
                // Break still runs all lower indices, so the first bad file is reported whatever the threads do.
                failures[i] = error;
                state.Break();
            }
            return decoder;
        }, _ => { });
        if (!loop.IsCompleted) throw failures.First(error => error is not null)!;
    }
}
