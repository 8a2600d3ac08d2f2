using PandaNas.Training;

namespace PandaNas.Experiments.Options;

/// <summary>
/// How an architecture is retrained. The defaults are NAS-Bench-201's stand-alone protocol (Dong and Yang 2020) with a quarter of its
/// epochs; a preset gives sizes only, not the training of a supernet.
/// </summary>
/// <example><code>new RetrainOptions { Epochs = 50 }</code></example>
public sealed record RetrainOptions : TrainingRunOptions, ITrainingOptions
{
    /// <inheritdoc/>
    public override int Epochs { get => Get(50); init => Set(value); }

    /// <inheritdoc/>
    public override double LearningRate { get => Get(0.1); init => Set(value); }

    /// <inheritdoc/>
    public override bool Nesterov { get => Get(true); init => Set(value); }

    /// <inheritdoc/>
    public override double WeightDecay { get => Get(5e-4); init => Set(value); }

    /// <inheritdoc/>
    public override double ClipNorm { get => Get(0.0); init => Set(value); }

    /// <summary>
    /// Training images that neither train nor test: the accuracy on them may choose between networks, that on test images may not. Those
    /// of a supernet that holds out as many with the same seed.
    /// </summary>
    [Option("hold-out", "training images that do not train; the accuracy on them may choose between networks",
        Group = OptionGroup.Data, Unit = "images", Least = 0)]
    public int HoldOut { get => Get(0); init => Set(value); }

    /// <summary>The decay of the moving average of weights that is scored and saved; 0 keeps none.</summary>
    [Option("average-decay", "of the exponential moving average of weights that is scored and saved; 0 is none",
        Group = OptionGroup.Training, Least = 0, Below = 1)]
    public double AverageDecay { get => Get(0.0); init => Set(value); }

    /// <summary>The weight of the auxiliary head's loss, where a network has one; 0 is no head.</summary>
    [Option("auxiliary-weight", "darts: weight of the auxiliary head's loss; 0 is no head",
        Group = OptionGroup.Training, Least = 0, Most = 100)]
    public double AuxiliaryWeight { get => Get(0.0); init => Set(value); }

    /// <summary>The probability of dropping a branch in the last epoch; it rises from 0.</summary>
    [Option("drop-path", "not in nasbench201: probability of dropping a branch in the last epoch, rising from 0",
        Group = OptionGroup.Training, Least = 0, Below = 1)]
    public double DropPath { get => Get(0.0); init => Set(value); }

    /// <summary>The options over those with which a run was started.</summary>
    internal RetrainOptions OverStored(RetrainOptions stored) =>
        (RetrainOptions)OverRun(stored, _ => true) with { Split = stored.Split };

    /// <summary>
    /// The options over those of a training that an architecture comes from: its network sizes, images, seed and machine.
    /// </summary>
    internal RetrainOptions From(TrainingRunOptions supernet) =>
        (RetrainOptions)OverRun(supernet, option => option.PassesOn) with { Split = supernet.Split };

    /// <inheritdoc/>
    private protected override bool TakesFromPreset(OptionDescription option) => option.Owner == typeof(SpaceOptions);
}
