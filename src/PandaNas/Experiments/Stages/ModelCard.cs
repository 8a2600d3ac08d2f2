using System.Collections.Immutable;
using PandaNas.Data.Batches;
using PandaNas.Data.Images;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Stages;

/// <summary>
/// All that turns a picture into a class, beside the weights: the file <c>model.json</c> of a retraining's folder. With it a model needs
/// neither the options of its run nor its images.
/// </summary>
/// <param name="Version">Of the layout of this file.</param>
/// <param name="Space">The space's name; its definition lies beside the card where <paramref name="Definition"/> is not null.</param>
/// <param name="Definition">SHA-256 of the space's definition; null for spaces that are written in code.</param>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="Network">The sizes of the network.</param>
/// <param name="Precision">The type of activations and convolutions.</param>
/// <param name="Classes">The names of the classes, by label.</param>
/// <param name="Mean">Of every channel, of values in [0, 1].</param>
/// <param name="Deviation">Of every channel.</param>
/// <param name="Fit">How pictures became squares; null where all were squares of one size and kept whole.</param>
/// <param name="Background">What shows through transparent pictures.</param>
/// <param name="TestAccuracy">On all test images, in [0, 1].</param>
internal sealed record ModelCard(
    int Version,
    string Space,
    string? Definition,
    string Architecture,
    NetworkOptions Network,
    Precision Precision,
    ImmutableArray<string> Classes,
    ImmutableArray<float> Mean,
    ImmutableArray<float> Deviation,
    ImageFit? Fit,
    string Background,
    double TestAccuracy)
{
    /// <summary>The file's name in a retraining's folder.</summary>
    public const string FileName = "model.json";

    /// <summary>The version that this library writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>What to do about one that cannot be used.</summary>
    public const string Remedy = "Restore it, or retrain the architecture in a new folder.";

    /// <summary>Mean and deviation.</summary>
    public ChannelStatistics Statistics => new(Mean, Deviation);

    /// <summary>How pictures become squares; null where squares are kept whole.</summary>
    public Fitting? Fitting => Fit is { } fit ? new Fitting(fit, Colour.Parse(Background)) : null;

    /// <summary>Reads and checks the card of a model.</summary>
    /// <param name="folder">The folder of a finished retraining.</param>
    /// <exception cref="BadDataException">There is none, or it is damaged, changed or of another version.</exception>
    public static ModelCard Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!Path.Exists(path))
            throw new BadDataException(RunDirectory.Exists(folder)
                ? $"'{folder}' has no {FileName}: it is no retraining, or one that is not finished or of another version. "
                + "Continue it, or retrain the architecture in a new folder"
                : $"'{folder}' is not the folder of a model: it has no {FileName}. Name the folder of a finished retraining");
        ModelCard card = SealedRecord.Read<ModelCard>(path, Remedy);
        return card.Fault() is { } fault ? throw new BadDataException($"cannot use '{path}': {fault}. {Remedy}") : card;
    }

    /// <summary>The space, which may be defined in the folder.</summary>
    /// <exception cref="BadDataException">The definition is missing or changed, or the catalog has no such space.</exception>
    public SpaceFamily FindSpace(string folder, Catalog catalog)
    {
        try
        {
            return Definition is null ? catalog.FindSpace(Space).Family : StoredSpace.Read(folder, Definition).Family;
        }
        catch (BadOptionException error)
        {
            throw new BadDataException(
                $"the space of '{Path.Combine(folder, FileName)}': {error.Message}; a space of your own is added by Catalog.With", error);
        }
    }

    private string? Fault() =>
        Version != CurrentVersion ? $"its version is {Version}, this program reads {CurrentVersion}"
        : Classes.IsDefaultOrEmpty || Classes.Contains(null!) || Classes.Length != Network.Classes
            ? "its classes are not those of its network"
        : Network.ImageSize is < 1 or > ImageShape.MaximumSide ? $"images of {Network.ImageSize} pixels a side cannot be"
        : Network.InputChannels is not (1 or 3) ? $"images of {Network.InputChannels} channels cannot be"
        : !AreUsable(Mean) || !AreUsable(Deviation) ? "its mean or deviation is none"
        : Fit is { } fit && (fit == ImageFit.Auto || !Enum.IsDefined(fit)) || !IsColour(Background)
            ? "it does not say how pictures are fitted"
        : null;

    private bool AreUsable(ImmutableArray<float> values) =>
        !values.IsDefault && values.Length == Network.InputChannels && values.All(value => value >= 0 && float.IsFinite(value));

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
