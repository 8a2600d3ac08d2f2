using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>What a network computes while it is trained.</summary>
/// <param name="Logits">N×classes.</param>
/// <param name="AuxiliaryLogits">N×classes of a second classifier amid the network, whose loss is added; null where there is none.</param>
internal readonly record struct TrainingOutput(Tensor Logits, Tensor? AuxiliaryLogits);
