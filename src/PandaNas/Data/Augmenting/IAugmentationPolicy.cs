using PandaNas.Sampling;

namespace PandaNas.Data.Augmenting;

/// <summary>Draws a sequence of operations for an image.</summary>
public interface IAugmentationPolicy
{
    /// <summary>Adds the operations for one image.</summary>
    /// <param name="side">The image's side in pixels, from which the largest translation follows.</param>
    /// <param name="random">The image's stream.</param>
    /// <param name="draws">Receives them in order.</param>
    internal void Draw(int side, RandomStream random, List<OperationDraw> draws);
}
