using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Supernets;

/// <summary>A batch norm and the activation after it, in one call.</summary>
internal static class NormActivation
{
    // Nothing else reads the normalised features, so the activation may overwrite them.
    public static Tensor ForwardRelu(this BatchNorm norm, Tensor input, bool training) => norm.Forward(input, training).relu_();

    public static Tensor ForwardRelu6(this BatchNorm norm, Tensor input, bool training) => functional.relu6(norm.Forward(input, training), inplace: true);
}
