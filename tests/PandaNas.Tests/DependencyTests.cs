using NetArchTest.Rules;
using PandaNas.Supernets;

namespace PandaNas.Tests;

/// <summary>
/// The layers: Reporting, above Experiments, above Training, Ranking, Searching, Exporting and Latency, above Supernets, Data,
/// Optimization and Statistics, above Sampling, above Spaces, Costs, Onnx and Distributed. Each uses the layers below it, and nothing
/// beside or above it. The root namespace, Runtime and Messages are for all.
/// </summary>
public sealed class DependencyTests
{
    private const string Root = "PandaNas", Ground = "PandaNas.Supernets";

    private static readonly string[][] Layers =
    [
        ["Reporting"],
        ["Experiments"],
        ["Training", "Ranking", "Searching", "Exporting", "Latency"],
        ["Supernets", "Data", "Optimization", "Statistics"],
        ["Sampling"],
        ["Spaces", "Costs", "Onnx", "Distributed"],
        ["Runtime"],
        ["Messages"],
    ];

    // Folders of a layer, from those that know nothing of the others to those that may know all before them.
    private static readonly Dictionary<string, string[][]> Rooms = new(StringComparer.Ordinal)
    {
        ["Runtime"] = [["Files", "Threads"], ["Torch"]],
        ["Data"] = [["Augmenting", "Resizing"], ["Decoding", "Batches"], ["Folders"], ["Reading"], ["Streaming", "Caching"], ["Formats"]],
        ["Supernets"] =
            [["Recording"], ["Kernels"], ["Layers"], ["Operations", "Graphs"], ["Definitions"], ["NasBench201", "ProxylessNas", "Darts"]],
        ["Experiments"] = [
                ["SpaceFiles"], ["Options"], ["Methods"], ["Runs"], ["Inputs"], ["Models"], ["Scoring"], ["Stages"], ["Automatic"],
                ["Comparisons", "Inspection"],
            ],
        ["Reporting"] = [["Markup"], ["Charts", "Contents"], ["Architectures"], ["Pages"], ["Plots", "Overviews"]],
    };

    public static TheoryData<string, string[]> RulesOfRooms()
    {
        var rules = new TheoryData<string, string[]>();
        foreach ((string layer, string[][] rooms) in Rooms)
            for (int level = 0; level < rooms.Length; level++)
                foreach (string room in rooms[level])
                {
                    IEnumerable<string> forbidden =
                        from names in rooms.Skip(level)
                        from other in names
                        where other != room
                        select $"{layer}.{other}";
                    rules.Add($"{layer}.{room}", [.. forbidden]);
                }
        return rules;
    }

    [Theory]
    [MemberData(nameof(RulesOfRooms))]
    public void Room_UsesOnlyTheRoomsBefore(string name, string[] forbidden) => Namespace_UsesOnlyTheLayersBelow(name, forbidden);

    [Fact]
    public void EveryRoom_HasItsPlace()
    {
        string[] known =
        [
            .. from layer in Rooms
               from rooms in layer.Value
               from room in rooms
               select $"{Root}.{layer.Key}.{room}",
        ];
        IEnumerable<string> used = typeof(Network).Assembly.GetTypes()
            .Select(type => type.Namespace ?? "")
            .Where(name => name.Split('.') is [Root, var layer, ..] && Rooms.ContainsKey(layer) && name != Ground)
            .Select(name => string.Join('.', name.Split('.').Take(3)))
            .Distinct();
        Assert.All(used, name => Assert.Contains(name, known));
    }

    // What all rooms of Supernets share stands in none of them.
    [Fact]
    public void WhatIsInNoRoom_UsesNoRoom()
    {
        NetArchTest.Rules.TestResult result = Types.InAssembly(typeof(Network).Assembly)
            .That().ResideInNamespaceMatching($"^{Ground.Replace(".", @"\.", StringComparison.Ordinal)}$")
            .ShouldNot().HaveDependencyOnAny([.. Rooms["Supernets"].SelectMany(rooms => rooms).Select(room => $"{Ground}.{room}")])
            .GetResult();
        Assert.True(
            result.IsSuccessful, $"{Ground} must not use its rooms, but these do: {string.Join(", ", result.FailingTypeNames ?? [])}");
    }

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
        if (forbidden.Length == 0) return;
        NetArchTest.Rules.TestResult result = Types.InAssembly(typeof(Network).Assembly)
            .That().ResideInNamespaceMatching($@"^{Root}\.{name}(\.|$)")
            .ShouldNot().HaveDependencyOnAny([.. forbidden.Select(other => $"{Root}.{other}")])
            .GetResult();
        Assert.True(
            result.IsSuccessful,
            $"{name} must not use {string.Join(", ", forbidden)}, but these do: {string.Join(", ", result.FailingTypeNames ?? [])}");
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
