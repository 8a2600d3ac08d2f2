namespace PandaNas.Sampling;

/// <summary>
/// What samplers of paths and of data have in common. A sampler that keeps something from step to step, or learns, saves and restores it;
/// the others need none of these.
/// </summary>
public interface ISampler
{
    /// <summary>Ends an epoch.</summary>
    /// <param name="progress">The share of all epochs that is done, in (0, 1].</param>
    void EndEpoch(double progress)
    {
    }

    /// <summary>What <see cref="Restore"/> needs to continue, also in the middle of an epoch.</summary>
    SamplerState Save() => SamplerState.Empty;

    /// <summary>Continues from a saved state.</summary>
    /// <exception cref="BadDataException">The state is not one of this sampler.</exception>
    void Restore(SamplerState state)
    {
    }
}
