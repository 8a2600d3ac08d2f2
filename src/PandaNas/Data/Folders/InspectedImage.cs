using PandaNas.Data.Decoding;

namespace PandaNas.Data.Folders;

/// <summary>One file of an image folder, and what was found.</summary>
/// <param name="Path">From the data set's folder, with '/' between names.</param>
/// <param name="Label">The class.</param>
/// <param name="Part">What it is used for; null if it cannot be used, or a run's record does not know it.</param>
/// <param name="Finding">What it is.</param>
internal sealed record InspectedImage(string Path, int Label, ImagePart? Part, ImageFinding Finding);
