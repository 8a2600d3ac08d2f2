using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Darts;
using PandaNas.Supernets.NasBench201;
using PandaNas.Supernets.ProxylessNas;
using PandaNas.Tests.Spaces;
using PandaNas.Tests.Supernets.Darts;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets;

/// <summary>
/// Costs counted from shapes equal those that make_costs.py counts on PyTorch networks, the published ones, and the number of elements
/// of the tensors that are built.
/// </summary>
public sealed class PublishedCostsTests
{
    private static readonly JsonNode Counted =
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "costs.json")))!;

    // Dong and Yang 2020: C=16, N=5, 10 classes; 0.073 to 1.532 million parameters.
    [Fact]
    public void AllOfNasBench201_CostWhatPyTorchCounts()
    {
        var family = new NasBench201Family();
        NetworkOptions options = family.Complete(new NetworkOptions(3, 32, 10, 0, 0), standalone: true);
        Cost[] costs = [.. Enumerable.Range(0, 15_625).Select(number => family.Cost(options, family.Space.At(number)))];

        JsonNode counted = Counted["nasbench201"]!;
        string text =
            string.Concat(costs.Select(cost => string.Create(CultureInfo.InvariantCulture, $"{cost.Parameters},{cost.MultiplyAdds}\n")));
        Assert.Equal(counted["sha256"]!.GetValue<string>(), Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text))));
        Assert.Equal((73_306, 1_531_546), (costs.Min(cost => cost.Parameters), costs.Max(cost => cost.Parameters)));
    }

    // Liu et al. 2019 give 3.3 M (V2 on CIFAR-10) and 4.7 M (V2 on ImageNet) parameters; the exact ones are widely reported for the
    // released code, without auxiliary head. They also give 574 M multiply-adds on ImageNet, which counting convolutions and the
    // classifier does not reproduce: it gives 530 M, here and in PyTorch.
    [Theory]
    [InlineData(0, DartsSpaceTests.V1, 3_169_414)]
    [InlineData(1, DartsSpaceTests.V1, 4_510_432)]
    [InlineData(2, DartsSpaceTests.V2, 3_349_342)]
    [InlineData(3, DartsSpaceTests.V2, 4_718_752)]
    public void DartsNetworks_CostWhatPyTorchCounts(int number, string genotype, long parameters)
    {
        var family = new DartsFamily();
        JsonNode counted = Counted["darts"]![number]!;
        int Read(string key) => counted[key]!.GetValue<int>();
        var options = new NetworkOptions(3, Read("size"), Read("classes"), Read("channels"), Read("cells"));
        family.Validate(options);
        Assert.Equal(new Cost(Read("parameters"), Read("multiply_adds")), family.Cost(options, family.Space.Parse(genotype)));
        Assert.Equal(parameters, Read("parameters"));
    }

    // Architectures and widths of the released networks (mit-han-lab/proxylessnas; parameters as the conversions of osmr/imgclsmob assert
    // them). Its README gives 320 M multiply-adds for mobile and 581 M for mobile-1.4.
    [Theory]
    [InlineData("mobile", 4_080_512, 320)]
    [InlineData("mobile-1.4", 6_857_568, 581)]
    [InlineData("cpu", 4_361_648, 439)]
    [InlineData("gpu", 7_119_848, 465)]
    public void ProxylessNasNetworks_CostWhatIsPublished(string name, long parameters, int millions)
    {
        var family = new ProxylessNasFamily();
        JsonNode counted = Counted["proxylessnas"]!.AsArray().First(one => one!["network"]!.GetValue<string>() == name)!;
        var options =
            new NetworkOptions(3, 224, 1000, 0, 0) { Widths = [.. counted["widths"]!.AsArray().Select(width => width!.GetValue<int>())] };
        family.Validate(options);
        Cost cost = family.Cost(options, family.Space.Parse(counted["architecture"]!.GetValue<string>()));
        Assert.Equal(new Cost(counted["parameters"]!.GetValue<long>(), counted["multiply_adds"]!.GetValue<long>()), cost);
        Assert.Equal((parameters, millions), (cost.Parameters, (int)Math.Round(cost.MultiplyAdds / 1e6)));
    }

    // The released CPU and GPU networks keep to a multiplier.
    [Theory]
    [InlineData("cpu", 1.12)]
    [InlineData("gpu", 1.35)]
    public void WidthMultiplier_GivesTheWidthsOfTheReleasedNetworks(string name, double multiplier)
    {
        JsonNode counted = Counted["proxylessnas"]!.AsArray().First(one => one!["network"]!.GetValue<string>() == name)!;
        ImmutableArray<int> widths = ProxylessNasWidths.Of(new NetworkOptions(3, 224, 1000, 0, 0) { WidthMultiplier = multiplier });
        Assert.Equal(counted["widths"]!.AsArray().Select(width => width!.GetValue<int>()), widths);
    }

    [Fact]
    public void DartsCost_IsTheElementCountOfTheNetwork() =>
        Gen.Select(RandomArchitectures.Of(DartsSpace.Instance), Gen.Int[2, 5], Gen.Int[3, 6], Gen.Bool).Sample(
            (architecture, half, cells, large) =>
            {
                var options = new NetworkOptions(3, 32, 7, 2 * half, cells) { Stem = large ? Stem.Large : Stem.Small };
                CheckElements(new DartsFamily(), options, architecture);
            }, iter: 20, threads: 1);

    [Fact]
    public void ProxylessNasCost_IsTheElementCountOfTheNetwork() =>
        Gen.Select(RandomArchitectures.Of(ProxylessNasSpace.Instance), Gen.Double[0.05, 0.6], Gen.Bool).Sample(
            (architecture, multiplier, large) =>
            {
                var options = new NetworkOptions(1, 20, 7, 0, 0) { WidthMultiplier = multiplier, Stem = large ? Stem.Large : Stem.Small };
                CheckElements(new ProxylessNasFamily(), options, architecture);
            }, iter: 20, threads: 1);

    private static void CheckElements(SpaceFamily family, NetworkOptions options, Architecture architecture)
    {
        using Network network = family.Standalone(options, architecture, CPU, RandomStream.Derive(0, "weights"));
        Assert.Equal(network.Weights.Sum(weight => weight.Tensor.numel()), family.Cost(options, architecture).Parameters);
        Assert.All(network.Weights, weight => Assert.True(Network.Uses(architecture, weight)));
    }
}
