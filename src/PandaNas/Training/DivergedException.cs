namespace PandaNas.Training;

/// <summary>A training whose loss is no longer a finite number. The network is lost; what was saved before is intact.</summary>
/// <param name="place">Where it happened, and the loss.</param>
internal sealed class DivergedException(string place)
    : PandaNasException($"training diverged {place}. Lower the learning rate or clip gradients.")
{
    /// <summary>Where it happened, and the loss.</summary>
    public string Place => place;
}
