using PandaNas.Supernets;

namespace PandaNas.Experiments.Options;

/// <summary>The networks that the options of a run ask for.</summary>
public static class RequestedNetwork
{
    /// <summary>The sizes of one, with what is usual in the space where the options leave it open.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="standalone">Whether the network is of one architecture; else it is a supernet.</param>
    /// <param name="inputChannels">Channels of the images.</param>
    /// <param name="imageSize">Their height and width in pixels.</param>
    /// <param name="classes">Their classes.</param>
    /// <exception cref="BadOptionException">Two options exclude each other; the message names them.</exception>
    public static NetworkOptions Of(ExperimentOptions options, bool standalone, int inputChannels, int imageSize, int classes)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.ZeroResiduals && !standalone && CalibrationBatches(options) == 0)
            throw new BadOptionException(
                "zero-residuals is set, but bn-calibration-batches 0 leaves batch norms without the scale that would begin at zero");
        var sizes = new NetworkOptions(inputChannels, imageSize, classes, options.Channels, options.Cells, options.ConvolutionBias)
        {
            Stem = options.Stem,
            WidthMultiplier = options.WidthMultiplier,
            Widths = options.Widths,
            ZeroResiduals = options.ZeroResiduals,
            AuxiliaryHead = options.Training.AuxiliaryWeight > 0,
            DropPath = options.Training.DropPath > 0,
            SupernetNormalization = CalibrationBatches(options) > 0 ? Normalization.RunningStatistics : Normalization.BatchStatistics,
        };
        return options.Space.Family.Complete(sizes, standalone);
    }

    /// <summary>Batches on which the statistics of an architecture are made anew; 0 for a supernet that normalises by batch statistics.</summary>
    public static int CalibrationBatches(ExperimentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.BnCalibrationBatches >= 0 ? options.BnCalibrationBatches : options.Space.Family.CalibrationBatches;
    }
}
