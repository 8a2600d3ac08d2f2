using PandaNas.Spaces;

namespace PandaNas.Ranking;

/// <summary>An architecture with its predicted and its true accuracy.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="Predicted">The accuracy with the supernet's weights, in [0, 1]; only its order matters to a ranking.</param>
/// <param name="Truth">The stand-alone accuracy from a <see cref="TruthTable"/>, in percent.</param>
public sealed record RankedArchitecture(Architecture Architecture, double Predicted, double Truth);
