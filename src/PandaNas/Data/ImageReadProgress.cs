namespace PandaNas.Data;

/// <summary>How far the decoding of an image folder is.</summary>
/// <param name="Done">Images decoded so far.</param>
/// <param name="Total">Images in all.</param>
public readonly record struct ImageReadProgress(int Done, int Total);
