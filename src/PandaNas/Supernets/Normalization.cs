namespace PandaNas.Supernets;

/// <summary>How a network normalises.</summary>
internal enum Normalization
{
    /// <summary>
    /// By the statistics of the batch at hand, always, without scale and shift. What a weight-sharing supernet needs: no running
    /// mean can fit every path.
    /// </summary>
    BatchStatistics,

    /// <summary>With running statistics for evaluation, and a learned scale and shift: a stand-alone network.</summary>
    RunningStatistics,
}
