using NetArchTest.Rules;
using PandaNas.Supernets;

namespace PandaNas.Tests;

/// <summary>
/// The layers: Experiments, above Training, Ranking, Searching, Retraining, Exporting and Latency, above Supernets, Data, Optimization
/// and Statistics, above Sampling, above Spaces and Costs. Each uses the layers below it, and nothing beside or above it. The root namespace
/// and Runtime are for all.
/// </summary>
public sealed class DependencyTests
{
    private const string Root = "PandaNas";

    private static readonly string[][] Layers =
    [
        ["Experiments"],
        ["Training", "Ranking", "Searching", "Retraining", "Exporting", "Latency"],
        ["Supernets", "Data", "Optimization", "Statistics"],
        ["Sampling"],
        ["Spaces", "Costs"],
        ["Runtime"],
    ];

    public static TheoryData<string, string[]> Rules()
    {
        var rules = new TheoryData<string, string[]>();
        for (int layer = 0; layer < Layers.Length; layer++)
            foreach (string name in Layers[layer])
                rules.Add(name, [.. Layers.Take(layer + 1).SelectMany(names => names).Where(other => other != name)]);
        return rules;
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Namespace_UsesOnlyTheLayersBelow(string name, string[] forbidden)
    {
        NetArchTest.Rules.TestResult result = Types.InAssembly(typeof(Network).Assembly)
            .That().ResideInNamespaceMatching($@"^{Root}\.{name}(\.|$)")
            .ShouldNot().HaveDependencyOnAny([.. forbidden.Select(other => $"{Root}.{other}")])
            .GetResult();
        Assert.True(result.IsSuccessful, $"{name} must not use {string.Join(", ", forbidden)}, but these do: {string.Join(", ", result.FailingTypeNames ?? [])}");
    }

    [Fact]
    public void EveryNamespace_HasALayer()
    {
        string[] known = [.. Layers.SelectMany(names => names)];
        IEnumerable<string> used = typeof(Network).Assembly.GetTypes()
            .Select(type => type.Namespace ?? "")
            .Where(name => name.StartsWith(Root + ".", StringComparison.Ordinal))
            .Select(name => name.Split('.')[1])
            .Distinct();
        Assert.All(used, name => Assert.Contains(name, known));
    }

    // Were the search for dependencies blind, every rule would hold.
    [Fact]
    public void Search_FindsADependencyThatIsThere()
    {
        NetArchTest.Rules.TestResult result = Types.InAssembly(typeof(Network).Assembly)
            .That().ResideInNamespaceMatching($@"^{Root}\.Training(\.|$)")
            .ShouldNot().HaveDependencyOnAny($"{Root}.Supernets")
            .GetResult();
        Assert.False(result.IsSuccessful);
    }
}
