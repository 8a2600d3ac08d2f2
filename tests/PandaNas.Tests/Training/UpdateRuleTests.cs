using PandaNas.Data.Batches;
using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
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

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 0.5)]
    public void Reptile_IsTheMeanOfTheAdaptations(int adaptationSteps, double clip)
    {
        const double InnerRate = 0.05, Momentum = 0.9, OuterRate = 0.7;
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0), reference = NewNetwork(0);
        var options = new ReptileOptions(adaptationSteps, InnerRate, Momentum, OuterRate, WeightDecay, clip, ExemptNorms: false);
        TrainOneStep(
            network, images, new FairPathSampler(NasBench201Space.Instance), new Reptile(network.Weights, options),
            new SupernetOptions { Epochs = 1, BatchSize = Examples });

        using Batch batch = FirstBatch(images);
        Dictionary<string, double[]> start = Values(reference);
        Dictionary<string, double[]> differences = start.ToDictionary(pair => pair.Key, pair => new double[pair.Value.Length]);
        IReadOnlyList<Architecture> paths = new FairPathSampler(NasBench201Space.Instance).Sample(RandomStream.Derive(Seed, "paths"));
        var touched = new HashSet<string>();
        foreach (Architecture path in paths)
        {
            var velocities = new Dictionary<string, double[]>();
            for (int step = 0; step < adaptationSteps; step++)
            {
                Dictionary<string, double[]> gradients = Gradients(reference, path, batch);
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
                differences[name] =
                    [.. differences[name].Zip(start[name].Zip(adapted, (from, to) => from - to), (sum, difference) => sum + difference)];
            Set(reference, start);
        }
        Dictionary<string, double[]> actual = Values(network);
        foreach ((string name, double[] from) in start)
        {
            double Moved(double weight, double difference) =>
                weight - OuterRate * (difference / paths.Count + WeightDecay * weight);
            double[] expected = touched.Contains(name) ? [.. from.Zip(differences[name], Moved)] : from;
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
        var options = new SupernetOptions
        {
            Epochs = 1,
            BatchSize = Examples,
            LearningRate = Rate,
            Momentum = 0,
            WeightDecay = WeightDecay,
            ClipNorm = clip,
        };
        TrainOneStep(
            network, images, new FairPathSampler(NasBench201Space.Instance), new SummedGradients(network.Weights, options), options);

        using Batch batch = FirstBatch(images);
        var sums = new Dictionary<string, double[]>();
        foreach (Architecture path in new FairPathSampler(NasBench201Space.Instance).Sample(RandomStream.Derive(Seed, "paths")))
            foreach ((string name, double[] gradient) in Gradients(reference, path, batch))
                sums[name] = sums.TryGetValue(name, out double[]? sum) ? [.. sum.Zip(gradient, (a, b) => a + b)] : gradient;
        double norm = Math.Sqrt(sums.Values.Sum(gradient => gradient.Sum(value => value * value)));
        double scale = clip > 0 ? clip / (norm + 1e-6) : 1;
        Assert.True(norm > 0.6);
        Dictionary<string, double[]> start = Values(reference), actual = Values(network);
        double Moved(double weight, double gradient) => weight - Rate * (scale * gradient + WeightDecay * weight);
        foreach ((string name, double[] from) in start)
            AssertClose(sums.TryGetValue(name, out double[]? sum) ? [.. from.Zip(sum, Moved)] : from, actual[name], name);
    }

    // One observation per path, each with its own gradients, all scaled by the factor of the sum.
    [Fact]
    public void PathNorms_AreOfEveryPathByItself()
    {
        const double Clip = 0.3;
        PathNorms[] free = NormsObserved(0, PathNormPoint.AfterClipping);
        PathNorms[] before = NormsObserved(Clip, PathNormPoint.BeforeClipping), after = NormsObserved(Clip, PathNormPoint.AfterClipping);
        IReadOnlyList<Architecture> paths = new FairPathSampler(NasBench201Space.Instance).Sample(RandomStream.Derive(Seed, "paths"));
        Assert.Equal(paths, free.Select(norms => norms.Path));
        Assert.Equal(free.SelectMany(norms => norms.AtChoices), before.SelectMany(norms => norms.AtChoices));
        int choice = paths[0].Candidates.IndexOf(NasBench201Space.Convolution3x3);
        double factor = after[0].AtChoices[choice]!.Value / free[0].AtChoices[choice]!.Value;
        Assert.InRange(factor, 0.001, 0.9);

        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        using Batch batch = FirstBatch(images);
        for (int path = 0; path < free.Length; path++)
        {
            Dictionary<string, double[]> gradients = Gradients(network, paths[path], batch);
            for (int edge = 0; edge < NasBench201Space.Instance.Edges.Length; edge++)
            {
                string part = $".edge_{NasBench201Space.Instance.Edges[edge].Source}_{NasBench201Space.Instance.Edges[edge].Target}.";
                double expected = gradients
                    .Where(pair => pair.Key.Contains(part, StringComparison.Ordinal))
                    .Sum(pair => Math.Sqrt(pair.Value.Sum(value => value * value)));
                Assert.Equal(expected, free[path].AtChoices[edge]!.Value, 1e-6);
                Assert.Equal(factor * free[path].AtChoices[edge]!.Value, after[path].AtChoices[edge]!.Value, 1e-9);
            }
        }
    }

    [Fact]
    public void SumnasPasses_AreThoseOfItsPathsTimesItsAdaptations()
    {
        using ImageSet images = RandomImages();
        foreach ((string name, int passes) in new[] { ("spos", 1), ("fairnas", 5), ("sumnas", 10), ("sandwich", 4) })
        {
            using Network network = NewNetwork(0);
            TrainingMethod method = Catalog.Default.FindMethod(name);
            var batches = new BatchMaker(images, ChannelStatistics.Of(images), Augmentation.None);
            using var trainer = new Trainer(
                network, batches, method.Paths(Setting), method.Data(Setting),
                new SupernetOptions { Epochs = 1, BatchSize = 12 }, Seed, CPU, TimeProvider.System,
                method.Update(Setting, network));
            Assert.Equal(passes, trainer.PassesPerStep);
            // Two steps, the second of eight examples.
            Assert.Equal(2 * passes, trainer.RunEpoch(TestContext.Current.CancellationToken)!.Passes);
        }
    }

    private static PathNorms[] NormsObserved(double clip, PathNormPoint point)
    {
        using ImageSet images = RandomImages();
        using Network network = NewNetwork(0);
        var paths = new RecordingPathSampler(new FairPathSampler(NasBench201Space.Instance));
        var options = new SupernetOptions { Epochs = 1, BatchSize = Examples, ClipNorm = clip, PathNorms = point };
        TrainOneStep(network, images, paths, new SummedGradients(network.Weights, options), options);
        return [.. paths.Norms];
    }

    private static void TrainOneStep(Network network, ImageSet images, IPathSampler paths, IUpdateRule update, SupernetOptions options)
    {
        var batches = new BatchMaker(images, ChannelStatistics.Of(images), Augmentation.None);
        using var trainer = new Trainer(
            network, batches, paths, new UniformDataSampler(Examples), options, Seed, CPU, TimeProvider.System, update);
        trainer.RunEpoch(TestContext.Current.CancellationToken);
    }

    private static Batch FirstBatch(ImageSet images) => new BatchMaker(images, ChannelStatistics.Of(images), Augmentation.None).Make(
        new UniformDataSampler(Examples).EpochOrder(RandomStream.Derive(Seed, "data")), RandomStream.Derive(Seed, "augmentation"), CPU);

    private static Dictionary<string, double[]> Gradients(Network network, Architecture path, Batch batch)
    {
        using var scope = NewDisposeScope();
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
        foreach ((string name, double[] direction) in directions)
            values[name] = [.. values[name].Zip(direction, (value, d) => value + rate * d)];
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
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= 2e-6 + 2e-5 * Math.Abs(expected[i]),
                $"{name}[{i}] is {actual[i]}, expected {expected[i]}");
    }
}
