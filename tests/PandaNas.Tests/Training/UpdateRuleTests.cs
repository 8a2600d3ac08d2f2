using System.Collections.Immutable;
using PandaNas.Data.Batches;
using PandaNas.Experiments.Methods;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Tests.Golden;
using PandaNas.Training;
using static PandaNas.Tests.Training.TinyTraining;
using static TorchSharp.torch;

namespace PandaNas.Tests.Training;

/// <summary>Update rules against the same arithmetic written out with plain automatic differentiation.</summary>
public sealed class UpdateRuleTests
{
    private const long Seed = 3;
    private const double WeightDecay = 0.01;

    private static readonly ImmutableArray<ImmutableArray<int>> Choices = [.. NasBench201.Instance.Choices.Select(choice => choice.Candidates)];

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 0.5)]
    public void Reptile_IsTheMeanOfTheAdaptations(int adaptationSteps, double clip)
    {
        const double InnerRate = 0.05, Momentum = 0.9, OuterRate = 0.7;
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0), reference = NewNetwork(0);
        var options = new ReptileOptions
        {
            AdaptationSteps = adaptationSteps,
            InnerLearningRate = InnerRate,
            InnerMomentum = Momentum,
            OuterLearningRate = OuterRate,
            WeightDecay = WeightDecay,
            ClipNorm = clip,
        };
        TrainOneStep(network, images, new FairPathSampler(Choices, 5), new Reptile(network.Weights, options), new() { Epochs = 1, BatchSize = Examples });

        using Batch batch = FirstBatch(images);
        Dictionary<string, double[]> start = Values(reference), differences = start.ToDictionary(pair => pair.Key, pair => new double[pair.Value.Length]);
        IReadOnlyList<int[]> paths = new FairPathSampler(Choices, 5).Sample(RandomStream.Derive(Seed, "paths"));
        var touched = new HashSet<string>();
        foreach (int[] candidates in paths)
        {
            var velocities = new Dictionary<string, double[]>();
            for (int step = 0; step < adaptationSteps; step++)
            {
                Dictionary<string, double[]> gradients = Gradients(reference, candidates, batch);
                double norm = Math.Sqrt(gradients.Values.Sum(gradient => gradient.Sum(value => value * value)));
                double scale = clip > 0 ? Math.Min(1, clip / (norm + 1e-6)) : 1;
                foreach ((string name, double[] gradient) in gradients)
                {
                    double[] velocity = velocities.TryGetValue(name, out double[]? before) ? before : new double[gradient.Length];
                    velocities[name] = [.. velocity.Zip(gradient, (v, g) => Momentum * v + scale * g)];
                    touched.Add(name);
                }
                Move(reference, velocities, -InnerRate);
            }
            foreach ((string name, double[] adapted) in Values(reference))
                differences[name] = [.. differences[name].Zip(start[name].Zip(adapted, (from, to) => from - to), (sum, difference) => sum + difference)];
            Set(reference, start);
        }
        Dictionary<string, double[]> actual = Values(network);
        foreach ((string name, double[] from) in start)
        {
            double[] expected = touched.Contains(name)
                ? [.. from.Zip(differences[name], (weight, difference) => weight - OuterRate * (difference / paths.Count + WeightDecay * weight))]
                : from;
            AssertClose(expected, actual[name], name);
        }
        Assert.Contains(touched, name => differences[name].Any(value => Math.Abs(value) > 1e-4));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void SummedGradients_SumOverThePathsAndClipTheSum(double clip)
    {
        const double Rate = 0.1;
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0), reference = NewNetwork(0);
        var options = new TrainingOptions { Epochs = 1, BatchSize = Examples, LearningRate = Rate, Momentum = 0, WeightDecay = WeightDecay, ClipNorm = clip };
        TrainOneStep(network, images, new FairPathSampler(Choices, 5), new SummedGradients(network.Weights, options), options);

        using Batch batch = FirstBatch(images);
        var sums = new Dictionary<string, double[]>();
        foreach (int[] candidates in new FairPathSampler(Choices, 5).Sample(RandomStream.Derive(Seed, "paths")))
            foreach ((string name, double[] gradient) in Gradients(reference, candidates, batch))
                sums[name] = sums.TryGetValue(name, out double[]? sum) ? [.. sum.Zip(gradient, (a, b) => a + b)] : gradient;
        double norm = Math.Sqrt(sums.Values.Sum(gradient => gradient.Sum(value => value * value)));
        double scale = clip > 0 ? clip / (norm + 1e-6) : 1;
        Assert.True(norm > 0.6);
        Dictionary<string, double[]> start = Values(reference), actual = Values(network);
        foreach ((string name, double[] from) in start)
            AssertClose(sums.TryGetValue(name, out double[]? sum) ? [.. from.Zip(sum, (weight, gradient) => weight - Rate * (scale * gradient + WeightDecay * weight))] : from, actual[name], name);
    }

    // One observation a path, each with its own gradients, all scaled by the factor of the sum.
    [Fact]
    public void PathNorms_AreOfEveryPathByItself()
    {
        const double Clip = 0.3;
        double[][] free = Observed(0, PathNormPoint.AfterClipping), before = Observed(Clip, PathNormPoint.BeforeClipping), after = Observed(Clip, PathNormPoint.AfterClipping);
        Assert.Equal(5, free.Length);
        Assert.Equal(free, before);
        double factor = after[0][NasBench201.Convolution3x3] / free[0][NasBench201.Convolution3x3];
        Assert.InRange(factor, 0.001, 0.9);
        for (int path = 0; path < free.Length; path++)
            for (int kind = 0; kind < 5; kind++)
                if (!double.IsNaN(free[path][kind])) Assert.Equal(factor * free[path][kind], after[path][kind], 1e-9);

        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        using Batch batch = FirstBatch(images);
        IReadOnlyList<int[]> paths = new FairPathSampler(Choices, 5).Sample(RandomStream.Derive(Seed, "paths"));
        for (int path = 0; path < free.Length; path++)
        {
            Dictionary<string, double[]> gradients = Gradients(network, paths[path], batch);
            double expected = gradients.Where(pair => pair.Key.Contains("nor_conv_3x3", StringComparison.Ordinal)).Sum(pair => Math.Sqrt(pair.Value.Sum(value => value * value)));
            int times = paths[path].Count(kind => kind == NasBench201.Convolution3x3);
            if (times > 0) Assert.Equal(expected / times, free[path][NasBench201.Convolution3x3], 1e-6);
        }
    }

    [Fact]
    public void SumnasPasses_AreThoseOfItsPathsTimesItsAdaptations()
    {
        using ImageSet images = RandomImages();
        foreach ((string name, int passes) in new[] { ("spos", 1), ("fairnas", 5), ("sumnas", 10), ("sandwich", 4) })
        {
            using Network network = NewNetwork(0);
            Method method = MethodCatalog.Find(name);
            var batches = new BatchMaker(images, ChannelStatistics.Of(images), Augmentation.None);
            using var trainer = new Trainer(
                network, batches, method.Paths(Setting), method.Data(Setting), new() { Epochs = 1, BatchSize = 12 }, Seed, CPU, TimeProvider.System, method.Update(Setting, network));
            Assert.Equal(passes, trainer.PassesPerStep);
            // Two steps, the second of eight examples.
            Assert.Equal(2 * passes, trainer.RunEpoch(TestContext.Current.CancellationToken)!.Passes);
        }
    }

    private static double[][] Observed(double clip, PathNormPoint point)
    {
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        var paths = new RecordingPathSampler(new FairPathSampler(Choices, 5));
        var options = new TrainingOptions { Epochs = 1, BatchSize = Examples, ClipNorm = clip, PathNorms = point };
        TrainOneStep(network, images, paths, new SummedGradients(network.Weights, options), options);
        return [.. paths.Norms];
    }

    private static void TrainOneStep(Network network, ImageSet images, IPathSampler paths, IUpdateRule update, TrainingOptions options)
    {
        var batches = new BatchMaker(images, ChannelStatistics.Of(images), Augmentation.None);
        using var trainer = new Trainer(network, batches, paths, new UniformDataSampler(Examples), options, Seed, CPU, TimeProvider.System, update);
        trainer.RunEpoch(TestContext.Current.CancellationToken);
    }

    private static Batch FirstBatch(ImageSet images) => new BatchMaker(images, ChannelStatistics.Of(images), Augmentation.None).Make(
        new UniformDataSampler(Examples).EpochOrder(RandomStream.Derive(Seed, "data")), RandomStream.Derive(Seed, "augmentation"), CPU);

    private static Dictionary<string, double[]> Gradients(Network network, int[] candidates, Batch batch)
    {
        using var scope = NewDisposeScope();
        var path = new Architecture(candidates);
        nn.functional.cross_entropy(network.Forward(batch.Images, path, training: true), batch.Labels).backward();
        var gradients = new Dictionary<string, double[]>();
        foreach (Weight weight in network.Weights)
        {
            if (weight.Tensor.grad is not { } gradient) continue;
            gradients.Add(weight.Name, [.. GoldenTensors.Values(gradient)]);
            weight.Tensor.grad = null;
        }
        return gradients;
    }

    private static Dictionary<string, double[]> Values(Network network) =>
        network.Weights.ToDictionary(weight => weight.Name, weight => GoldenTensors.Values(weight.Tensor).ToArray());

    private static void Move(Network network, Dictionary<string, double[]> directions, double rate)
    {
        Dictionary<string, double[]> values = Values(network);
        foreach ((string name, double[] direction) in directions) values[name] = [.. values[name].Zip(direction, (value, d) => value + rate * d)];
        Set(network, values);
    }

    private static void Set(Network network, Dictionary<string, double[]> values)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (Weight weight in network.Weights) weight.Tensor.copy_(tensor(values[weight.Name]).reshape(weight.Tensor.shape));
    }

    private static void AssertClose(double[] expected, double[] actual, string name)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 2e-6 + 2e-5 * Math.Abs(expected[i]), $"{name}[{i}] is {actual[i]}, expected {expected[i]}");
    }
}
