using PandaNas.Supernets;

namespace PandaNas.Experiments.Options;

/// <summary>Which stand-alone networks are counted or measured, where no images are read.</summary>
internal record CostOptions : SpaceOptions
{
    private const int UsualImageSize = 32;

    /// <summary>Outputs of the classifier.</summary>
    [Option("classes", "outputs of the classifier", Group = OptionGroup.Network, Least = 1, Most = 1 << 16, IsStored = false)]
    public int Classes { get => Get(10); init => Set(value); }

    /// <summary>Channels of the images.</summary>
    [Option("input-channels", "channels of the images", Group = OptionGroup.Network, Least = 1, Most = 1024, IsStored = false)]
    public int InputChannels { get => Get(3); init => Set(value); }

    /// <summary>The sizes of the networks.</summary>
    /// <exception cref="BadOptionException">The space has no networks of these sizes.</exception>
    internal NetworkOptions Sizes()
    {
        NetworkOptions sizes = RequestedNetwork.Of(
            this, standalone: true, InputChannels, ImageSize == 0 ? UsualImageSize : ImageSize, Classes);
        Family.Validate(sizes);
        return sizes;
    }
}
