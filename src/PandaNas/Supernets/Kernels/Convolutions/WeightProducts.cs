using System.Runtime.CompilerServices;

namespace PandaNas.Supernets.Kernels.Convolutions;

/// <summary>
/// The gradient of the weights from an image: for each value of a window and each vector of outputs, the sum over the pixels of
/// value × gradient. The sums of up to 24 values of a window stay in registers while the pixels pass; where registers are few, of 6 values
/// and two vectors of outputs if that comes out even, else of 8 values.
/// </summary>
/// <param name="Windows">The windows.</param>
/// <param name="Outputs">Values of a gradient, a multiple of the vector's lanes.</param>
internal readonly record struct WeightProducts(Windows Windows, int Outputs)
{
    /// <summary>So many values beyond the last window are read, though not used.</summary>
    public const int Overrun = Few - 1;

    private const int Many = 24;
    private const int Few = 8;
    private const int Paired = 6;

    /// <summary>Outputs that lie side by side in the sums.</summary>
    public int Lanes<T, TVector>()
        where T : struct, IVectorOperations<TVector>
        where TVector : struct => !T.HasManyRegisters && Outputs % (2 * T.Lanes) == 0 && Windows.Length % Paired == 0
            ? 2 * T.Lanes
            : T.Lanes;

    /// <summary>Adds the products of an image to sums.</summary>
    /// <param name="input">The window of the first pixel.</param>
    /// <param name="gradient">The gradient of the first pixel; pixels follow each other.</param>
    /// <param name="sums">In the order of packed weights, as many lanes side by side as <see cref="Lanes"/> says.</param>
    public unsafe void Add<T, TVector>(float* input, float* gradient, float* sums)
        where T : struct, IVectorOperations<TVector>
        where TVector : struct
    {
        float* block = stackalloc float[Many * T.Lanes];
        int lanes = Lanes<T, TVector>();
        for (int channel = 0; channel < Outputs; channel += lanes)
            for (int row = 0; row < Windows.Rows; row++)
            {
                int at = 0, used;
                for (; at < Windows.Length; at += used)
                {
                    float* x = input + row * Windows.Row + at, g = gradient + channel;
                    if (lanes > T.Lanes)
                    {
                        used = Paired;
                        MultiplyPaired<T, TVector>(this, x, g, block);
                    }
                    else if (T.HasManyRegisters && at <= Windows.Length - Many)
                    {
                        used = Many;
                        MultiplyMany<T, TVector>(this, x, g, block);
                    }
                    else
                    {
                        used = Math.Min(Few, Windows.Length - at);
                        MultiplyFew<T, TVector>(this, x, g, block);
                    }
                    for (int i = 0; i < used * lanes; i += T.Lanes, sums += T.Lanes) T.Store(T.Add(T.Load(sums), T.Load(block + i)), sums);
                }
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void MultiplyMany<T, TVector>(in WeightProducts products, float* input, float* gradient, float* results)
        where T : struct, IVectorOperations<TVector>
        where TVector : struct
    {
        TVector a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
        TVector b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default;
        TVector c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        nint pixel = products.Windows.PixelStep, step = products.Outputs, rowStep = products.Windows.RowStep;
        int width = products.Windows.Width;
        for (int row = products.Windows.Height; row > 0; row--)
        {
            float* x = input;
            for (int column = width; column > 0; column--)
            {
                TVector g = T.Load(gradient);
                a0 = T.MultiplyAdd(T.Fill(x[0]), g, a0);
                a1 = T.MultiplyAdd(T.Fill(x[1]), g, a1);
                a2 = T.MultiplyAdd(T.Fill(x[2]), g, a2);
                a3 = T.MultiplyAdd(T.Fill(x[3]), g, a3);
                a4 = T.MultiplyAdd(T.Fill(x[4]), g, a4);
                a5 = T.MultiplyAdd(T.Fill(x[5]), g, a5);
                a6 = T.MultiplyAdd(T.Fill(x[6]), g, a6);
                a7 = T.MultiplyAdd(T.Fill(x[7]), g, a7);
                b0 = T.MultiplyAdd(T.Fill(x[8]), g, b0);
                b1 = T.MultiplyAdd(T.Fill(x[9]), g, b1);
                b2 = T.MultiplyAdd(T.Fill(x[10]), g, b2);
                b3 = T.MultiplyAdd(T.Fill(x[11]), g, b3);
                b4 = T.MultiplyAdd(T.Fill(x[12]), g, b4);
                b5 = T.MultiplyAdd(T.Fill(x[13]), g, b5);
                b6 = T.MultiplyAdd(T.Fill(x[14]), g, b6);
                b7 = T.MultiplyAdd(T.Fill(x[15]), g, b7);
                c0 = T.MultiplyAdd(T.Fill(x[16]), g, c0);
                c1 = T.MultiplyAdd(T.Fill(x[17]), g, c1);
                c2 = T.MultiplyAdd(T.Fill(x[18]), g, c2);
                c3 = T.MultiplyAdd(T.Fill(x[19]), g, c3);
                c4 = T.MultiplyAdd(T.Fill(x[20]), g, c4);
                c5 = T.MultiplyAdd(T.Fill(x[21]), g, c5);
                c6 = T.MultiplyAdd(T.Fill(x[22]), g, c6);
                c7 = T.MultiplyAdd(T.Fill(x[23]), g, c7);
                x += pixel;
                gradient += step;
            }
            input += rowStep;
        }
        Store<T, TVector>(results, a0, a1, a2, a3, a4, a5, a6, a7);
        Store<T, TVector>(results + Few * T.Lanes, b0, b1, b2, b3, b4, b5, b6, b7);
        Store<T, TVector>(results + 2 * Few * T.Lanes, c0, c1, c2, c3, c4, c5, c6, c7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void MultiplyFew<T, TVector>(in WeightProducts products, float* input, float* gradient, float* results)
        where T : struct, IVectorOperations<TVector>
        where TVector : struct
    {
        TVector a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
        nint pixel = products.Windows.PixelStep, step = products.Outputs, rowStep = products.Windows.RowStep;
        int width = products.Windows.Width;
        for (int row = products.Windows.Height; row > 0; row--)
        {
            float* x = input;
            for (int column = width; column > 0; column--)
            {
                TVector g = T.Load(gradient);
                a0 = T.MultiplyAdd(T.Fill(x[0]), g, a0);
                a1 = T.MultiplyAdd(T.Fill(x[1]), g, a1);
                a2 = T.MultiplyAdd(T.Fill(x[2]), g, a2);
                a3 = T.MultiplyAdd(T.Fill(x[3]), g, a3);
                a4 = T.MultiplyAdd(T.Fill(x[4]), g, a4);
                a5 = T.MultiplyAdd(T.Fill(x[5]), g, a5);
                a6 = T.MultiplyAdd(T.Fill(x[6]), g, a6);
                a7 = T.MultiplyAdd(T.Fill(x[7]), g, a7);
                x += pixel;
                gradient += step;
            }
            input += rowStep;
        }
        Store<T, TVector>(results, a0, a1, a2, a3, a4, a5, a6, a7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void MultiplyPaired<T, TVector>(in WeightProducts products, float* input, float* gradient, float* results)
        where T : struct, IVectorOperations<TVector>
        where TVector : struct
    {
        TVector a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default;
        TVector b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default;
        nint pixel = products.Windows.PixelStep, step = products.Outputs, rowStep = products.Windows.RowStep;
        int width = products.Windows.Width;
        for (int row = products.Windows.Height; row > 0; row--)
        {
            float* x = input;
            for (int column = width; column > 0; column--)
            {
                TVector g = T.Load(gradient), h = T.Load(gradient + T.Lanes), value = T.Fill(x[0]);
                (a0, b0) = (T.MultiplyAdd(value, g, a0), T.MultiplyAdd(value, h, b0));
                value = T.Fill(x[1]);
                (a1, b1) = (T.MultiplyAdd(value, g, a1), T.MultiplyAdd(value, h, b1));
                value = T.Fill(x[2]);
                (a2, b2) = (T.MultiplyAdd(value, g, a2), T.MultiplyAdd(value, h, b2));
                value = T.Fill(x[3]);
                (a3, b3) = (T.MultiplyAdd(value, g, a3), T.MultiplyAdd(value, h, b3));
                value = T.Fill(x[4]);
                (a4, b4) = (T.MultiplyAdd(value, g, a4), T.MultiplyAdd(value, h, b4));
                value = T.Fill(x[5]);
                (a5, b5) = (T.MultiplyAdd(value, g, a5), T.MultiplyAdd(value, h, b5));
                x += pixel;
                gradient += step;
            }
            input += rowStep;
        }
        Store<T, TVector>(results, a0, b0, a1, b1, a2, b2, a3, b3);
        T.Store(a4, results + 8 * T.Lanes);
        T.Store(b4, results + 9 * T.Lanes);
        T.Store(a5, results + 10 * T.Lanes);
        T.Store(b5, results + 11 * T.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Store<T, TVector>(
        float* to, TVector a0, TVector a1, TVector a2, TVector a3, TVector a4, TVector a5, TVector a6, TVector a7)
        where T : struct, IVectorOperations<TVector>
        where TVector : struct
    {
        T.Store(a0, to);
        T.Store(a1, to + T.Lanes);
        T.Store(a2, to + 2 * T.Lanes);
        T.Store(a3, to + 3 * T.Lanes);
        T.Store(a4, to + 4 * T.Lanes);
        T.Store(a5, to + 5 * T.Lanes);
        T.Store(a6, to + 6 * T.Lanes);
        T.Store(a7, to + 7 * T.Lanes);
    }
}
