using PandaNas.Data.Batches;
using PandaNas.Spaces;
using PandaNas.Supernets;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Ranking;

/// <summary>
/// Makes the running statistics of a supernet anew for one architecture: no statistics that the training of all paths left behind fit
/// any single one (Guo et al. 2020). They become the moving average over some batches of training images, free of where it started, so
/// the same architecture always gets the same ones.
/// </summary>
/// <param name="network">The supernet; its weights stay.</param>
/// <param name="batches">How many batches, at least 1.</param>
/// <param name="feed">Begins to make these batches, the same ones every time.</param>
internal sealed class StatisticsCalibration(Network network, int batches, Func<IBatchFeed> feed)
{
    /// <summary>Makes the statistics of an architecture.</summary>
    public void Run(Architecture architecture)
    {
        using var _ = no_grad();
        foreach ((string _, Tensor statistic) in network.Statistics) statistic.zero_();
        using IBatchFeed images = feed();
        for (int number = 0; number < batches; number++)
        {
            using var scope = NewDisposeScope();
            using Batch batch = images.Next();
            network.Forward(batch.Images, architecture, training: true);
        }
        // From zero, a moving average still lacks this share: what Adam's bias correction divides by.
        using Scalar reached = (1 - Math.Pow(1 - Network.StatisticsMomentum, batches)).ToScalar();
        foreach ((string _, Tensor statistic) in network.Statistics) statistic.div_(reached);
    }
}
