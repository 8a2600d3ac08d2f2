using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Cli.Tests.TorchCalls;

/// <summary>What looks like the faults of <see cref="KnownBad"/> and is none.</summary>
internal static class KnownGood
{
    private static readonly Scalar Two = 2.ToScalar();

    public static Tensor NumberHeld(Tensor x)
    {
        using Scalar two = 2.ToScalar();
        return x.mul(two);
    }

    public static Tensor NumberKept(Tensor x)
    {
        Scalar two = 2.ToScalar();
        Tensor result = x.mul(two);
        GC.KeepAlive(two);
        return result;
    }

    public static Tensor NumberOfAField(Tensor x) => x.mul(Two);

    public static Tensor Scoped(Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.relu().sigmoid().MoveToOuterDisposeScope();
    }

    public static Tensor ScopedByTheCaller(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Chain(x).MoveToOuterDisposeScope();
    }

    public static Tensor Disposed(Tensor x)
    {
        using Tensor positive = x.relu();
        return positive.sigmoid();
    }

    public static Tensor InPlace(Tensor x) => x.relu_().sigmoid_();

    public static Tensor InAnArray(Tensor x)
    {
        using Tensor positive = x.relu(), squashed = x.sigmoid();
        return cat([positive, squashed]);
    }

    public static float Memory()
    {
        using Tensor values = ones(4);
        return MemoryMarshal.Cast<byte, float>(values.bytes)[0];
    }

    private static Tensor Chain(Tensor x) => x.relu().sigmoid();
}
