using System.Collections.Immutable;
using PandaNas.Data.Batches;

namespace PandaNas.Data.Formats;

/// <summary>A data set's training and test images as a reader found them, with all pixels at hand.</summary>
/// <param name="DataSet">What the images are, as <see cref="ImageData.DataSet"/> says.</param>
/// <param name="Train">The training images.</param>
/// <param name="Test">The test images.</param>
internal sealed record StoredImages(string DataSet, ImageSet Train, ImageSet Test)
{
    /// <summary>Images for ranking that come with the data; null where some of the training images must do.</summary>
    public ImageSet? Validation { get; init; }

    /// <summary>What is to be said about the data: one sentence each, without a full stop.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Hands the images over, scaled down to size×size pixels, or as they are for 0; the stored ones are let go.</summary>
    /// <exception cref="BadOptionException">The images are smaller than that.</exception>
    public ImageData AtSize(int size)
    {
        if (size == 0) return new ImageData(DataSet, Train, Test) { Validation = Validation, Notes = Notes };
        var made = new List<ImageSet>();
        try
        {
            foreach (ImageSet set in (IEnumerable<ImageSet>)(Validation is null ? [Train, Test] : [Train, Test, Validation]))
                using (set) made.Add(set.Downscale(size));
            return new ImageData(DataSet, made[0], made[1]) { Validation = made.ElementAtOrDefault(2), Notes = Notes };
        }
        catch
        {
            foreach (ImageSet? set in (IEnumerable<ImageSet?>)[Train, Test, Validation, .. made]) set?.Dispose();
            throw;
        }
    }
}
