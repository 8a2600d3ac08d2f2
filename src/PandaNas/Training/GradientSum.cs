using PandaNas.Runtime.Torch;
using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>Gradients of several paths, added up weight by weight.</summary>
internal static class GradientSum
{
    /// <summary>Moves gradients into a sum: afterwards the sum owns them and their array is empty.</summary>
    public static void Take(Tensor?[] gradients, Tensor?[] sum)
    {
        for (int i = 0; i < sum.Length; i++)
        {
            if (gradients[i] is not { } gradient) continue;
            gradients[i] = null;
            if (sum[i] is { } present)
            {
                present.AddInPlace(gradient);
                gradient.Dispose();
            }
            else
            {
                sum[i] = gradient;
            }
        }
    }

    /// <summary>Disposes gradients and empties their array.</summary>
    public static void Clear(Tensor?[] gradients)
    {
        for (int i = 0; i < gradients.Length; i++)
        {
            gradients[i]?.Dispose();
            gradients[i] = null;
        }
    }
}
