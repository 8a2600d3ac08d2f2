using PandaNas.Supernets.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.Layers;

public sealed class LiveTensorsTests
{
    [Fact]
    public void After_FreesWhatNoLaterBlockReads()
    {
        using var scope = NewDisposeScope();
        using Scalar two = 2.ToScalar();
        Tensor input = ones(3);
        Tensor? helper = null, first, second, third;
        Tensor result;
        using (var live = new LiveTensors())
        {
            first = live.After(() => (helper = input * two) * two);
            Assert.True(helper!.IsInvalid);
            Assert.False(first.IsInvalid);
            // As a layer that is left out: its input is its output.
            second = live.After(() => first);
            Assert.False(second.IsInvalid);
            third = live.After(() => second * two);
            Assert.True(first.IsInvalid);
            result = live.Result(third * two);
        }
        Assert.True(third.IsInvalid);
        Assert.False(input.IsInvalid);
        Assert.Equal([16f, 16, 16], result.data<float>().ToArray());
    }

    [Fact]
    public void After_WhatATapeHolds_StaysForTheWayBack()
    {
        using var scope = NewDisposeScope();
        using Scalar two = 2.ToScalar();
        Tensor? held = null;
        using (var live = new LiveTensors())
        {
            Tensor first = live.After(() => held = ones(3).DetachFromDisposeScope());
            live.After(() => first * two);
        }
        Assert.False(held!.IsInvalid);
        held.Dispose();
    }
}
