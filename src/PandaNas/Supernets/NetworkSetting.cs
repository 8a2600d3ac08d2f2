using PandaNas.Spaces;

namespace PandaNas.Supernets;

/// <summary>What a network is built with.</summary>
/// <param name="Store">Makes the weights.</param>
/// <param name="Options">Sizes.</param>
/// <param name="IsStandalone">Whether it is a plain network, with running statistics and affine batch norms; else it is a supernet.</param>
/// <param name="Only">The architecture whose operations alone are made; null makes every candidate.</param>
internal sealed record NetworkSetting(WeightStore Store, NetworkOptions Options, bool IsStandalone, Architecture? Only)
{
    /// <summary>How batch norms normalise.</summary>
    public Normalization Normalization => IsStandalone ? Normalization.RunningStatistics : Options.SupernetNormalization;

    /// <summary>Whether operations share weights: those of one architecture have copies of their own.</summary>
    public bool IsEntangled => Options.WeightEntanglement && !IsStandalone && Only is null;

    /// <summary>Whether the convolutions before batch norm carry a bias.</summary>
    public bool ConvolutionBias => !IsStandalone && Options.ConvolutionBias;
}
