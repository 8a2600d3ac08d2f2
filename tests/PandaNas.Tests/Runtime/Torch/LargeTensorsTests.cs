using System.Runtime.InteropServices;
using PandaNas.Runtime.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Tests.Runtime.Torch;

public sealed class LargeTensorsTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Empty_IsAnOrdinaryTensorOnACacheLine(ScalarType type)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux's allocator needs them");
        using var scope = NewDisposeScope();
        Tensor tensor = LargeTensors.Empty([64, 33, 17, 8], type)!;
        Assert.Equal([64L, 33, 17, 8], tensor.shape);
        Assert.Equal(type, tensor.dtype);
        Assert.True(tensor.is_contiguous());
        Assert.Equal(0, AddressOf(tensor) % 64);
        using Scalar one = 1.ToScalar();
        tensor.fill_(one);
        tensor.add_(tensor, one);
        Assert.Equal(2f * tensor.numel(), tensor.to(ScalarType.Float32).sum().item<float>());
    }

    [Fact]
    public void Empty_OfFewBytes_IsLeftToTorch() => Assert.Null(LargeTensors.Empty([16, 16], ScalarType.Float32));

    [Fact]
    public void Empty_GivesItsMemoryBackWithTheLastTensorOverIt()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux's allocator needs them");
        // 256 TiB in all, twice what a process can address.
        for (int i = 0; i < 1 << 17; i++)
        {
            using Tensor tensor = LargeTensors.Empty([1L << 29], ScalarType.Float32)
                ?? throw new InvalidOperationException($"tensor {i} has no memory");
            using Tensor part = tensor.alias();
        }
    }

    [Fact]
    public void Empty_AfterATensorOfThatSize_TakesItsPlaceBetweenOthers()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux's allocator needs them");
        using var scope = NewDisposeScope();
        // More than any other test's, so that none of theirs fits into the gap better.
        Tensor Make() => LargeTensors.Empty([100_000_000], ScalarType.Float32)!;
        (Tensor _, Tensor gap, Tensor _) = (Make(), Make(), Make());
        long place = AddressOf(gap);
        gap.Dispose();
        Assert.Equal(place, AddressOf(Make()));
    }

    private static unsafe long AddressOf(Tensor tensor)
    {
        fixed (byte* start = &MemoryMarshal.GetReference(tensor.bytes)) return (long)start;
    }
}
