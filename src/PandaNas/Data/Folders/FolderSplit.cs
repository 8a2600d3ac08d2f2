using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using PandaNas.Sampling;

namespace PandaNas.Data.Folders;

/// <summary>
/// How the images of a folder without parts of its own are divided, by file name, so that all that follows a run uses the same images
/// for the same purpose, whatever is added to the folder meanwhile.
/// </summary>
/// <param name="Seed">The seed that decided.</param>
/// <param name="TestShare">The share of test images that was asked for.</param>
/// <param name="Training">The training images: paths from the folder, with '/' between names.</param>
/// <param name="Test">The test images.</param>
/// <param name="LeftOut">Files that could not be used.</param>
internal sealed record FolderSplit(
    long Seed, double TestShare, ImmutableArray<string> Training, ImmutableArray<string> Test, ImmutableArray<string> LeftOut)
{
    /// <summary>The name of the file in which runs keep it.</summary>
    public const string FileName = "split.json";

    /// <summary>
    /// Divides within every class. Which of its images test is decided by a hash of seed and path: images that come later change the
    /// choice among the others as little as can be.
    /// </summary>
    /// <param name="listing">All usable files.</param>
    /// <param name="share">The share of test images; a class of two or more has at least one in either part.</param>
    /// <param name="seed">Decides which.</param>
    internal static FolderSplit Of(ImageFolderListing listing, double share, long seed)
    {
        int[] labels = Array.ConvertAll(listing.Files, file => file.Label);
        int[] sizes = StratifiedSplit.Sizes(labels, listing.ClassNames.Length);
        int[] quotas = StratifiedSplit.Quotas(sizes, StratifiedSplit.Bounded(Math.Round(share * labels.Length), sizes), keepsOne: true);
        UInt128[] keys = Array.ConvertAll(listing.Files, file => KeyOf(file.RelativePath, seed));
        var isTest = new bool[labels.Length];
        foreach (IGrouping<int, int> members in Enumerable.Range(0, labels.Length).GroupBy(number => labels[number]))
            foreach (int number in members.OrderBy(number => keys[number]).Take(quotas[members.Key])) isTest[number] = true;
        return new FolderSplit(
            seed, share,
            [.. listing.Files.Where((_, number) => !isTest[number]).Select(file => file.RelativePath)],
            [.. listing.Files.Where((_, number) => isTest[number]).Select(file => file.RelativePath)], []);
    }

    /// <summary>Equal if all names are.</summary>
    public bool Equals(FolderSplit? other) =>
        other is not null && Seed == other.Seed && TestShare.Equals(other.TestShare)
        && Training.AsSpan().SequenceEqual(other.Training.AsSpan()) && Test.AsSpan().SequenceEqual(other.Test.AsSpan())
        && LeftOut.AsSpan().SequenceEqual(other.LeftOut.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Seed, TestShare, Training.Length, Test.Length);

    private static UInt128 KeyOf(string path, long seed) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(
            SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}/{path}"))));
}
