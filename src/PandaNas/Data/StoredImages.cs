namespace PandaNas.Data;

/// <summary>A data set's training and test images as a reader found them, with all pixels at hand.</summary>
/// <param name="DataSet">What the images are, as <see cref="ImageData.DataSet"/> says.</param>
/// <param name="Train">The training images.</param>
/// <param name="Test">The test images.</param>
internal sealed record StoredImages(string DataSet, ImageSet Train, ImageSet Test)
{
    /// <summary>Hands the images over, scaled down to size×size pixels, or as they are for 0; the stored ones are let go.</summary>
    /// <exception cref="BadOptionException">The images are smaller than that.</exception>
    public ImageData AtSize(int size)
    {
        if (size == 0) return new ImageData(DataSet, Train, Test);
        using (Train)
        using (Test)
        {
            ImageSet train = Train.Downscale(size);
            try
            {
                return new ImageData(DataSet, train, Test.Downscale(size));
            }
            catch
            {
                train.Dispose();
                throw;
            }
        }
    }
}
