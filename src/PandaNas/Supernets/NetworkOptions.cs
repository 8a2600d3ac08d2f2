namespace PandaNas.Supernets;

/// <summary>The sizes of a network, common to all spaces.</summary>
/// <param name="InputChannels">Channels of the images: 1 grey, 3 colour.</param>
/// <param name="ImageSize">Height and width of the images in pixels.</param>
/// <param name="Classes">Outputs of the classifier.</param>
/// <param name="Channels">C: channels of the first stage.</param>
/// <param name="Cells">N: cells a stage.</param>
/// <param name="ConvolutionBias">
/// Whether the convolutions before batch norm carry a bias, as in the released supernet. Batch norm removes its effect and its
/// gradient is zero, so the default leaves it out.
/// </param>
public sealed record NetworkOptions(int InputChannels, int ImageSize, int Classes, int Channels, int Cells, bool ConvolutionBias = false);
