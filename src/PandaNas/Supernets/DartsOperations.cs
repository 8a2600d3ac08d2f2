using PandaNas.Spaces;

namespace PandaNas.Supernets;

/// <summary>Makes the operations of the DARTS space.</summary>
internal static class DartsOperations
{
    /// <summary>One operation.</summary>
    /// <param name="store">Makes the weights.</param>
    /// <param name="name">Starts their names.</param>
    /// <param name="operation">Which, an index into the space's operations.</param>
    /// <param name="channels">Channels of input and output.</param>
    /// <param name="stride">1, or 2 on the inputs of a reduction cell.</param>
    /// <param name="normalization">How batch norms normalise.</param>
    /// <param name="normalizedPooling">Whether pooling is followed by a batch norm, as in the supernet.</param>
    public static IOperation Make(WeightStore store, string name, int operation, int channels, int stride, Normalization normalization, bool normalizedPooling) => operation switch
    {
        Darts.MaxPool3x3 or Darts.AveragePool3x3 when normalizedPooling => new Pooling(store, name, channels, operation == Darts.MaxPool3x3, stride, normalization),
        Darts.MaxPool3x3 or Darts.AveragePool3x3 => new Pooling(operation == Darts.MaxPool3x3, stride),
        Darts.SkipConnect when stride == 1 => new Identity(),
        Darts.SkipConnect => new FactorizedReduction(store, name, channels, channels, normalization),
        Darts.SeparableConvolution3x3 => new TwiceSeparableConvolution(store, name, channels, 3, stride, normalization),
        Darts.SeparableConvolution5x5 => new TwiceSeparableConvolution(store, name, channels, 5, stride, normalization),
        Darts.DilatedConvolution3x3 => new SeparableConvolution(store, name, channels, channels, 3, stride, 2, normalization),
        Darts.DilatedConvolution5x5 => new SeparableConvolution(store, name, channels, channels, 5, stride, 2, normalization),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "no operation of the DARTS space"),
    };
}
