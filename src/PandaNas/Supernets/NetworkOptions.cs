using System.Collections.Immutable;

namespace PandaNas.Supernets;

/// <summary>How a network starts.</summary>
public enum Stem
{
    /// <summary>Large for images of at least 64 pixels a side, else small.</summary>
    Auto,

    /// <summary>Keeps the size: for small images.</summary>
    Small,

    /// <summary>Reduces the size at once: for images such as ImageNet's.</summary>
    Large,
}

/// <summary>The sizes of a network, common to all spaces.</summary>
/// <param name="InputChannels">Channels of the images: 1 grey, 3 colour.</param>
/// <param name="ImageSize">Height and width of the images in pixels.</param>
/// <param name="Classes">Outputs of the classifier.</param>
/// <param name="Channels">C: channels of the first stage; 0 where the space has widths of its own.</param>
/// <param name="Cells">N: cells, of a stage or in all; 0 where the space has depths of its own.</param>
/// <param name="ConvolutionBias">
/// Whether the convolutions before batch norm carry a bias, as in the released supernet. Batch norm removes its effect and its
/// gradient is zero, so the default leaves it out.
/// </param>
internal sealed record NetworkOptions(int InputChannels, int ImageSize, int Classes, int Channels, int Cells, bool ConvolutionBias = false)
{
    /// <summary>The smallest side in pixels for which <see cref="Stem.Auto"/> takes the large stem.</summary>
    public const int LargeImage = 64;

    /// <summary>How the network starts, in spaces that have two stems.</summary>
    public Stem Stem { get; init; }

    /// <summary>Factor on all widths, in spaces that have widths of their own.</summary>
    public double WidthMultiplier { get; init; } = 1;

    /// <summary>All widths, in spaces that have widths of their own and instead of them; empty takes those of the space.</summary>
    public ImmutableArray<int> Widths { get; init; } = [];

    /// <summary>Whether a stand-alone network has a second classifier amid its layers, for training only.</summary>
    public bool AuxiliaryHead { get; init; }

    /// <summary>Whether a stand-alone network will be trained with drop path.</summary>
    public bool DropPath { get; init; }

    /// <summary>
    /// Whether branches beside a residual connection begin at zero, by the scale of their last batch norm (Goyal et al. 2017, section
    /// 5.1). At first those layers then pass on their input whatever a path takes in them, which lets deep supernets begin to learn.
    /// </summary>
    public bool ZeroResiduals { get; init; }

    /// <summary>Whether operations of one kind at one place of a supernet share weights: see <see cref="EntangledKernels"/>.</summary>
    public bool WeightEntanglement { get; init; }

    /// <summary>How a supernet normalises; a stand-alone network always has running statistics.</summary>
    public Normalization SupernetNormalization { get; init; }

    /// <summary>Whether the stem is the large one.</summary>
    public bool HasLargeStem => Stem == Stem.Large || (Stem == Stem.Auto && ImageSize >= LargeImage);
}
