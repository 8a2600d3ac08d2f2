using PandaNas.Data.Decoding;
using PandaNas.Data.Resizing;

namespace PandaNas.Data.Folders;

/// <summary>What is done with the pictures of a folder, decided from the sizes that were found and from the options.</summary>
/// <param name="Streams">Whether they are decoded for every batch instead of once.</param>
/// <param name="Shape">C×H×W of what is kept or, streamed, of what a batch has.</param>
/// <param name="Fitting">How they become squares; null where all have one square size and are kept whole.</param>
/// <param name="Background">Shows through transparent pictures.</param>
internal sealed record PicturePlan(bool Streams, ImageShape Shape, Fitting? Fitting, Colour Background)
{
    // Multiples of it suit the strides of every search space.
    private const int SideStep = 32;

    /// <summary>Decides.</summary>
    /// <param name="findings">Of the files that are used, at least one.</param>
    /// <param name="options">What the user asks for.</param>
    public static PicturePlan Of(IReadOnlyList<ImageFinding> findings, ImageReadOptions options)
    {
        bool streams = options.Streaming switch
        {
            StreamingChoice.On => true,
            StreamingChoice.Off => false,
            _ => findings.Sum(finding => 3L * finding.Width * finding.Height) > ImageReadOptions.StreamFrom,
        };
        ImageShape first = findings[0].Shape;
        bool isOneSquare = first.Height == first.Width && first.Width <= ImageShape.MaximumSide
            && findings.All(finding => finding.Shape == first);
        bool keepsWhole = isOneSquare && options.Fit == ImageFit.Auto && !streams;
        if (keepsWhole && options.ImageSize <= first.Width) return new PicturePlan(false, first, null, options.Background);
        int side = options.ImageSize > 0 ? options.ImageSize : streams ? ImageReadOptions.StreamedSize : UsualSide(findings);
        // Squares that are enlarged stay whole, too.
        ImageFit fit = keepsWhole ? ImageFit.Squash : options.Fit == ImageFit.Auto ? ImageFit.Crop : options.Fit;
        return new PicturePlan(streams, new ImageShape(3, side, side), new Fitting(fit, options.Background), options.Background);
    }

    /// <summary>What makes two sets of kept pixels of the same files differ.</summary>
    public string Identity =>
        $"{(Fitting is { } fitting ? $"{fitting.Fit} {Shape.SizeText}" : "whole")} on {Background}".ToLowerInvariant();

    /// <summary>What happens to the sizes, for people; null if the network sees the pictures at their own.</summary>
    /// <param name="findings">Of the files that are used.</param>
    /// <param name="side">The side in pixels that batches have.</param>
    public string? Note(IReadOnlyList<ImageFinding> findings, int side)
    {
        if (Fitting is null && side == Shape.Width) return null;
        ImageShape smallest = findings.MinBy(finding => (long)finding.Width * finding.Height)!.Shape;
        ImageShape largest = findings.MaxBy(finding => (long)finding.Width * finding.Height)!.Shape;
        string sizes = smallest == largest ? smallest.SizeText : $"{smallest.SizeText} to {largest.SizeText}";
        string how = Fitting?.Fit switch
        {
            null => "scaled",
            ImageFit.Squash => smallest == largest && smallest.Width == smallest.Height ? "scaled" : "squashed",
            ImageFit.Pad => "padded",
            _ => "cropped",
        };
        return $"pictures of {sizes} pixels are {how} to {side}x{side}";
    }

    // Near the smaller ones, so that few are enlarged, and at most what streams show.
    private static int UsualSide(IReadOnlyList<ImageFinding> findings)
    {
        int[] shorter = [.. findings.Select(finding => Math.Min(finding.Width, finding.Height)).Order()];
        return Math.Clamp(shorter[shorter.Length / 2] / SideStep * SideStep, SideStep, ImageReadOptions.StreamedSize);
    }
}
