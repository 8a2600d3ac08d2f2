using System.Collections.Immutable;
using PandaNas.Data.Batches;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Runtime.Torch;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Comparisons;

/// <summary>What a comparison meets in its data: sizes, the architectures to rank, what a step of each method costs.</summary>
/// <param name="Selection">The architectures and truths.</param>
/// <param name="Architectures">The architectures as the space writes them.</param>
/// <param name="Fingerprint">SHA-256 of the selection.</param>
/// <param name="DataSet">The data set.</param>
/// <param name="TrainImages">How many images train.</param>
/// <param name="RankingImages">How many images rank.</param>
/// <param name="RankingPart">Which images those are: validation or test.</param>
/// <param name="Methods">The methods in the order of the options, with the passes of a step.</param>
/// <param name="StartUniform">Those of them that draw uniformly in their first epoch.</param>
/// <param name="Precision">The definite precision, chosen once for all runs: some in one and some in another could not be compared.</param>
/// <param name="Setup">What every run works on and with.</param>
internal sealed record ComparisonSetting(
    RankingSelection Selection,
    ImmutableArray<string> Architectures,
    string Fingerprint,
    string DataSet,
    int TrainImages,
    int RankingImages,
    string RankingPart,
    ImmutableArray<(string Method, int PassesPerStep)> Methods,
    ImmutableArray<string> StartUniform,
    PrecisionChoice Precision,
    RunSetup Setup)
{
    /// <summary>Looks at everything that can be wrong, before the first training.</summary>
    public static ComparisonSetting Of(ComparisonOptions comparison, SupernetOptions training, ExperimentData data, TimeProvider clock)
    {
        SpaceFamily family = training.Family;
        NetworkOptions sizes = data.NetworkOptions(training);
        family.Validate(sizes);
        TopSizes.Parse(comparison.Ranking.TopK);
        using LabelledImages images = data.RankingImages(comparison.Ranking.Images, comparison.Ranking.Seed);
        var selection = RankingSelection.Choose(comparison.Ranking, family.Space, data.DataSet);
        using var supernet = new SupernetSetup(training, data, TorchRuntime.OpenDevice(training.Device));
        var setting = MethodSetting.Of(training, family, sizes, data.Train.Count);
        PrecisionChoice precision = supernet.DecidePrecision(clock).Choice;
        return new ComparisonSetting(
            selection, [.. selection.Architectures.Select(family.Space.Format)], selection.Fingerprint(family.Space),
            data.DataSet, data.Train.Count, images.Count, data.RankingPart,
            [.. comparison.Methods.Select(method =>
                (method, training.Catalog.FindMethod(method).PassesPerStep(setting, supernet.Network)))],
            [.. comparison.Methods.Where(method => training.Catalog.FindMethod(method).StartsUniform(setting))],
            precision, RunSetup.Of(supernet.Options, data));
    }
}
