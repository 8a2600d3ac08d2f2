using PandaNas.Data.Batches;
using PandaNas.Distributed;
using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Distributed;
using PandaNas.Training;
using static PandaNas.Tests.Training.TinyTraining;
using static TorchSharp.torch;

namespace PandaNas.Tests.Training;

/// <summary>Trainings that several ranks share, here threads.</summary>
public sealed class SharedTrainingTests
{
    private const int Seed = 5;

    public static TheoryData<string> Methods => [.. Catalog.Default.MethodNames];

    // Batches of ten are divided 5 + 5 and 3 + 3 + 4; importance sampling draws by what all ranks have seen.
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Ranks_TrainAsOneProcess_WhereExamplesDoNotMeet(int size)
    {
        (float[] Weight, string Order, double Loss, int[] Correct) alone = Train(null);
        var found = new (float[] Weight, string Order, double Loss, int[] Correct)[size];
        InProcessRanks.Run(size, ranks => found[ranks.Rank] = Train(ranks)).Dispose();
        foreach ((float[] weight, string order, double loss, int[] correct) in found)
        {
            Assert.Equal(found[0].Weight, weight);
            Assert.Equal(alone.Order, order);
            Assert.Equal(alone.Correct, correct);
            Assert.Equal(alone.Loss, loss, 1e-5);
            for (int i = 0; i < weight.Length; i++) Assert.Equal(alone.Weight[i], weight[i], 1e-5f);
        }

        static (float[] Weight, string Order, double Loss, int[] Correct) Train(ICommunicator? ranks)
        {
            using ImageSet images = RandomImages();
            using var network = new LinearNetwork(3 * 8 * 8, 3);
            var data = new ImportanceDataSampler(Examples, _ => 1, corrects: true);
            float[] lossWeights = [.. Enumerable.Range(0, Examples).Select(i => i % 2 == 0 ? 0.5f : 1.5f)];
            using var trainer = new Trainer(
                network, new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(CropPadding: 1, Flip: true)),
                new FixedPathSampler(network.Space, new Architecture([0])), data,
                Options(epochs: 3, batchSize: 10), Seed, CPU, TimeProvider.System, lossWeights: lossWeights, ranks: ranks);
            var records = new List<EpochRecord>();
            while (!trainer.IsFinished) records.Add(trainer.RunEpoch(TestContext.Current.CancellationToken)!);
            using Tensor weight = network.Weights[0].Tensor.detach();
            return (
                weight.data<float>().ToArray(), string.Join(' ', data.EpochOrder(RandomStream.Derive(1, "order"))),
                records[^1].Loss, [.. records.Select(record => (int)Math.Round(record.Accuracy * Examples))]);
        }
    }

    // Batches of 8, 8 and 4, also divided unevenly; both kinds of batch norm, with and without a state of their own.
    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(2, true)]
    [InlineData(4, true)]
    public void Ranks_TrainAsOneProcess_WhereNormsAreSynchronised(int size, bool keepsStatistics)
    {
        Normalization kind = keepsStatistics ? Normalization.RunningStatistics : Normalization.BatchStatistics;
        (Dictionary<string, float[]> State, double Loss) alone = TrainNormalized(null, kind, sync: true);
        var found = new (Dictionary<string, float[]> State, double Loss)[size];
        InProcessRanks.Run(size, ranks => found[ranks.Rank] = TrainNormalized(ranks, kind, sync: true)).Dispose();
        // Running statistics too.
        Assert.All(found, one => Assert.Equal(found[0].State, one.State));
        Assert.InRange(Distance(alone.State, found[0].State), 0, 1e-4);
        Assert.Equal(alone.Loss, found[0].Loss, 1e-4);
        // Norms that see a part of the batch give another network.
        InProcessRanks.Run(size, ranks => found[ranks.Rank] = TrainNormalized(ranks, kind, sync: false)).Dispose();
        Assert.InRange(Distance(alone.State, found[0].State), 1e-2, 10);
    }

    private static (Dictionary<string, float[]> State, double Loss) TrainNormalized(ICommunicator? ranks, Normalization kind, bool sync)
    {
        TrainingMethod method = Catalog.Default.FindMethod("panda");
        using ImageSet images = RandomImages();
        NetworkOptions sizes = Small with { SupernetNormalization = kind };
        using Network network = new NasBench201Family().Supernet(sizes, CPU, RandomStream.Derive(0, "weights"));
        using var trainer = new Trainer(
            network, new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(CropPadding: 1, Flip: true)),
            method.Paths(Setting), method.Data(Setting), Options(epochs: 2, batchSize: 8) with { LearningRate = 0.05, SyncNorm = sync },
            Seed, CPU, TimeProvider.System, method.Update(Setting, network), ranks: ranks);
        double loss = 0;
        while (!trainer.IsFinished) loss = trainer.RunEpoch(TestContext.Current.CancellationToken)!.Loss;
        return (
            network.State().ToDictionary(entry => entry.Name, entry =>
            {
                using Tensor values = entry.Tensor.detach();
                return values.data<float>().ToArray();
            }),
            loss);
    }

    // The largest of all differences.
    private static double Distance(Dictionary<string, float[]> expected, Dictionary<string, float[]> actual) =>
        expected.Max(pair => pair.Value.Zip(actual[pair.Key], (one, other) => Math.Abs((double)one - other)).Max());

    // A stop that only one rank hears of ends both before the same step.
    [Theory]
    [MemberData(nameof(Methods))]
    public void AllRanks_HaveTheSameBits_AlsoAfterAnInterruption(string method)
    {
        TrainerState[] whole = Train(method, null, stopAfter: 0), again = Train(method, null, stopAfter: 0);
        AssertSame(whole[0], whole[1]);
        AssertSame(whole[0], again[0]);
        TrainerState[] broken = Train(method, null, stopAfter: 4);
        Assert.Equal((1, 0), (broken[0].Epoch, broken[0].Position % 8));
        AssertSame(broken[0], broken[1]);
        TrainerState[] resumed = Train(method, broken[0], stopAfter: 0);
        AssertSame(whole[0], resumed[0]);
        AssertSame(whole[0], resumed[1]);
        foreach (TrainerState state in (TrainerState[])[.. whole, .. again, .. broken, .. resumed])
            foreach (Tensor tensor in state.Tensors.Values) tensor.Dispose();
    }

    // Two ranks of a tiny supernet; the states at the end, or after some steps.
    private static TrainerState[] Train(string method, TrainerState? from, int stopAfter)
    {
        var states = new TrainerState[2];
        InProcessRanks.Run(2, ranks =>
        {
            TrainingMethod found = Catalog.Default.FindMethod(method);
            using ImageSet images = RandomImages();
            using Network network = NewNetwork(0);
            using var trainer = new Trainer(
                network, new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(CropPadding: 1, Flip: true)),
                found.Paths(Setting), found.Data(Setting), Options(epochs: 2, batchSize: 8), Seed, CPU,
                TimeProvider.System, found.Update(Setting, network), ranks: ranks);
            if (from is not null) trainer.Restore(from, "test");
            using var stop = new CancellationTokenSource();
            int steps = 0;
            while (!trainer.IsFinished)
            {
                EpochRecord? record = trainer.RunEpoch(stop.Token, () =>
                {
                    if (++steps == stopAfter && ranks.Rank == 1) stop.Cancel();
                });
                if (record is null) break;
            }
            TrainerState state = trainer.Capture();
            states[ranks.Rank] = state with { Tensors = state.Tensors.ToDictionary(pair => pair.Key, pair => Copy(pair.Value)) };
        }).Dispose();
        return states;
    }

    private static Tensor Copy(Tensor tensor)
    {
        using Tensor values = tensor.detach();
        return values.clone();
    }

    private static SupernetOptions Options(int epochs, int batchSize) =>
        new() { Epochs = epochs, BatchSize = batchSize, LearningRate = 0.01, Momentum = 0.9, WeightDecay = 1e-4, ClipNorm = 5 };

    private static void AssertSame(TrainerState expected, TrainerState actual)
    {
        Assert.Equal(
            (expected.Epoch, expected.Position, expected.LossSum, expected.Correct, expected.Measured),
            (actual.Epoch, actual.Position, actual.LossSum, actual.Correct, actual.Measured));
        Assert.Equal(expected.Order.AsEnumerable(), actual.Order);
        Assert.Equal(expected.RandomStreams.AsEnumerable(), actual.RandomStreams);
        foreach ((SamplerState one, SamplerState other) in new[] { (expected.Paths, actual.Paths), (expected.Data, actual.Data) })
            foreach ((string name, double[] values) in one.Values) Assert.Equal(values, other.Values[name]);
        foreach ((string name, Tensor tensor) in expected.Tensors)
            Assert.True(Bytes(tensor).AsSpan().SequenceEqual(Bytes(actual.Tensors[name])), $"tensor {name} differs");
    }
}
