using System.Collections.Immutable;
using static PandaNas.Experiments.Methods.MethodParts;

namespace PandaNas.Experiments.Methods;

/// <summary>The methods that options can name; docs/adding-a-method.md tells how to add one.</summary>
public static class MethodCatalog
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<TrainingMethod> All { get; } =
    [
        new("spos", "uniform paths, uniform data (Guo et al. 2020)", UniformPaths, UniformData, OneStep),
        new("fairnas", "every candidate of every choice once a step, gradients summed (Chu et al. 2021)", FairPaths, UniformData, OneStep),
        new("fairnas-released", "fairnas as PA&DA's code has it: the paths of an epoch's first step all epoch long", FrozenFairPaths, UniformData, OneStep),
        new("sumnas", "fair paths that adapt one by one from the same weights, Reptile's update (Ha et al. 2022)", FairPaths, UniformData, Adaptation),
        new("pa", "paths by gradient norm, uniform data", GradientNormPaths, UniformData, OneStep),
        new("da", "uniform paths, data by gradient norm", UniformPaths, ImportanceData, OneStep),
        new("panda", "PA&DA: paths and data by gradient norm (Lu et al. 2023)", GradientNormPaths, ImportanceData, OneStep),
        new("panda-corrected", "panda with each loss weighted by 1/(N q)", GradientNormPaths, CorrectedImportanceData, OneStep),
        new("panda-edge", "panda with path probabilities for every choice by itself", ChoiceGradientNormPaths, ImportanceData, OneStep),
        new("conv-biased", "control: drifts to the operations with weights on pa's schedule, without gradients", BiasedPaths, UniformData, OneStep),
        new("sandwich", "the largest, the smallest and two random paths a step, gradients summed (Yu and Huang 2019)", SandwichPaths, UniformData, OneStep),
        new("magic-t", "each step changes one operation of the path before it (Xu et al. 2022)", GradualPaths, UniformData, OneStep),
    ];

    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All.Select(method => method.Name)];

    /// <summary>The method of that name.</summary>
    public static TrainingMethod Find(string name) => All.First(method => method.Name == name);
}
