namespace PandaNas.Data;

/// <summary>A data set's training and test images: one shape, the same classes.</summary>
/// <param name="DataSet">
/// What the images are, to be compared with a truth table's: <c>cifar10</c>, <c>cifar100</c>, <c>fashion-mnist</c>, <c>mnist</c>,
/// <c>idx</c> (an IDX folder does not say which of the MNIST family it is) or <c>images</c>.
/// </param>
/// <param name="Train">The training images.</param>
/// <param name="Test">The test images.</param>
public sealed record ImageData(string DataSet, LabelledImages Train, LabelledImages Test) : IDisposable
{
    /// <summary>How many files were left out of both parts because they are damaged.</summary>
    public int LeftOut { get; init; }

    /// <summary>Disposes both sets; views selected from them stay valid until they are disposed themselves.</summary>
    public void Dispose()
    {
        Train.Dispose();
        Test.Dispose();
    }
}
