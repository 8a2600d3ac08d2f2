using System.Collections.Immutable;
using PandaNas.Sampling;
using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>Everything that a trainer needs to go on bit for bit: at an epoch's end or in the middle of one.</summary>
/// <param name="Epoch">Epochs finished.</param>
/// <param name="Position">Examples of the current epoch already trained; 0 between epochs.</param>
/// <param name="LossSum">Sum of the cross-entropies of those examples.</param>
/// <param name="Correct">How many were classified correctly.</param>
/// <param name="Measured">How many classifications that is: one per example and path.</param>
/// <param name="Seconds">Time spent on them.</param>
/// <param name="Order">The examples of the current epoch in order; empty between epochs.</param>
/// <param name="RandomStreams">The state of every random stream by purpose.</param>
/// <param name="Paths">The path sampler's state.</param>
/// <param name="Data">The data sampler's state.</param>
/// <param name="Tensors">
/// Weights, running statistics and the update rule's state, such as momentum, by name; the trainer's own tensors, not copies.
/// </param>
internal sealed record TrainerState(
    int Epoch,
    int Position,
    double LossSum,
    long Correct,
    long Measured,
    double Seconds,
    ImmutableArray<int> Order,
    ImmutableSortedDictionary<string, string> RandomStreams,
    SamplerState Paths,
    SamplerState Data,
    IReadOnlyDictionary<string, Tensor> Tensors);
