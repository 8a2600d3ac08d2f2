using System.Globalization;
using System.Text.Json.Serialization;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;

namespace PandaNas.Experiments.Stages;

/// <summary>What a training works on and with; said before it starts and stored with its result.</summary>
/// <param name="TrainImages">Images that train.</param>
/// <param name="RankingImages">Images that rank and steer the search; of a retraining those held out, usually 0.</param>
/// <param name="TestImages">Images that score a retrained network.</param>
/// <param name="UnusedImages">Training images that the options leave unused.</param>
/// <param name="LeftOutImages">Files that cannot be used and were left out.</param>
/// <param name="RankingPart">Where the ranking images are from: validation, or test; these are then counted there, too.</param>
/// <param name="ImageSize">Side in pixels of the images that train.</param>
/// <param name="Classes">Classes.</param>
/// <param name="Channels">Channels of the images.</param>
/// <param name="Device">Where it computes.</param>
/// <param name="Precision">The type of activations and convolutions.</param>
/// <param name="Threads">Threads of torch.</param>
internal sealed record RunSetup(
    int TrainImages, int RankingImages, int TestImages, int UnusedImages, int LeftOutImages, string RankingPart,
    int ImageSize, int Classes, int Channels, string Device, string Precision, int Threads)
{
    /// <summary>The images, in one sentence whose numbers add up to the files.</summary>
    [JsonIgnore]
    public string Images
    {
        get
        {
            bool ranksOnTest = RankingPart == "test";
            string ranking = RankingImages == 0 || ranksOnTest ? "" : FormattableString.Invariant($", {RankingImages:N0} held out to rank");
            string test = RankingImages > 0 && ranksOnTest ? " and rank" : "";
            string unused = UnusedImages == 0 ? "" : FormattableString.Invariant($", {UnusedImages:N0} unused");
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Images: {TrainImages:N0} train{ranking}, {TestImages:N0} test{test}{unused}, {LeftOutImages:N0} unusable left out; "
                + $"{ImageSize} pixels a side, {Classes} classes.");
        }
    }

    /// <summary>The machine, in one sentence.</summary>
    [JsonIgnore]
    public string Computing => $"Computed on {Device} in {Precision} with {PlainText.Count(Threads, "thread")}.";

    /// <summary>The setup of a training.</summary>
    /// <param name="options">Its options, with a definite number of threads and precision.</param>
    /// <param name="data">Its images.</param>
    internal static RunSetup Of(TrainingRunOptions options, ExperimentData data) =>
        new(
            data.Train.Count, options is SupernetOptions or RetrainOptions { HoldOut: > 0 } ? data.Ranking.Count : 0,
            data.Test.Count, data.Unused, data.LeftOut, data.RankingPart, data.Train.Height, data.Train.Classes, data.Train.Channels,
            options.Device, PrecisionResolver.NameOf(options.Precision), options.Threads);

    /// <summary>Says it where progress goes.</summary>
    internal void Say(RunContext context)
    {
        context.Note(Images);
        context.Note(Computing);
    }
}
