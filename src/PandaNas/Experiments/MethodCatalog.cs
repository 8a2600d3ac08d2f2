using System.Collections.Immutable;
using PandaNas.Optimization;
using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Experiments;

/// <summary>A method of training a supernet: how it samples paths and how it samples data.</summary>
/// <param name="Name">The name that options use.</param>
/// <param name="Summary">One line for help texts.</param>
/// <param name="Paths">Makes the path sampler of a space.</param>
/// <param name="Data">Makes the data sampler of so many examples.</param>
public sealed record Method(string Name, string Summary, Func<SearchSpace, IPathSampler> Paths, Func<int, IDataSampler> Data)
{
    /// <summary>Forward-backward passes of a mini-batch over a path in one step.</summary>
    public Func<SearchSpace, int> PassesPerStep { get; init; } = _ => 1;
}

/// <summary>The methods that options can name.</summary>
public static class MethodCatalog
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<Method> All { get; } =
    [
        new("spos", "uniform paths, uniform data (Guo et al. 2020)", UniformPaths, UniformData),
        new("pa", "paths by gradient norm, uniform data", GradientNormPaths, UniformData),
        new("da", "uniform paths, data by gradient norm", UniformPaths, ImportanceData),
        new("panda", "PA&DA: paths and data by gradient norm (Lu et al. 2023)", GradientNormPaths, ImportanceData),
    ];

    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All.Select(method => method.Name)];

    /// <summary>The method of that name.</summary>
    public static Method Find(string name) => All.First(method => method.Name == name);

    private static UniformPathSampler UniformPaths(SearchSpace space) => new(Candidates(space), space.Operations.Length);

    private static GradientNormPathSampler GradientNormPaths(SearchSpace space) => new(Candidates(space), space.Operations.Length, Schedules.Linear);

    private static UniformDataSampler UniformData(int examples) => new(examples);

    private static ImportanceDataSampler ImportanceData(int examples) => new(examples, Schedules.Linear);

    private static ImmutableArray<ImmutableArray<int>> Candidates(SearchSpace space) => [.. space.Choices.Select(choice => choice.Candidates)];
}
