namespace PandaNas.Supernets.Kernels.Convolutions;

/// <summary>Where the results of a product lie.</summary>
/// <param name="Step">From a result to the next of its row, in values.</param>
/// <param name="Row">From a row of results to the next, in values.</param>
/// <param name="Channels">Values of a result, a multiple of the vector's lanes.</param>
internal readonly record struct Results(int Step, int Row, int Channels);

/// <summary>Products of the windows of an image with weights, in tiles of pixels that the registers can hold.</summary>
/// <typeparam name="T">The width of the vectors.</typeparam>
/// <typeparam name="TVector">Such a vector.</typeparam>
internal sealed unsafe class Correlation<T, TVector>
    where T : struct, IVectorOperations<TVector>
    where TVector : struct
{
    private readonly Windows _windows;
    private readonly Results _results;
    private readonly Tile.Offsets _windowOffsets, _resultOffsets;
    private readonly int[] _groupWindows, _groupResults;

    /// <summary>Plans the tiles.</summary>
    public Correlation(Windows windows, Results results)
    {
        (_windows, _results) = (windows, results);
        // Pixels beyond a narrow row repeat its last: they write what is there already.
        int Pixel(int number) => Math.Max(0, Math.Min(number, windows.Width - 1));
        _windowOffsets = new(Pixel(1) * windows.PixelStep, Pixel(2) * windows.PixelStep, Pixel(3) * windows.PixelStep);
        _resultOffsets = new(Pixel(1) * results.Step, Pixel(2) * results.Step, Pixel(3) * results.Step);
        List<(int Window, int Result)> groups = PlanGroups();
        (_groupWindows, _groupResults) = ([.. groups.Select(group => group.Window)], [.. groups.Select(group => group.Result)]);
    }

    /// <summary>Outputs that packed weights hold side by side for so many channels of results.</summary>
    public static int PackedLanes(int channels) => HoldsTwo(channels) ? 2 * T.Lanes : T.Lanes;

    // Whether a tile holds two vectors of outputs.
    private bool IsDouble => HoldsTwo(_results.Channels);

    private int GroupPixels => IsDouble ? DoubleTile.GroupPixels : Tile.GroupPixels;

    // Groups of a tile.
    private int Groups => IsDouble ? DoubleTile.Groups : T.HasManyRegisters ? Tile.MostGroups : Tile.MostGroups - 1;

    /// <summary>Computes every result of an image.</summary>
    /// <param name="input">The window of the first pixel.</param>
    /// <param name="weights">For each vector of outputs (or two, see <see cref="PackedLanes"/>), each value of a window in turn.</param>
    /// <param name="start">What sums start from, as many values as a result has; null for 0.</param>
    /// <param name="output">The first result.</param>
    public void Run(float* input, float* weights, float* start, float* output)
    {
        var extent = new Tile.Extent(_windows.Rows, _windows.Length, _windows.Row);
        int tiles = _groupWindows.Length / Groups, lanes = PackedLanes(_results.Channels);
        fixed (int* windows = _groupWindows, places = _groupResults)
            for (int channel = 0; channel < _results.Channels; channel += lanes)
            {
                float* vectors = weights + (long)channel * _windows.Rows * _windows.Length;
                float* initial = start == null ? null : start + channel;
                float* results = output + channel;
                if (IsDouble)
                    DoubleTile.Run<T, TVector>(
                        in extent, input, windows, _windowOffsets.Second, vectors, initial, results, places, _resultOffsets.Second, tiles);
                else
                    Tile.Run<T, TVector>(
                        in extent, input, windows, in _windowOffsets, vectors, initial, results, places, in _resultOffsets, tiles);
            }
    }

    private static bool HoldsTwo(int channels) => !T.HasManyRegisters && channels % (2 * T.Lanes) == 0;

    // First window and result of each group. The last group of a row ends with it, and the last tile repeats the last group.
    private List<(int Window, int Result)> PlanGroups()
    {
        var groups = new List<(int Window, int Result)>();
        for (int row = 0; row < _windows.Height; row++)
            for (int column = 0; column < _windows.Width; column += GroupPixels)
            {
                int first = Math.Max(0, Math.Min(column, _windows.Width - GroupPixels));
                groups.Add((row * _windows.RowStep + first * _windows.PixelStep, row * _results.Row + first * _results.Step));
            }
        while (groups.Count % Groups != 0) groups.Add(groups[^1]);
        return groups;
    }
}
