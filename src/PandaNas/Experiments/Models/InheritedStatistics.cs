namespace PandaNas.Experiments.Models;

/// <summary>Running statistics that were made for an architecture of a supernet.</summary>
/// <param name="Batches">From how many batches of training images.</param>
/// <param name="BatchSize">Of how many images.</param>
/// <param name="Images">On how many ranking images the accuracies are.</param>
/// <param name="Accuracy">With them, in [0, 1].</param>
/// <param name="AccuracyInSupernet">As ranking measures it, in [0, 1].</param>
internal sealed record InheritedStatistics(int Batches, int BatchSize, int Images, double Accuracy, double AccuracyInSupernet);
