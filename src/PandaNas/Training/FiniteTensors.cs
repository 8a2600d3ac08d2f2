using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>
/// Looks for numbers that are not finite, before tensors are saved: weights that hold one are lost, however small the loss was.
/// </summary>
internal static class FiniteTensors
{
    /// <summary>What is not finite, in words; null when everything is.</summary>
    public static string? Explain(IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        long broken = 0;
        string? first = null;
        foreach ((string name, Tensor tensor) in tensors)
        {
            if (CountIn(tensor) is not (> 0 and var count)) continue;
            broken += count;
            first ??= name;
        }
        return first is null ? null : FormattableString.Invariant($"{broken} numbers are not finite, the first of them in '{first}'");
    }

    private static long CountIn(Tensor tensor)
    {
        if (!tensor.is_floating_point()) return 0;
        using var scope = NewDisposeScope();
        using var still = no_grad();
        Tensor finite = tensor.isfinite();
        // A single reduction where all is well, which is nearly always.
        if (finite.all().item<bool>()) return 0;
        return tensor.numel() - finite.sum().item<long>();
    }
}
