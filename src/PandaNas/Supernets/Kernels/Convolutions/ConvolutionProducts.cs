using PandaNas.Runtime.Threads;

namespace PandaNas.Supernets.Kernels.Convolutions;

/// <summary>
/// The three products of a convolution, image by image on torch's threads, in a fixed partition by thread: the same bits for the same
/// number of threads. All memory is channels-last, but weights, which are in torch's order.
/// </summary>
/// <typeparam name="T">The width of the vectors.</typeparam>
/// <typeparam name="TVector">Such a vector.</typeparam>
internal static unsafe class ConvolutionProducts<T, TVector>
    where T : struct, IVectorOperations<TVector>
    where TVector : struct
{
    /// <summary>The convolution.</summary>
    /// <param name="shape">Outputs must be a multiple of the lanes.</param>
    /// <param name="input">The images.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="bias">What results start from, a value for each output; null for 0.</param>
    /// <param name="results">Receives the results.</param>
    public static void Forward(ConvolutionGeometry shape, float* input, float* weights, float* bias, float* results)
    {
        shape = shape.Flattened();
        var padded = new PaddedImage(shape.Height, shape.Width, shape.Inputs, shape.Padding);
        int parts = shape.Parts;
        using Scratch packed = new(1, shape.WeightValues), images = new(parts, padded.Values);
        PackedWeights.ForResults(weights, shape, Correlation<T, TVector>.PackedLanes(shape.Outputs), packed.Slice(0));
        var product = new Correlation<T, TVector>(
            WindowsOf(shape, padded), new Results(shape.Outputs, shape.ResultWidth * shape.Outputs, shape.Outputs));
        ParallelRegion.For(parts, part =>
        {
            padded.Clear(images.Slice(part));
            (int first, int end) = shape.ImagesOf(part, parts);
            for (int image = first; image < end; image++)
            {
                float* source = padded.Fill(images.Slice(part), input + image * shape.ImageValues);
                product.Run(source, packed.Slice(0), bias, results + image * shape.ResultValues);
            }
        });
    }

    /// <summary>The gradient of the input.</summary>
    /// <param name="shape">Inputs must be a multiple of the lanes.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="gradients">Those of the results.</param>
    /// <param name="inputGradients">Receives those of the images.</param>
    public static void InputGradients(ConvolutionGeometry shape, float* weights, float* gradients, float* inputGradients)
    {
        shape = shape.Flattened();
        var padded = new PaddedImage(shape.ResultHeight, shape.ResultWidth, shape.Outputs, shape.Padding);
        int parts = shape.Parts, phases = shape.Stride * shape.Stride;
        using Scratch packed = new(phases, shape.WeightValues), images = new(parts, padded.Values);
        var products = new Correlation<T, TVector>[phases];
        long[] from = new long[phases], to = new long[phases];
        for (int phase = 0; phase < phases; phase++)
        {
            Phase rows = new(phase / shape.Stride, shape.Kernel, shape.Stride);
            Phase columns = new(phase % shape.Stride, shape.Kernel, shape.Stride);
            PackedWeights.ForInputs(weights, shape, rows, columns, Correlation<T, TVector>.PackedLanes(shape.Inputs), packed.Slice(phase));
            int height = rows.Count(shape.Height), width = columns.Count(shape.Width);
            var windows = new Windows(rows.Taps, columns.Taps * shape.Outputs, padded.Row, shape.Outputs, padded.Row, height, width);
            var results = new Results(shape.Stride * shape.Inputs, shape.Stride * shape.Width * shape.Inputs, shape.Inputs);
            products[phase] = new(windows, results);
            from[phase] = (shape.Padding + rows.Start) * padded.Row + (shape.Padding + columns.Start) * shape.Outputs;
            to[phase] = (long)(rows.First * shape.Width + columns.First) * shape.Inputs;
        }
        ParallelRegion.For(parts, part =>
        {
            padded.Clear(images.Slice(part));
            (int first, int end) = shape.ImagesOf(part, parts);
            for (int image = first; image < end; image++)
            {
                float* source = padded.Fill(images.Slice(part), gradients + image * shape.ResultValues);
                for (int phase = 0; phase < phases; phase++)
                    products[phase].Run(
                        source + from[phase], packed.Slice(phase), null, inputGradients + image * shape.ImageValues + to[phase]);
            }
        });
    }

    /// <summary>The gradient of the weights.</summary>
    /// <param name="shape">Outputs must be a multiple of the lanes; inputs of 8, if the kernel is 1×1.</param>
    /// <param name="input">The images.</param>
    /// <param name="gradients">Those of the results.</param>
    /// <param name="weightGradients">Receives those of the weights.</param>
    public static void WeightGradients(ConvolutionGeometry shape, float* input, float* gradients, float* weightGradients)
    {
        shape = shape.Flattened();
        var padded = new PaddedImage(shape.Height, shape.Width, shape.Inputs, shape.Padding);
        int parts = shape.Parts;
        using Scratch sums = new(parts, shape.WeightValues), images = new(parts, padded.Values);
        var product = new WeightProducts(WindowsOf(shape, padded), shape.Outputs);
        ParallelRegion.For(parts, part =>
        {
            float* own = sums.ZeroedSlice(part);
            padded.Clear(images.Slice(part));
            (int first, int end) = shape.ImagesOf(part, parts);
            for (int image = first; image < end; image++)
            {
                float* source = padded.Fill(images.Slice(part), input + image * shape.ImageValues);
                product.Add<T, TVector>(source, gradients + image * shape.ResultValues, own);
            }
        });
        PackedWeights.Unpack(sums, parts, shape, product.Lanes<T, TVector>(), weightGradients);
    }

    private static Windows WindowsOf(in ConvolutionGeometry shape, in PaddedImage padded) => new(
        shape.Kernel, shape.Kernel * shape.Inputs, padded.Row,
        shape.Stride * shape.Inputs, shape.Stride * padded.Row, shape.ResultHeight, shape.ResultWidth);
}
