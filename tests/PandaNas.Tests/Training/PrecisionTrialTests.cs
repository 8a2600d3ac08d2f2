using PandaNas.Data.Batches;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Tests.Training;

public sealed class PrecisionTrialTests
{
    [Theory]
    [InlineData(10, 5, true, true)]
    [InlineData(10, 9, true, true)]
    // Not clearly faster: now one and now the other would win.
    [InlineData(10, 9.5, true, false)]
    [InlineData(5, 10, true, false)]
    [InlineData(10, 1, false, false)]
    public void Choice_IsTheFasterOfThoseThatAgree(double float32, double bfloat16, bool agrees, bool choosesBFloat16) =>
        Assert.Equal(choosesBFloat16 ? Precision.BFloat16 : Precision.Float32, new PrecisionTrialResult(float32, bfloat16, agrees).Choice);

    [Theory]
    [InlineData(false, 3, 1)]
    [InlineData(false, 1, 3)]
    [InlineData(true, 3, 1)]
    [InlineData(true, 1.1, 1)]
    public void Trial_TellsTheTimesOfAPassAndLeavesTheNetworkAsItWas(bool evaluates, double float32, double bfloat16)
    {
        using var scope = NewDisposeScope();
        using var network = new NasBench201Family().Standalone(
            new NetworkOptions(InputChannels: 3, ImageSize: 8, Classes: 4, Channels: 8, Cells: 1), Architecture(), CPU,
            RandomStream.Derive(1, "weights"));
        float[][] before = Values(network);
        var batch = new Batch(randn([6, 3, 8, 8], generator: new Generator(1)), tensor(new long[] { 0, 1, 2, 3, 0, 1 }));
        var clock = new PassClock(network, float32, bfloat16);
        PrecisionTrialResult result = evaluates
            ? PrecisionTrial.OfEvaluation(network, batch, [Architecture()], clock)
            : PrecisionTrial.OfTraining(network, batch, [Architecture()], clock);
        Assert.Equal((float32, bfloat16), (Math.Round(result.Float32Seconds, 6), Math.Round(result.BFloat16Seconds, 6)));
        Assert.True(result.Agrees);
        Assert.Equal(Precision.Float32, network.Precision);
        Assert.Equal(before, Values(network));
        Assert.All(network.Weights, weight => Assert.Null(weight.Tensor.grad));
        Assert.False(batch.Images.IsInvalid);
    }

    private static Architecture Architecture() =>
        NasBench201Space.Instance.Parse("|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_3x3~2|");

    private static float[][] Values(Network network) => [.. network.State().Select(entry => entry.Tensor.data<float>().ToArray())];

    // The time is asked for before and after a pass; between two questions, as much goes by as its precision takes.
    private sealed class PassClock(Network network, double float32, double bfloat16) : TimeProvider
    {
        private double _now;

        public override long TimestampFrequency => 1_000_000_000;

        public override long GetTimestamp()
        {
            _now += network.Precision == Precision.Float32 ? float32 : bfloat16;
            return (long)(_now * 1e9);
        }
    }
}
