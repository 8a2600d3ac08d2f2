using System.Collections.Immutable;
using PandaNas.Data.Batches;
using PandaNas.Data.Resizing;

namespace PandaNas.Experiments.Models;

/// <summary>What makes a picture what a network takes, and what its logits mean.</summary>
/// <param name="Classes">The names of the classes, in the order of the logits.</param>
/// <param name="ImageSize">S: height and width of what the network takes, in pixels.</param>
/// <param name="Channels">C: 1 grey, 3 red, green and blue.</param>
/// <param name="Mean">Of every channel, of values in [0, 1].</param>
/// <param name="Deviation">Of every channel.</param>
/// <param name="Fit">How pictures become squares; null where all were squares of one size and kept whole.</param>
/// <param name="Background">What shows through transparent pictures.</param>
internal sealed record ModelInput(
    ImmutableArray<string> Classes, int ImageSize, int Channels, ImmutableArray<float> Mean, ImmutableArray<float> Deviation, ImageFit? Fit,
    string Background)
{
    /// <summary>C×S×S.</summary>
    public ImageShape Shape => new(Channels, ImageSize, ImageSize);

    /// <summary>Mean and deviation.</summary>
    public ChannelStatistics Statistics => new(Mean, Deviation);

    /// <summary>What shows through transparent pictures.</summary>
    public Colour BackgroundColour => Colour.Parse(Background);

    /// <summary>How pictures become squares; null where squares are kept whole.</summary>
    public Fitting? Fitting => Fit is { } fit ? new Fitting(fit, BackgroundColour) : null;

    /// <summary>Why it cannot be that of a network; null if it can.</summary>
    /// <param name="outputs">How many logits the network gives.</param>
    public string? Fault(int outputs) =>
        Classes.IsDefaultOrEmpty || Classes.Contains(null!) || Classes.Length != outputs ? "its classes are not those of its network"
        : ImageSize is < 1 or > ImageShape.MaximumSide ? $"images of {ImageSize} pixels a side cannot be"
        : Channels is not (1 or 3) ? $"images of {Channels} channels cannot be"
        : !AreUsable(Mean) || !AreUsable(Deviation) ? "its mean or deviation is none"
        : Fit is { } fit && (fit == ImageFit.Auto || !Enum.IsDefined(fit)) || !IsColour(Background)
            ? "it does not say how pictures are fitted"
        : null;

    private bool AreUsable(ImmutableArray<float> values) =>
        !values.IsDefault && values.Length == Channels && values.All(value => value >= 0 && float.IsFinite(value));

    private static bool IsColour(string text)
    {
        try
        {
            _ = Colour.Parse(text);
            return true;
        }
        catch (BadOptionException)
        {
            return false;
        }
    }
}
