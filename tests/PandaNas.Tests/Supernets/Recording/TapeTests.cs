using PandaNas.Runtime.Torch;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Kernels.Convolutions;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.Recording;

public sealed class TapeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Over_GraphWithSharedValues_HasTheGradientsOfTorch(bool inputNeedsGradient)
    {
        using var scope = NewDisposeScope();
        (Tensor input, Tensor weight, Tensor factor) = (Draw(1, 2, 8, 6, 6), Draw(2, 8, 8, 3, 3), Draw(3, 1, 8, 1, 1));
        Tensor[] recorded = Copies(input, weight, factor), plain = Copies(input, weight, factor);
        recorded[0].requires_grad = plain[0].requires_grad = inputNeedsGradient;
        Tensor result = Tape.Over(ChannelsLast.Of(recorded[0]), x => Network(x, recorded[1], recorded[2]));
        Tensor expected = Network(ChannelsLast.Of(plain[0]), plain[1], plain[2]);
        Tensor gradient = Draw(4, 2, 8);
        result.backward([gradient]);
        expected.backward([gradient]);
        Close(expected, result);
        Close(plain[1].grad!, recorded[1].grad!);
        Close(plain[2].grad!, recorded[2].grad!);
        Assert.Equal(inputNeedsGradient, recorded[0].grad is not null);
        if (inputNeedsGradient) Close(plain[0].grad!, recorded[0].grad!);
    }

    [Fact]
    public void Over_SecondPass_AddsToTheGradientsOfWeights()
    {
        using var scope = NewDisposeScope();
        Tensor weight = Draw(2, 8, 8, 3, 3).requires_grad_();
        Tensor input = ChannelsLast.Of(Draw(1, 2, 8, 6, 6));
        void Pass() => Tape.Over(input, x => DirectConvolution.Apply(x, weight, null, 1)).sum().backward();
        Pass();
        Tensor once = weight.grad!.clone();
        Pass();
        Close(once.mul(Number.Of(2)), weight.grad!);
    }

    [Fact]
    public void Over_ScopeOfTheForwardPassEnded_StillGoesBack()
    {
        using var scope = NewDisposeScope();
        Tensor weight = Draw(2, 8, 8, 3, 3).requires_grad_();
        Tensor loss;
        using (var _ = NewDisposeScope())
            loss = Tape.Over(ChannelsLast.Of(Draw(1, 2, 8, 6, 6)), x => Network(x, weight, null)).sum().MoveToOuterDisposeScope();
        loss.backward();
        Assert.True(weight.grad!.abs().sum().item<float>() > 0);
    }

    [Fact]
    public void Over_TorchBesideTheTape_IsAnErrorAndNoLostGradient()
    {
        using var scope = NewDisposeScope();
        Tensor weight = Draw(2, 8, 8, 3, 3).requires_grad_();
        Tensor input = ChannelsLast.Of(Draw(1, 2, 8, 6, 6));
        Exception error = Assert.Throws<InvalidOperationException>(
            () => Tape.Over(input, x => GlobalMean.Apply(DirectConvolution.Apply(x, weight, null, 1).relu())));
        Assert.Contains("Tape.Torch", error.Message);
        // The tape that failed is gone.
        Assert.True(DirectConvolution.Apply(input, weight, null, 1).requires_grad);
    }

    [Fact]
    public void Over_WeightUsedByTorchOnly_GetsItsGradient()
    {
        using var scope = NewDisposeScope();
        Tensor weight = Draw(2, 1, 8, 1, 1).requires_grad_();
        Tensor input = ChannelsLast.Of(Draw(1, 2, 8, 6, 6));
        Tape.Over(input, x => GlobalMean.Apply(Tape.Torch(x, values => values.mul(weight)))).sum().backward();
        Close(input.mean([2, 3]).sum([0L]).reshape(1, 8, 1, 1), weight.grad!);
    }

    [Fact]
    public void Over_ConstantBranch_PassesNoGradientAndDoesNotDisturb()
    {
        using var scope = NewDisposeScope();
        Tensor weight = Draw(2, 8, 8, 3, 3).requires_grad_(), input = ChannelsLast.Of(Draw(1, 2, 8, 6, 6));
        Tensor Compute(Tensor x) => GlobalMean.Apply(NormalizedSum.Apply(
            [
                new SumTerm(DirectConvolution.Apply(x, weight, null, 1)), new SumTerm(AveragePool3x3.Apply(x)),
                new SumTerm(Tape.Constant(ones_like(x))),
            ],
            1e-5, new SumResults(Raw: true, Activated: false)).Raw!);
        Tape.Over(input, Compute).sum().backward();
        Tensor recorded = weight.grad!.clone();
        weight.grad = null;
        Compute(input).sum().backward();
        Close(weight.grad!, recorded);
    }

    [Fact]
    public void Torch_NothingNeedsAGradient_GivesAConstant()
    {
        using var scope = NewDisposeScope();
        Tensor weight = Draw(2, 8, 8, 3, 3).requires_grad_(), input = ChannelsLast.Of(Draw(1, 2, 8, 6, 6));
        (bool ofConstant, bool ofWeight) = (true, false);
        RecordedOperations.BackwardFrom(Tape.Over(input, x =>
        {
            Tensor doubled = Tape.Torch(x, values => values.mul(Number.Of(2)));
            ofConstant = Tape.NeedsGradient(doubled);
            Tensor weighted = Tape.Torch(doubled, values => nn.functional.conv2d(values, weight, padding: [1, 1]));
            ofWeight = Tape.NeedsGradient(weighted);
            return weighted;
        }).sum());
        Assert.False(ofConstant);
        Assert.True(ofWeight);
        Tensor once = weight.grad!.clone();
        weight.grad = null;
        nn.functional.conv2d(input.mul(Number.Of(2)), weight, padding: [1, 1]).sum().backward();
        Close(weight.grad!, once);
    }

    [Fact]
    public void Backward_WhatGoesWrong_IsThrownAfterTorchIsDone()
    {
        using var scope = NewDisposeScope();
        Tensor weight = Draw(2, 8, 8, 3, 3).requires_grad_();
        Tensor input = ChannelsLast.Of(Draw(1, 2, 8, 6, 6));
        Tensor loss = Tape.Over(input, x => Tape.Run(new Broken(), DirectConvolution.Apply(x, weight, null, 1))[0]).sum();
        Assert.Equal("broken", Assert.Throws<ArithmeticException>(() => RecordedOperations.BackwardFrom(loss)).Message);
        // The next pass knows nothing of it.
        RecordedOperations.BackwardFrom(Tape.Over(input, x => DirectConvolution.Apply(x, weight, null, 1)).sum());
        Assert.NotNull(weight.grad);
    }

    [Fact]
    public void Backward_ASecondTime_IsAnError()
    {
        using var scope = NewDisposeScope();
        Tensor weight = Draw(2, 8, 8, 3, 3).requires_grad_();
        Tensor loss = Tape.Over(ChannelsLast.Of(Draw(1, 2, 8, 6, 6)), x => DirectConvolution.Apply(x, weight, null, 1)).sum();
        RecordedOperations.BackwardFrom(loss, keepGraph: true);
        Assert.Throws<InvalidOperationException>(() => RecordedOperations.BackwardFrom(loss));
    }

    private sealed class Broken : FusedFunction
    {
        public override List<Tensor> Forward(Kept? kept, object?[] arguments) => [((Tensor)arguments[0]!).mul(Number.Of(2))];

        public override List<Tensor?> Backward(Kept kept, Tensor?[] gradients) => throw new ArithmeticException("broken");
    }

    // A value that three others read, one of which is torch's, and a weight that is used twice.
    private static Tensor Network(Tensor input, Tensor weight, Tensor? factor)
    {
        Tensor first = DirectConvolution.Apply(input, weight, null, 1);
        Tensor second = DirectConvolution.Apply(first, weight, null, 1);
        Tensor third =
            Tape.Torch([first, second], both => factor is null ? both[0].sigmoid() : both[0].mul(factor).Plus(both[1].sigmoid()));
        return GlobalMean.Apply(NormalizedSum.Apply(
            [
                new SumTerm(first), new SumTerm(second, new BatchStatistics()),
                new SumTerm(ChannelsLast.Is(third) ? third : Tape.Torch(third, ChannelsLast.Of)),
            ],
            1e-5, new SumResults(Raw: false, Activated: true)).Activated!);
    }

    private static Tensor Draw(long seed, params long[] shape) => randn(shape, generator: new Generator((ulong)seed, CPU));

    private static Tensor[] Copies(params Tensor[] tensors) => [.. tensors.Select(tensor => tensor.clone().requires_grad_())];

    private static void Close(Tensor expected, Tensor actual) =>
        Assert.True(actual.sub(expected).abs().max().item<float>() <= 1e-5f * Math.Max(1, expected.abs().max().item<float>()));
}
