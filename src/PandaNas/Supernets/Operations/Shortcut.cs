using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Operations;

/// <summary>
/// What goes past an operation to be added to its output: the input, and where the shape changes the input halved by average pooling, if
/// the stride is 2, and through a 1×1 convolution.
/// </summary>
internal sealed class Shortcut(OperationSetting setting)
{
    private readonly Convolution? _projection = setting.Shape.IsKept
        ? null
        : new Convolution(setting.Store, $"{setting.Name}.shortcut", setting.Shape.Inputs, setting.Shape.Outputs, 1, 1, bias: false);

    /// <summary>What is added.</summary>
    public Term<T> Of<T>(IComputation<T> computation, T input) where T : class
    {
        // Rounding up keeps odd sizes in step with the strided convolution.
        if (setting.Shape.Stride == 2) input = computation.Pool(input, Pooling.Halving);
        return new(_projection is null ? input : computation.Convolve(input, _projection));
    }
}
