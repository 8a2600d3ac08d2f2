namespace PandaNas.Sampling;

/// <summary>
/// Chooses the training examples of every epoch. A sampler that learns nothing needs only <see cref="Probabilities"/> and
/// <see cref="EpochOrder"/>.
/// </summary>
public interface IDataSampler : ISampler
{
    /// <summary>The current probability of every example; sums to 1.</summary>
    ReadOnlySpan<double> Probabilities { get; }

    /// <summary>Whether <see cref="Observe"/> wants importances; if not, none are computed.</summary>
    bool NeedsImportance => false;

    /// <summary>
    /// Whether each example's loss is to be weighted by 1/(N·q), which makes the gradient under this sampling an unbiased estimate of
    /// the gradient under uniform sampling wherever an example's loss does not depend on the others in its batch.
    /// </summary>
    bool CorrectsLosses => false;

    /// <summary>The examples of one epoch in the order of training, as many as there are examples.</summary>
    int[] EpochOrder(RandomStream random);

    /// <summary>Takes the importances of a mini-batch that was just trained.</summary>
    /// <param name="examples">Their indices.</param>
    /// <param name="importances">An upper bound of each example's gradient norm.</param>
    void Observe(ReadOnlySpan<int> examples, ReadOnlySpan<float> importances)
    {
    }
}
