using PandaNas.Supernets;

namespace PandaNas.Experiments.Options;

/// <summary>The networks that options ask for.</summary>
internal static class RequestedNetwork
{
    /// <summary>The sizes of one, with what is usual in the space where the options leave it open.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="standalone">Whether the network is of one architecture; else it is a supernet.</param>
    /// <param name="inputChannels">Channels of the images.</param>
    /// <param name="imageSize">Their height and width in pixels.</param>
    /// <param name="classes">Their classes.</param>
    /// <exception cref="BadOptionException">Two options exclude each other; the message names them.</exception>
    public static NetworkOptions Of(SpaceOptions options, bool standalone, int inputChannels, int imageSize, int classes)
    {
        bool zeroResiduals = options is TrainingRunOptions { ZeroResiduals: true };
        if (zeroResiduals && !standalone && CalibrationBatches(options) == 0)
            throw new BadOptionException(
                "zero-residuals",
                $"{Mention.Option("zero-residuals")} is set, but {Mention.Option("bn-calibration-batches")} 0 "
                + "leaves batch norms without the scale that would begin at zero");
        var supernet = options as SupernetOptions;
        var sizes = new NetworkOptions(
            inputChannels, imageSize, classes, options.Channels, options.Cells, supernet?.ConvolutionBias ?? false)
        {
            Stem = options.Stem,
            WidthMultiplier = options.WidthMultiplier,
            Widths = options.Widths,
            ZeroResiduals = zeroResiduals,
            WeightEntanglement = supernet?.WeightEntanglement ?? false,
            AuxiliaryHead = options is RetrainOptions { AuxiliaryWeight: > 0 },
            DropPath = options is RetrainOptions { DropPath: > 0 },
            SupernetNormalization = CalibrationBatches(options) > 0 ? Normalization.RunningStatistics : Normalization.BatchStatistics,
        };
        return options.Family.Complete(sizes, standalone);
    }

    /// <summary>
    /// Batches on which the statistics of an architecture are made anew; 0 for a supernet that normalises by batch statistics.
    /// </summary>
    public static int CalibrationBatches(SpaceOptions options) =>
        options is SupernetOptions { BnCalibrationBatches: >= 0 and var batches } ? batches : options.Family.CalibrationBatches;
}
