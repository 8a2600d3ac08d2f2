using PandaNas.Distributed;
using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.Recording;
using PandaNas.Tests.Distributed;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.Layers;

/// <summary>Batch norms of which every rank has a part of the batch, against one process that has the whole.</summary>
public sealed class SharedNormTests
{
    private const int Ranks = 3, Images = 7;

    // With 257 channels torch's own operations normalise.
    [Theory]
    [InlineData(6, ScalarType.Float32, 1e-5)]
    [InlineData(6, ScalarType.BFloat16, 3e-2)]
    [InlineData(257, ScalarType.Float32, 1e-5)]
    public void NodeOfUnevenParts_IsThatOfTheWholeBatch(int channels, ScalarType type, double tolerance)
    {
        Assert.Equal(channels == 257, !ChannelLayout.Handles(channels));
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        Tensor values = randn(2 * Images, channels, 3, 2, generator: random), upstream = randn(Images, channels, 3, 2, generator: random);
        Result whole = Compute(values, upstream, 0, Images, type, null);
        var parts = new Result[Ranks];
        InProcessRanks.Run(Ranks, ranks =>
        {
            int start = Images * ranks.Rank / Ranks, end = Images * (ranks.Rank + 1) / Ranks;
            parts[ranks.Rank] = Compute(values, upstream, start, end - start, type, ranks);
        }).Dispose();
        Close(whole.Output, [.. parts.SelectMany(part => part.Output)]);
        Close(whole.Gradient, [.. parts.SelectMany(part => part.Gradient)]);
        // Of weights every rank has its part.
        Close(whole.OfScale, Total(parts, part => part.OfScale));
        Close(whole.OfShift, Total(parts, part => part.OfShift));
        Assert.All(parts, part => Close(whole.Running, part.Running));
        Assert.All(parts, part => Assert.Equal(parts[0].Running, part.Running));

        void Close(float[] expected, float[] actual)
        {
            Assert.Equal(expected.Length, actual.Length);
            double largest = expected.Max(MathF.Abs);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance * largest));
        }
    }

    private sealed record Result(float[] Output, float[] Gradient, float[] OfScale, float[] OfShift, float[] Running);

    private static float[] Total(Result[] parts, Func<Result, float[]> values) =>
        [.. values(parts[0]).Select((_, i) => parts.Sum(part => values(part)[i]))];

    // Two inputs, one of them normalised, and the activation; gradients are those of a sum over all images.
    private static Result Compute(Tensor values, Tensor upstream, int start, int count, ScalarType type, ICommunicator? ranks)
    {
        using var scope = NewDisposeScope();
        int channels = (int)values.shape[1];
        using var store = new WeightStore(CPU, RandomStream.Derive(0, "weights"));
        var norm = new BatchNorm(store, "norm", channels, Normalization.RunningStatistics, 1.5);
        Tensor leaf = ChannelsLast.Of(values.slice(0, start, start + count, 1).to(type)).detach().requires_grad_();
        Tensor other = ChannelsLast.Of(values.slice(0, Images + start, Images + start + count, 1).to(type));
        Features<Tensor> node = Node.Sum(
            [new Term<Tensor>(leaf, norm), new Term<Tensor>(other)], Reads.Activated, training: true, ranks: ranks);
        // The gradient of a mean over the part, which is that of the whole by the number of images.
        Tensor part = upstream.slice(0, start, start + count, 1);
        Tensor weighed = part.mul(Number.Of((double)Images / count));
        RecordedOperations.BackwardFrom(node.Activated.to(ScalarType.Float32).mul(weighed).sum());
        double share = (double)count / Images;
        return new Result(
            Floats(node.Activated, 1), Floats(leaf.grad!, share), Floats(store.Weights[0].Tensor.grad!, share),
            Floats(store.Weights[1].Tensor.grad!, share),
            [.. store.Statistics.SelectMany(statistic => Floats(statistic.Tensor, 1))]);
    }

    private static float[] Floats(Tensor tensor, double factor)
    {
        using Tensor plain = tensor.detach().to(ScalarType.Float32).contiguous();
        return [.. plain.data<float>().ToArray().Select(value => (float)(value * factor))];
    }
}
