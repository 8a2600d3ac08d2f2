using PandaNas.Ranking.Rankers;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Darts;
using PandaNas.Supernets.Graphs;
using PandaNas.Supernets.NasBench201;
using PandaNas.Supernets.ProxylessNas;
using PandaNas.Tests.Golden;
using PandaNas.Tests.Supernets;
using PandaNas.Tests.Supernets.Definitions;
using static TorchSharp.torch;

namespace PandaNas.Tests.Ranking.Rankers;

/// <summary>Training-free scores against make_proxies.py, which computes them by their definitions with PyTorch.</summary>
[Collection(nameof(TorchGenerator))]
public sealed class ProxiesTests
{
    private static readonly Dictionary<string, (SpaceFamily Family, NetworkOptions Sizes)> Networks = new()
    {
        ["nasbench201"] = (new NasBench201Family(), new NetworkOptions(3, 8, 10, 4, 1)),
        ["darts"] = (new DartsFamily(), new NetworkOptions(3, 8, 10, 4, 4)),
        ["proxylessnas"] = (new ProxylessNasFamily(), new NetworkOptions(3, 17, 10, 0, 0)
        {
            Widths = [4, 4, 4, 4, 6, 6, 4, 6, 8],
            Stem = Stem.Small,
        }),
    };

    [Theory]
    [InlineData("nasbench201", 4)]
    [InlineData("darts", 2)]
    [InlineData("proxylessnas", 2)]
    public void Scores_AreThoseOfPyTorch(string space, int networks)
    {
        using var golden = new GoldenTensors("proxies.safetensors");
        (SpaceFamily family, NetworkOptions sizes) = Networks[space];
        for (int number = 0; number < networks; number++)
        {
            string key = $"{space}.{number}.";
            var architecture = new Architecture(golden.Ints(key + "candidates"));
            using var network = (GraphNetwork)family.Standalone(sizes, architecture, CPU, RandomStream.Derive(0, "weights"));
            GoldenNetworks.Loaded(golden, network, key + "weights.");
            Tensor images = golden[key + "images"];
            // Float32 moves an eigenvalue, and of which 1/v is taken; a mistake is far larger.
            AssertNear("jacov", JacobianCovariance.Of(network, architecture, images), 1e-4);
            AssertNear("naswot", ActivationKernel.Of(network, architecture, images), 1e-4);
            AssertNear("featcov", FeatureCovariance.Of(network, architecture, images), 1e-4);
            AssertNear("meco", ChannelCorrelation.Of(network, architecture, images), 1e-4);
            AssertNear("synflow", SynapticFlow.Of(network, architecture, images.shape.AsSpan(1)), 1e-6);

            void AssertNear(string score, double found, double relative)
            {
                double expected = golden.Doubles(key + score)[0];
                Assert.True(
                    Math.Abs(found - expected) <= relative * Math.Abs(expected), $"{key}{score} is {found}, PyTorch has {expected}");
            }
        }
    }

    [Fact]
    public void WithoutGradients_OrWithoutDifferences_AScoreIsNotFinite()
    {
        (SpaceFamily family, NetworkOptions sizes) = Networks["nasbench201"];
        Architecture disconnected = family.Space.At(0);
        using var scope = NewDisposeScope();
        Tensor images = rand(4, 3, 8, 8);
        using var network = (GraphNetwork)family.Standalone(sizes, disconnected, CPU, RandomStream.Derive(0, "weights"));
        Assert.False(double.IsFinite(JacobianCovariance.Of(network, disconnected, images)));
        Assert.False(double.IsFinite(FeatureCovariance.Of(network, disconnected, images)));
        // Channels of zeros correlate with nothing; those of the stem do not depend on the architecture.
        Assert.InRange(ChannelCorrelation.Of(network, disconnected, images), 1e-6, 1);
        Tensor first = images.slice(0, 0, 1, 1), same = cat([first, first, first], 0);
        Architecture connected = family.Space.At(family.Space.Size - 1);
        using var other = (GraphNetwork)family.Standalone(sizes, connected, CPU, RandomStream.Derive(0, "weights"));
        Assert.False(double.IsFinite(ActivationKernel.Of(other, connected, same)));
    }

    [Theory]
    [InlineData("nasbench201", 1, 15)]
    [InlineData("nasbench201", 6, 18)]
    [InlineData("darts", 3, 3)]
    public void InitialNetworks_AreAsDeepAsUsual_WhereTheSpaceSaysSo(string space, int cells, int computed)
    {
        SpaceFamily family = Catalog.Default.Spaces.Single(one => one.Space.Name == space);
        var sizes = new NetworkOptions(3, 8, 4, 4, cells) { Stem = Stem.Small };
        var setting = new ScoreSetting(family, sizes, 0, () => throw new InvalidOperationException("no images are needed"), _ => 0, _ => 0);
        Architecture last = family.Space.At(family.Space.Size - 1);
        const string convolutions = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|";
        using Network network = setting.NewNetwork(space == "darts" ? last : family.Space.Parse(convolutions));
        Assert.Equal(computed, network.Weights.Select(weight => weight.Name.Split('.')).Where(name => name[0] == "cells")
            .DistinctBy(name => name[1]).Count());
        Assert.Equal(family.LiveCost(sizes, last), setting.LiveCost(last));
    }

    [Fact]
    public void OfASpaceOfOnesOwn_EveryScoreThatNeedsNoSupernet_IsThere()
    {
        SpaceFamily[] families = [SmallSpaces.FromYaml(), SmallSpaces.WithModule(SmallSpaces.Normed(normalize: false))];
        foreach (SpaceFamily family in families)
        {
            using Tensor images = rand(6, 3, 8, 8);
            var setting = new ScoreSetting(family, new NetworkOptions(3, 8, 4, 0, 0), 0, () => images, _ => 0, _ => 0);
            foreach (ArchitectureScore score in Catalog.Default.Scores.Where(score => !score.IsOfSupernet))
            {
                double[] values = [.. Enumerable.Range(0, 2).Select(_ => score.Make(setting)(family.Space.At(0)))];
                Assert.True(double.IsFinite(values[0]), $"{score.Name} of {family.Space.Name} is {values[0]}");
                Assert.Equal(values[0], values[1]);
            }
        }
    }

    // The weights of a user's module flow too: more of them, more flow.
    [Fact]
    public void SynapticFlow_CountsTheWeightsOfModules()
    {
        SpaceFamily family = SmallSpaces.WithModule(SmallSpaces.Normed(normalize: false));
        using Tensor images = rand(2, 3, 8, 8);
        var setting = new ScoreSetting(family, new NetworkOptions(3, 8, 4, 0, 0), 0, () => images, _ => 0, _ => 0);
        Func<Architecture, double> flow = Catalog.Default.Scores.Single(score => score.Name == "synflow").Make(setting);
        double modules = flow(family.Space.Parse("normed-normed")), one = flow(family.Space.Parse("normed-skip"));
        Assert.True(one > flow(family.Space.Parse("skip-skip")) && modules > one);
    }
}
