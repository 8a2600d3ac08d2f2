using PandaNas.Reporting.Charts;

namespace PandaNas.Tests.Reporting;

/// <summary>Axes reach from round number to round number, and write all of them in one unit.</summary>
public sealed class AxisTests
{
    [Fact]
    public void NumbersBeginAndEndTheAxis()
    {
        Scale scale = Scale.Over(new Axis("loss"), [0.99, 1.68], 254, 12);

        Assert.Equal([0.8, 1.0, 1.2, 1.4, 1.6, 1.8], scale.Ticks(), (one, other) => Math.Abs(one - other) < 1e-9);
        Assert.Equal((254.0, 12.0), (scale.At(scale.Low), scale.At(scale.High)));
    }

    [Fact]
    public void SharesMayBeQuartersAndCountsAreWhole()
    {
        var shares = Scale.Over(new Axis("share", NumberKind.Share, From: 0, To: 1), [], 0, 246);
        var epochs = Scale.Over(new Axis("epoch", NumberKind.Count, From: 1, To: 3), [1, 2, 3], 0, 400);

        Assert.Equal(["0%", "25%", "50%", "75%", "100%"], shares.Ticks().Select(shares.Axis.Text));
        Assert.Equal([1.0, 2.0, 3.0], epochs.Ticks());
    }

    [Fact]
    public void NumbersOfAnAxisHaveOneUnit()
    {
        var scale = Scale.Over(new Axis("images", NumberKind.Count, From: 0), [8999], 0, 242);

        Assert.Equal(["0", "5k", "10k"], scale.Ticks().Select(tick => scale.Axis.Text(tick, scale.High)));
    }
}
