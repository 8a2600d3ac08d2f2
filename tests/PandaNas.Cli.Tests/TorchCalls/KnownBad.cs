using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Cli.Tests.TorchCalls;

/// <summary>Every fault that the check must find; nothing calls these.</summary>
internal static class KnownBad
{
    public static Tensor NumberMadeInPlace(Tensor x) => x.mul(2.ToScalar());

    public static Tensor NumberOfAVariableNotHeld(Tensor x)
    {
        Scalar two = 2.ToScalar();
        two = Chosen(two, x);
        return x.mul(two);
    }

    public static Tensor NumberConverted(Tensor x) => x.clamp(0, 1);

    public static Tensor NumberOfTorchSharp(Tensor x, Tensor y) => x.add(y);

    public static Tensor NumberOfTorchSharpInPlace(Tensor x, Tensor y) => x.add_(y);

    public static Tensor NumberOfAnOperator(Tensor x, Tensor y) => x * 2 + y;

    public static Tensor NumberThroughAMethod(Tensor x) => Times(x, 3.ToScalar());

    public static Tensor Unscoped(Tensor x) => x.relu().sigmoid();

    public static Tensor UnscopedInAnArray(Tensor x) => cat([x.relu(), x.sigmoid()]);

    public static Tensor UnscopedInALambda(Tensor[] tensors) => stack(tensors.Select(tensor => tensor.norm()));

    public static Tensor OfAnotherMethod(Tensor x) => Halved(x).relu();

    public static float Memory() => MemoryMarshal.Cast<byte, float>(ones(4).bytes)[0];

    public static unsafe float Address()
    {
        Tensor values = ones(4);
        float* first;
        fixed (byte* start = &MemoryMarshal.GetReference(values.bytes)) first = (float*)start;
        GC.Collect();
        return Math.Abs(*first) + Sum(first);
    }

    public static Tensor Detached(Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.relu().DetachFromDisposeScope().sigmoid().MoveToOuterDisposeScope();
    }

    private static Tensor Times(Tensor x, Scalar number) => x.mul(number);

    private static Scalar Chosen(Scalar number, Tensor x) => x.numel() > 0 ? number : 1.ToScalar();

    private static Tensor Halved(Tensor x)
    {
        using Scalar half = 0.5.ToScalar();
        return x.mul(half);
    }

    private static unsafe float Sum(float* values) => values[0] + values[1];
}
