using PandaNas.Costs;
using PandaNas.Spaces;

namespace PandaNas.Latency;

/// <summary>Measures how long layers and networks take.</summary>
internal interface ILatencyMeter
{
    /// <summary>Seconds that a layer takes by itself for one batch.</summary>
    double Layer(LayerShape layer);

    /// <summary>Seconds that the architecture's stand-alone network takes for one batch.</summary>
    double Network(Architecture architecture);
}
