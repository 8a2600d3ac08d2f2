namespace PandaNas.Data.Reading;

/// <summary>
/// The weights with which source pixels along one axis make target pixels: a triangle as wide as a target pixel, at least as a source
/// pixel, so that shrinking averages and enlarging interpolates. In whole numbers, as Pillow's BILINEAR filter. Buffers are kept.
/// </summary>
internal sealed class ResampleAxis
{
    /// <summary>Bits of the weights' fraction: 255 times the sum of all weights still fits 32 bits.</summary>
    public const int FractionBits = 22;

    private int[] _firsts = [], _counts = [], _weights = [];

    /// <summary>Weights of a target pixel, at most; those of pixel i start at i times this.</summary>
    public int Stride { get; private set; }

    /// <summary>The first source pixel of each target pixel.</summary>
    public ReadOnlySpan<int> Firsts => _firsts;

    /// <summary>How many source pixels each target pixel has.</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>The weights.</summary>
    public ReadOnlySpan<int> Weights => _weights;

    /// <summary>Makes the weights.</summary>
    /// <param name="source">Pixels of the source.</param>
    /// <param name="start">Where the part begins.</param>
    /// <param name="length">Its length in source pixels, above 0.</param>
    /// <param name="target">Pixels of the target.</param>
    public void Prepare(int source, double start, double length, int target)
    {
        double scale = length / target, reach = Math.Max(scale, 1);
        Stride = (int)Math.Ceiling(reach) * 2 + 1;
        if (_firsts.Length != target) (_firsts, _counts) = (new int[target], new int[target]);
        if (_weights.Length < target * Stride) _weights = new int[target * Stride];
        Span<double> shares = stackalloc double[Math.Min(Stride, 64)];
        if (shares.Length < Stride) shares = new double[Stride];
        for (int i = 0; i < target; i++)
        {
            double centre = start + (i + 0.5) * scale;
            int first = Math.Max(0, (int)(centre - reach + 0.5)), end = Math.Min(source, (int)(centre + reach + 0.5));
            double sum = 0;
            for (int x = first; x < end; x++)
            {
                shares[x - first] = Math.Max(0, 1 - Math.Abs((x - centre + 0.5) / reach));
                sum += shares[x - first];
            }
            for (int k = 0; k < end - first; k++) _weights[i * Stride + k] = (int)(shares[k] / sum * (1 << FractionBits) + 0.5);
            (_firsts[i], _counts[i]) = (first, end - first);
        }
    }
}
