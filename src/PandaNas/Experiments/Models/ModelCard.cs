using System.Collections.Immutable;
using System.Text.Json.Nodes;
using PandaNas.Costs;
using PandaNas.Data.Resizing;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Spaces;
using PandaNas.Statistics;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Models;

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
/// <param name="Costs">What its network costs.</param>
/// <param name="Test">The accuracy on the test images with its interval, in all and class by class; null if none scored it.</param>
/// <param name="Origin">How it came about.</param>
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
    double TestAccuracy,
    ModelCosts? Costs = null,
    ClassificationScore? Test = null,
    ModelOrigin? Origin = null)
{
    /// <summary>The file's name in a retraining's folder.</summary>
    public const string FileName = "model.json";

    /// <summary>The version that this library writes; it reads this and earlier ones, which lack what may be null.</summary>
    public const int CurrentVersion = 2;

    /// <summary>What to do about one that cannot be used.</summary>
    public const string Remedy = "Restore it, or retrain the architecture in a new folder.";

    /// <summary>What makes pictures its images, and its logits classes.</summary>
    public ModelInput Input => new(Classes, Network.ImageSize, Network.InputChannels, Mean, Deviation, Fit, Background);

    /// <summary>Reads and checks the card of a model.</summary>
    /// <param name="folder">The folder of a finished retraining.</param>
    /// <exception cref="BadDataException">There is none, or it is damaged, changed or of another version.</exception>
    public static ModelCard Read(string folder)
    {
        if (File.Exists(folder))
            throw new BadDataException(
                $"'{folder}' is a file; expected the folder of a finished retraining. ONNX files are loaded by PandaNas.OnnxRuntime");
        string path = Path.Combine(folder, FileName);
        if (!Path.Exists(path))
            throw new BadDataException(RunDirectory.Exists(folder)
                ? $"'{folder}' has no {FileName}: it is no retraining, or one that is not finished or of another version. "
                + "Continue it, or retrain the architecture in a new folder"
                : $"'{folder}' is not the folder of a model: it has no {FileName}. Name the folder of a finished retraining");
        // Of a newer version the rest may be anything.
        if (SealedRecord.Read(path, Remedy)["version"] is JsonValue one && one.TryGetValue(out int version)
            && version is < 1 or > CurrentVersion)
            throw Unusable(path, $"its version is {version}, this program reads 1 to {CurrentVersion}");
        ModelCard card = SealedRecord.Read<ModelCard>(path, Remedy);
        return card.Input.Fault(card.Network.Classes) is { } fault ? throw Unusable(path, fault) : card;
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

    private static BadDataException Unusable(string path, string fault) => new($"cannot use '{path}': {fault}. {Remedy}");
}

/// <summary>What a model's network costs.</summary>
/// <param name="Params">Parameters by the published convention, which counts operations that do not reach the output.</param>
/// <param name="Macs">Multiply-adds for one image by that convention.</param>
/// <param name="LiveParams">Parameters that the network has.</param>
/// <param name="LiveMacs">Multiply-adds that it computes.</param>
internal sealed record ModelCosts(long Params, long Macs, long LiveParams, long LiveMacs)
{
    /// <summary>The costs of an architecture in its space.</summary>
    public static ModelCosts Of(SpaceFamily family, NetworkOptions sizes, Architecture architecture)
    {
        Cost cost = family.Cost(sizes, architecture), live = family.LiveCost(sizes, architecture);
        return new ModelCosts(cost.Parameters, cost.MultiplyAdds, live.Parameters, live.MultiplyAdds);
    }
}

/// <summary>How a model came about.</summary>
/// <param name="Program">The program and its version.</param>
/// <param name="Command">What trains its weights again, on the same images.</param>
/// <param name="DataSet">What the images are.</param>
/// <param name="TrainSha256">The fingerprint of the images that trained it.</param>
/// <param name="TestSha256">The fingerprint of the images that scored it.</param>
internal sealed record ModelOrigin(string Program, string Command, string DataSet, string TrainSha256, string TestSha256)
{
    /// <summary>The origin of the weights of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="command">What makes it again: a verb and its arguments.</param>
    public static ModelOrigin Of(RunDirectory run, params IEnumerable<string> command) => new(
        $"PandaNas {ProductVersion.Text}", ShellCommand.Panda(command), run.ReadFact("data_set"),
        run.ReadFact(RunOpening.TrainFact), run.ReadFact(RunOpening.RankingFact));
}
