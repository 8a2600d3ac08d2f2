using System.Collections.Immutable;

namespace PandaNas.Training;

/// <summary>What one epoch of training showed.</summary>
/// <param name="Epoch">1-based.</param>
/// <param name="Loss">Mean cross-entropy in nats over the examples trained, with the weights of the time.</param>
/// <param name="Accuracy">Share of the examples trained that were classified correctly, with augmentation.</param>
/// <param name="LearningRate">The learning rate of this epoch.</param>
/// <param name="PathProbabilities">Probability of every kind of operation for the next epoch.</param>
/// <param name="DataEntropy">Entropy in nats of the data distribution for the next epoch; ln N when uniform.</param>
/// <param name="DataEffectiveSampleSize">1/Σq² of that distribution; N when uniform.</param>
/// <param name="Passes">Forward and backward passes of a mini-batch, over all paths and adaptation steps of the epoch.</param>
/// <param name="Seconds">Time that the epoch took, over all sessions if it was interrupted.</param>
internal sealed record EpochRecord(
    int Epoch,
    double Loss,
    double Accuracy,
    double LearningRate,
    ImmutableArray<double> PathProbabilities,
    double DataEntropy,
    double DataEffectiveSampleSize,
    long Passes,
    double Seconds);
