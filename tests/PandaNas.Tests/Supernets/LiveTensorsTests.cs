using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets;

public sealed class LiveTensorsTests
{
    [Fact]
    public void After_FreesWhatNoLaterBlockReads()
    {
        using var scope = NewDisposeScope();
        Tensor input = ones(3);
        Tensor? helper = null, first, second, third;
        Tensor result;
        using (var live = new LiveTensors())
        {
            first = live.After(() => (helper = input + 1) + 1);
            Assert.True(helper!.IsInvalid);
            Assert.False(first.IsInvalid);
            // As a layer that is left out: its input is its output.
            second = live.After(() => first);
            Assert.False(second.IsInvalid);
            third = live.After(() => second * 2);
            Assert.True(first.IsInvalid);
            result = live.Result(third + 1);
        }
        Assert.True(third.IsInvalid);
        Assert.False(input.IsInvalid);
        Assert.Equal([7f, 7, 7], result.data<float>().ToArray());
    }

    [Fact]
    public void After_WhatATapeHolds_StaysForTheWayBack()
    {
        using var scope = NewDisposeScope();
        Tensor? held = null;
        using (var live = new LiveTensors())
        {
            Tensor first = live.After(() => held = ones(3).DetachFromDisposeScope());
            live.After(() => first * 2);
        }
        Assert.False(held!.IsInvalid);
        held.Dispose();
    }
}
