namespace PandaNas.Supernets;

/// <summary>What the networks of a space can have; asking for something else is an error.</summary>
[Flags]
internal enum NetworkFeatures
{
    /// <summary>Nothing of all this.</summary>
    None = 0,

    /// <summary>A number of channels and of cells to choose.</summary>
    ChannelsAndCells = 1,

    /// <summary>Widths of its own, to be replaced.</summary>
    Widths = 2,

    /// <summary>Biases in the supernet's convolutions.</summary>
    ConvolutionBias = 4,

    /// <summary>A stem for small and one for large images.</summary>
    TwoStems = 8,

    /// <summary>An auxiliary head on stand-alone networks.</summary>
    AuxiliaryHead = 16,

    /// <summary>Drop path in stand-alone networks.</summary>
    DropPath = 32,

    /// <summary>Residual branches that can begin at zero.</summary>
    ZeroResiduals = 64,

    /// <summary>Widths of its own, to be scaled.</summary>
    WidthMultiplier = 128,

    /// <summary>Operations that differ in kernel or width alone, which can share weights.</summary>
    WeightEntanglement = 256,
}
