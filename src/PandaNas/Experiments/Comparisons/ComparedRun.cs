namespace PandaNas.Experiments.Comparisons;

/// <summary>One run of the comparison.</summary>
/// <param name="Number">Its place, from 0.</param>
/// <param name="Method">Its method, with the epochs.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Label">Which one it is, for people.</param>
/// <param name="Folder">Where it is trained.</param>
/// <param name="Report">The file that says how it ranked.</param>
/// <param name="Predictions">The file of its ranking.</param>
/// <param name="Training">The work of training, in forward passes of an image.</param>
/// <param name="Ranking">That of ranking.</param>
internal sealed record ComparedRun(
    int Number, MethodPlan Method, long Seed, string Label, string Folder, string Report, string Predictions, double Training,
    double Ranking);
