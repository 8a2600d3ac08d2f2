namespace PandaNas.Supernets.Kernels.Convolutions;

/// <summary>
/// Every stride-th row (or column) of an image, from one on: the taps of the kernel that meet it are the same for all of them, so
/// the gradient of the input is a plain product of windows for each phase. With stride 1 there is one, with the kernel reversed.
/// </summary>
/// <param name="First">The first row, below the stride.</param>
/// <param name="Kernel">Taps of the kernel.</param>
/// <param name="Stride">Between the windows of neighbouring results.</param>
internal readonly record struct Phase(int First, int Kernel, int Stride)
{
    // The least tap that meets the phase; others follow a stride apart.
    private int Least => (First + Kernel / 2) % Stride;

    /// <summary>How many taps meet it.</summary>
    public int Taps => Least >= Kernel ? 0 : (Kernel - 1 - Least) / Stride + 1;

    /// <summary>The taps that meet it, from the last on: those of the results from <see cref="Start"/> on.</summary>
    public int Tap(int index) => Least + (Taps - 1 - index) * Stride;

    /// <summary>The first result that the first row takes part in, which may lie in the padding.</summary>
    public int Start => Taps == 0 ? 0 : (First + Kernel / 2 - Tap(0)) / Stride;

    /// <summary>How many rows of so many belong to it.</summary>
    public int Count(int rows) => Math.Max(0, (rows - First + Stride - 1) / Stride);
}
