namespace PandaNas.Supernets.Operations;

/// <summary>What an operation is made with.</summary>
/// <param name="Network">The network that it is made for.</param>
/// <param name="Name">Starts the names of its weights.</param>
/// <param name="Shape">From what to what it computes.</param>
/// <param name="LastScale">What the scale of its last batch norm begins with.</param>
internal readonly record struct OperationSetting(NetworkSetting Network, string Name, OperationShape Shape, double LastScale = 1)
{
    /// <summary>Whether the network's activation has an upper bound.</summary>
    public bool Clips { get; init; }

    /// <summary>Makes the weights.</summary>
    public WeightStore Store => Network.Store;
}
