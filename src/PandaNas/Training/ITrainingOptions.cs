namespace PandaNas.Training;

/// <summary>Where in a step path sampling measures gradient norms.</summary>
public enum PathNormPoint
{
    /// <summary>After clipping, as the released code does.</summary>
    AfterClipping,

    /// <summary>Before clipping.</summary>
    BeforeClipping,
}

/// <summary>What the trainer takes of a run's options, which have defaults and ranges; what is sampled is up to the samplers.</summary>
internal interface ITrainingOptions
{
    /// <summary>Passes over as many examples as the training part has.</summary>
    int Epochs { get; }

    /// <summary>
    /// Examples per step, at most the training part. The last batch of an epoch may be smaller; a last batch of a single example is left
    /// out, since it has no batch statistics.
    /// </summary>
    int BatchSize { get; }

    /// <summary>The learning rate of the first epoch; it falls to 0 along a cosine, epoch by epoch.</summary>
    double LearningRate { get; }

    /// <summary>Momentum.</summary>
    double Momentum { get; }

    /// <summary>Whether momentum is Nesterov's.</summary>
    bool Nesterov { get; }

    /// <summary>L2 coefficient.</summary>
    double WeightDecay { get; }

    /// <summary>The largest norm of all gradients together; 0 means no clipping.</summary>
    double ClipNorm { get; }

    /// <summary>ε: the share of each label that is spread evenly over all classes (Szegedy et al. 2016).</summary>
    double LabelSmoothing { get; }

    /// <summary>Whether biases and the scale and shift of batch norms are free of weight decay.</summary>
    bool ExemptNorms { get; }

    /// <summary>Epochs at the start in which the learning rate rises evenly to its value.</summary>
    int WarmUpEpochs { get; }

    /// <summary>Where path sampling measures.</summary>
    PathNormPoint PathNorms => PathNormPoint.AfterClipping;

    /// <summary>
    /// Whether each example's loss is weighted by 1/(N·q), which makes the gradient under importance sampling an unbiased estimate
    /// of the gradient under uniform sampling. The released code does not.
    /// </summary>
    bool ImportanceCorrection => false;

    /// <summary>The decay of the moving average that <see cref="Trainer.UseAverage"/> takes; 0 keeps none.</summary>
    double AverageDecay => 0;

    /// <summary>
    /// The last epochs over whose steps <see cref="Trainer.UseAverage"/> takes the mean of the weights, or all; 0 takes none.
    /// </summary>
    int AverageEpochs => 0;

    /// <summary>The weight of the auxiliary logits' loss, where a network has them.</summary>
    double AuxiliaryWeight => 0;

    /// <summary>The probability of dropping a branch at the end; in epoch e from 0 of T it is e/T of that.</summary>
    double DropPath => 0;

    /// <summary>Whether batch norms see the whole mini-batch where ranks divide it; else each sees its rank's part.</summary>
    bool SyncNorm => false;
}
