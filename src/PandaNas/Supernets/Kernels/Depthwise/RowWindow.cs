using System.Runtime.Intrinsics;

namespace PandaNas.Supernets.Kernels.Depthwise;

/// <summary>A tap of the kernel at an output row: where its first input value is, and where what belongs to the tap is.</summary>
internal unsafe struct Tap
{
    /// <summary>The input values of the row, side by side for neighbouring outputs.</summary>
    public float* Source;

    /// <summary>A period of the tap's weights, or of sums of their gradient.</summary>
    public float* Weights;
}

/// <summary>The rows of an image that the kernel covers, in float32 and padded with zeros. Going down reads every row once.</summary>
/// <typeparam name="T">Type of the image's values.</typeparam>
internal sealed unsafe class RowWindow<T>
    where T : struct, IElement
{
    private readonly DepthwiseShape _shape;
    private readonly float* _rows;
    private readonly int _phaseLength, _rowLength;
    private readonly int[] _held;
    private readonly Tap[] _taps;

    // Where in a row a phase's first output meets each column of the kernel; negative between spread columns.
    private readonly int[] _places;
    private void* _image;

    /// <summary>A window over nothing yet.</summary>
    /// <param name="shape">The operation.</param>
    /// <param name="memory">Zeros, <see cref="LengthFor"/> of them; must live as long as the window.</param>
    public RowWindow(DepthwiseShape shape, float* memory)
    {
        _shape = shape;
        _rows = memory;
        _phaseLength = shape.PhaseLength;
        _rowLength = shape.Step * _phaseLength;
        _held = new int[shape.WindowRows];
        _taps = new Tap[shape.Taps];
        _places = new int[shape.Spread * shape.Kernel];
        for (int i = 0; i < _places.Length; i++)
        {
            int spread = i / shape.Kernel + i % shape.Kernel * shape.Dilation - shape.Padding;
            _places[i] = spread % shape.Spread == 0 ? PlaceOf(spread / shape.Spread + shape.Border) : -1;
        }
    }

    /// <summary>Values of memory that a window needs.</summary>
    public static int LengthFor(DepthwiseShape shape) => shape.WindowRows * shape.Step * shape.PhaseLength;

    /// <summary>Goes to the top of an image in channels-last memory.</summary>
    public void Start(void* image)
    {
        _image = image;
        Array.Fill(_held, -1);
    }

    /// <summary>
    /// The taps that meet the image at an output row, for the outputs of a phase (see <see cref="DepthwiseShape.PhaseColumns"/>); those
    /// over padding or between spread rows and columns are left out.
    /// </summary>
    /// <param name="outputRow">The row, not above the one before.</param>
    /// <param name="phase">The phase.</param>
    /// <param name="weights">A period for every tap of the kernel, row by row.</param>
    public ReadOnlySpan<Tap> At(int outputRow, int phase, float* weights)
    {
        int count = 0;
        for (int y = 0; y < _shape.Kernel; y++)
        {
            int row = outputRow * _shape.Step + y * _shape.Dilation - _shape.Padding;
            if (row < 0 || row >= _shape.SpreadHeight || row % _shape.Spread != 0) continue;
            float* start = Row(row);
            for (int x = 0; x < _shape.Kernel; x++)
            {
                int place = _places[phase * _shape.Kernel + x];
                if (place < 0) continue;
                _taps[count].Source = start + place;
                _taps[count++].Weights = weights + (y * _shape.Kernel + x) * _shape.Period;
            }
        }
        return _taps.AsSpan(0, count);
    }

    private float* Row(int row)
    {
        int place = row % _shape.WindowRows;
        float* start = _rows + place * _rowLength;
        if (_held[place] == row) return start;
        _held[place] = row;
        Fill(start, (long)(row / _shape.Spread) * _shape.InputWidth * _shape.Channels);
        return start;
    }

    // Always the same places, so the zeros around them stay.
    private void Fill(float* row, long from)
    {
        if (_shape.Step == 1)
        {
            Widen(_image, from, row + _shape.Border * _shape.Channels, _shape.InputWidth * _shape.Channels);
            return;
        }
        for (int x = 0; x < _shape.InputWidth; x++)
        {
            Widen(_image, from + x * _shape.Channels, row + PlaceOf(_shape.Border + x), _shape.Channels);
        }
    }

    private int PlaceOf(int column) => column % _shape.Step * _phaseLength + column / _shape.Step * _shape.Channels;

    /// <summary>Copies values to float32.</summary>
    public static void Widen(void* values, long from, float* to, int length)
    {
        int i = 0;
        for (; i <= length - ChannelLayout.Lanes; i += ChannelLayout.Lanes) Vector512.Store(T.Load(values, from + i), to + i);
        for (; i < length; i++) to[i] = T.LoadOne(values, from + i);
    }
}
