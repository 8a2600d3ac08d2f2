using System.Collections.Immutable;
using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Training;

namespace PandaNas.Experiments;

/// <summary>The methods that options can name.</summary>
public static class MethodCatalog
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<Method> All { get; } =
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
    public static Method Find(string name) => All.First(method => method.Name == name);

    private static UniformPathSampler UniformPaths(MethodSetting setting) => new(setting.Choices, setting.Operations);

    private static FairPathSampler FairPaths(MethodSetting setting) => new(setting.Choices, setting.Operations);

    private static EpochFrozenPathSampler FrozenFairPaths(MethodSetting setting) => new(FairPaths(setting), setting.Choices);

    private static GradientNormPathSampler GradientNormPaths(MethodSetting setting) =>
        new(setting.Choices, setting.Operations, setting.PathConfidence, setting.Options.CarryNorms);

    private static ChoiceGradientNormPathSampler ChoiceGradientNormPaths(MethodSetting setting) =>
        new(setting.Choices, setting.Operations, setting.PathConfidence, setting.Options.CarryNorms);

    private static GradualPathSampler GradualPaths(MethodSetting setting) => new(setting.Choices, setting.Operations);

    // An operation has weights if taking it makes some choice larger than its smallest candidate does.
    private static BiasedPathSampler BiasedPaths(MethodSetting setting)
    {
        var weights = new double[setting.Operations];
        ImmutableArray<ImmutableArray<Cost>> costs = setting.CandidateCosts();
        for (int choice = 0; choice < costs.Length; choice++)
        {
            long smallest = costs[choice].Min(cost => cost.Parameters);
            for (int candidate = 0; candidate < costs[choice].Length; candidate++)
                if (costs[choice][candidate].Parameters > smallest) weights[setting.Choices[choice][candidate]] = 1;
        }
        return new(setting.Choices, [.. weights], setting.PathConfidence);
    }

    private static SandwichPathSampler SandwichPaths(MethodSetting setting) => new(
        setting.Choices, setting.Operations, [.. setting.CandidateCosts().Select(costs => costs.Select(cost => (double)cost.MultiplyAdds).ToImmutableArray())]);

    private static UniformDataSampler UniformData(MethodSetting setting) => new(setting.Examples);

    private static ImportanceDataSampler ImportanceData(MethodSetting setting) =>
        new(setting.Examples, setting.DataConfidence, setting.Options.CarryImportances);

    private static ImportanceDataSampler CorrectedImportanceData(MethodSetting setting) =>
        new(setting.Examples, setting.DataConfidence, setting.Options.CarryImportances, corrects: true);

    private static SummedGradients OneStep(MethodSetting setting, Network network) =>
        new(network.Weights, SupernetExperiment.TrainingOptionsOf(setting.Options));

    private static Reptile Adaptation(MethodSetting setting, Network network) => new(network.Weights, new ReptileOptions
    {
        AdaptationSteps = setting.Options.AdaptationSteps,
        InnerLearningRate = setting.Options.LearningRate,
        InnerMomentum = setting.Options.Momentum,
        OuterLearningRate = setting.Options.OuterLearningRate,
        WeightDecay = setting.Options.OuterWeightDecay,
        ClipNorm = setting.Options.ClipNorm,
    });
}
