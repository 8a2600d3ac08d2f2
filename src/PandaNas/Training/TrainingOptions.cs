namespace PandaNas.Training;

/// <summary>Where in a step path sampling measures gradient norms.</summary>
public enum PathNormPoint
{
    /// <summary>After clipping, as the released code does.</summary>
    AfterClipping,

    /// <summary>Before clipping.</summary>
    BeforeClipping,
}

/// <summary>How a network is trained, without defaults and ranges, which the options of runs have.</summary>
internal sealed record TrainingOptions
{
    /// <summary>Passes over as many examples as the training part has; at least 1.</summary>
    public required int Epochs { get; init; }

    /// <summary>
    /// Examples per step; at least 2, at most the training part. The last batch of an epoch may be smaller; a last batch of a single
    /// example is left out, since it has no batch statistics.
    /// </summary>
    public required int BatchSize { get; init; }

    /// <summary>The learning rate of the first epoch; it falls to 0 along a cosine, epoch by epoch. Above 0.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Momentum in [0, 1).</summary>
    public required double Momentum { get; init; }

    /// <summary>Whether momentum is Nesterov's.</summary>
    public bool Nesterov { get; init; }

    /// <summary>L2 coefficient, at least 0.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>The largest norm of all gradients together; 0 means no clipping.</summary>
    public required double ClipNorm { get; init; }

    /// <summary>Where path sampling measures.</summary>
    public PathNormPoint PathNorms { get; init; }

    /// <summary>
    /// Whether each example's loss is weighted by 1/(N·q), which makes the gradient under importance sampling an unbiased estimate
    /// of the gradient under uniform sampling. The released code does not.
    /// </summary>
    public bool ImportanceCorrection { get; init; }

    /// <summary>ε: the share of each label that is spread evenly over all classes (Szegedy et al. 2016), in [0, 1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Whether biases and the scale and shift of batch norms are free of weight decay.</summary>
    public bool ExemptNorms { get; init; }

    /// <summary>Epochs at the start in which the learning rate rises evenly to its value; below <see cref="Epochs"/>.</summary>
    public int WarmUpEpochs { get; init; }

    /// <summary>The decay of the moving average that <see cref="Trainer.UseAverage"/> takes, in [0, 1); 0 keeps none.</summary>
    public double AverageDecay { get; init; }

    /// <summary>The weight of the auxiliary logits' loss, where a network has them; at least 0.</summary>
    public double AuxiliaryWeight { get; init; }

    /// <summary>The probability of dropping a branch at the end; in epoch e from 0 of T it is e/T of that. In [0, 1).</summary>
    public double DropPath { get; init; }
}
