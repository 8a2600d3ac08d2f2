namespace PandaNas.Data;

/// <summary>A data set's training and test images: one shape, the same classes.</summary>
/// <param name="DataSet">
/// What the images are, to be compared with a truth table's: <c>cifar10</c>, <c>cifar100</c>, <c>fashion-mnist</c>, <c>mnist</c>,
/// <c>idx</c> (an IDX folder does not say which of the MNIST family it is) or <c>images</c>.
/// </param>
/// <param name="Train">The training images.</param>
/// <param name="Test">The test images.</param>
public sealed record ImageData(string DataSet, ImageSet Train, ImageSet Test) : IDisposable
{
    /// <summary>
    /// The same data at <paramref name="size"/>×<paramref name="size"/> pixels; this object stays the caller's to dispose.
    /// </summary>
    /// <exception cref="BadOptionException">The images are smaller than that.</exception>
    public ImageData Downscale(int size)
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

    /// <summary>Disposes both sets; views selected from them stay valid until they are disposed themselves.</summary>
    public void Dispose()
    {
        Train.Dispose();
        Test.Dispose();
    }
}
