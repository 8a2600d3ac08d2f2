using PandaNas.Costs;
using PandaNas.Spaces;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Supernets.NasBench201;

namespace PandaNas.Tests.Costs;

public sealed class CostCounterTests
{
    [Fact]
    public void CostsOfLayers_AreThoseOfTheirShapes()
    {
        Assert.Equal(
            CostCounter.Count([new ConvolutionShape(4, 8, 3, 2, 2, true, 5, 5), new LinearShape(3, 7, true), new BatchNormShape(6, true)]),
            Cost.OfConvolution(4, 8, 3, 5, groups: 2, bias: true) + Cost.OfLinear(3, 7) + Cost.OfBatchNorm(6));
        Assert.ThrowsAny<ArgumentException>(() => Cost.OfConvolution(4, 8, 3, 5, groups: 3));
    }

    [Fact]
    public void Convolution_CountsWeightsAndBias()
    {
        var layer = new ConvolutionShape(3, 16, 3, 1, 1, true, 32, 30);
        Assert.Equal((3 * 16 * 9) + 16, layer.Parameters);
        Assert.Equal(3 * 16 * 9 * 32 * 30, layer.MultiplyAdds);
    }

    [Fact]
    public void DepthwiseConvolution_DividesByItsGroups()
    {
        var layer = new ConvolutionShape(16, 32, 5, 2, 16, false, 7, 7);
        Assert.Equal(32 * 25, layer.Parameters);
        Assert.Equal(32 * 25 * 49, layer.MultiplyAdds);
    }

    [Fact]
    public void BatchNorm_CountsScaleAndShiftOnly()
    {
        Assert.Equal(32, new BatchNormShape(16, true).Parameters);
        Assert.Equal(0, new BatchNormShape(16, false).Parameters);
        Assert.Equal(0, new BatchNormShape(16, true).MultiplyAdds);
    }

    [Fact]
    public void Linear_CountsWeightsAndBias()
    {
        Assert.Equal(650, new LinearShape(64, 10, true).Parameters);
        Assert.Equal(640, new LinearShape(64, 10, false).Parameters);
        Assert.Equal(640, new LinearShape(64, 10, true).MultiplyAdds);
    }

    [Fact]
    public void NoLayers_CostNothing() => Assert.Equal(new Cost(0, 0), CostCounter.Count([]));

    [Fact]
    public void Costs_Add() => Assert.Equal(new Cost(4, 6), new Cost(1, 2) + new Cost(3, 4));

    // Published: 1.531546 M and 0.073306 M parameters, 220.119690 M and 7.783050 M FLOPs; those count the classifier's 10 biases.
    [Theory]
    [InlineData(NasBench201Space.Convolution3x3, 1_531_546, 220_119_680)]
    [InlineData(NasBench201Space.None, 73_306, 7_783_040)]
    public void NasBench201_HasThePublishedCost(int operation, long parameters, long multiplyAdds)
    {
        var architecture = new Architecture([operation, operation, operation, operation, operation, operation]);
        Assert.Equal(new Cost(parameters, multiplyAdds), CostCounter.Count(NasBench201Costs.Layers(architecture)));
    }

    [Fact]
    public void ImpossibleSizes_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConvolutionShape(0, 1, 1, 1, 1, false, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConvolutionShape(1, 1, 1, 1, 1, false, 1, 0));
        Assert.Throws<ArgumentException>(() => new ConvolutionShape(4, 6, 1, 1, 4, false, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchNormShape(0, true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearShape(1, 0, true));
    }

    [Fact]
    public void Overflow_IsAnErrorNotAWrongCount()
    {
        var layer = new ConvolutionShape(int.MaxValue, int.MaxValue, 64, 1, 1, false, 1, 1);
        Assert.Throws<OverflowException>(() => layer.Parameters);
        Assert.Throws<OverflowException>(() => new Cost(long.MaxValue, 0) + new Cost(1, 0));
    }
}
