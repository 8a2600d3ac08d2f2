namespace PandaNas.Supernets.Kernels.Convolutions;

/// <summary>
/// What the results of a convolution see of an image: for every result a window, some rows of consecutive values, because in
/// channels-last memory the columns of a kernel and their channels follow each other. Distances are in values.
/// </summary>
/// <param name="Rows">Rows of a window.</param>
/// <param name="Length">Values of such a row.</param>
/// <param name="Row">From a row of a window to the next.</param>
/// <param name="PixelStep">From a window to that of the next result.</param>
/// <param name="RowStep">From a window to that of the result below.</param>
/// <param name="Height">Rows of results.</param>
/// <param name="Width">Results a row.</param>
internal readonly record struct Windows(int Rows, int Length, int Row, int PixelStep, int RowStep, int Height, int Width);
