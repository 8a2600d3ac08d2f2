namespace PandaNas.Supernets.Kernels.Convolutions;

/// <summary>
/// Weights in the order in which the products read them. Torch's order is outputs × inputs × rows × columns; here all values of a
/// window come in turn, and the outputs in vectors.
/// </summary>
internal static unsafe class PackedWeights
{
    /// <summary>For the results: vectors of outputs × rows × columns × inputs × lanes.</summary>
    public static void ForResults(float* weights, in ConvolutionGeometry shape, int lanes, float* packed)
    {
        int area = shape.Kernel * shape.Kernel;
        for (int output = 0; output < shape.Outputs; output += lanes)
            for (int tap = 0; tap < area; tap++)
                for (int input = 0; input < shape.Inputs; input++)
                    for (int lane = 0; lane < lanes; lane++)
                        *packed++ = weights[((output + lane) * shape.Inputs + input) * area + tap];
    }

    /// <summary>
    /// For the gradient of the input at the pixels of a phase: vectors of inputs × rows × columns × outputs × lanes, with the rows and
    /// columns that meet such pixels, last first.
    /// </summary>
    public static void ForInputs(float* weights, in ConvolutionGeometry shape, Phase rows, Phase columns, int lanes, float* packed)
    {
        int area = shape.Kernel * shape.Kernel;
        for (int input = 0; input < shape.Inputs; input += lanes)
            for (int row = 0; row < rows.Taps; row++)
                for (int column = 0; column < columns.Taps; column++)
                {
                    int tap = rows.Tap(row) * shape.Kernel + columns.Tap(column);
                    for (int output = 0; output < shape.Outputs; output++)
                        for (int lane = 0; lane < lanes; lane++)
                            *packed++ = weights[(output * shape.Inputs + input + lane) * area + tap];
                }
    }

    /// <summary>Adds up the parts' gradients, in the order of <see cref="ForResults"/>, and puts them in torch's order.</summary>
    public static void Unpack(Scratch sums, int parts, in ConvolutionGeometry shape, int lanes, float* gradients)
    {
        int area = shape.Kernel * shape.Kernel, at = 0;
        for (int output = 0; output < shape.Outputs; output += lanes)
            for (int tap = 0; tap < area; tap++)
                for (int input = 0; input < shape.Inputs; input++)
                    for (int lane = 0; lane < lanes; lane++, at++)
                    {
                        float sum = 0;
                        for (int part = 0; part < parts; part++) sum += sums.Slice(part)[at];
                        gradients[((output + lane) * shape.Inputs + input) * area + tap] = sum;
                    }
    }
}
