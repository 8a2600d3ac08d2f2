using System.Collections.Immutable;
using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Training;

namespace PandaNas.Experiments.Methods;

/// <summary>The parts of which methods are put together, made from a run's options.</summary>
public static class MethodParts
{
    /// <summary>One path a step, every candidate equally likely.</summary>
    public static UniformPathSampler UniformPaths(MethodSetting setting) => new(setting.Choices, setting.Operations);

    /// <summary>Every candidate of every choice once a step.</summary>
    public static FairPathSampler FairPaths(MethodSetting setting) => new(setting.Choices, setting.Operations);

    /// <summary>Fair paths that are drawn once an epoch.</summary>
    public static EpochFrozenPathSampler FrozenFairPaths(MethodSetting setting) => new(FairPaths(setting), setting.Choices);

    /// <summary>PA's paths: the options' schedule, confidence and carrying.</summary>
    public static GradientNormPathSampler GradientNormPaths(MethodSetting setting) =>
        new(setting.Choices, setting.Operations, setting.PathConfidence, setting.Options.CarryNorms);

    /// <summary>PA's paths with probabilities for every choice by itself.</summary>
    public static ChoiceGradientNormPathSampler ChoiceGradientNormPaths(MethodSetting setting) =>
        new(setting.Choices, setting.Operations, setting.PathConfidence, setting.Options.CarryNorms);

    /// <summary>Paths that differ in one operation from step to step.</summary>
    public static GradualPathSampler GradualPaths(MethodSetting setting) => new(setting.Choices, setting.Operations);

    /// <summary>Paths that drift to the operations with weights of their own, by PA's schedule.</summary>
    public static BiasedPathSampler BiasedPaths(MethodSetting setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        // An operation has weights if taking it makes some choice larger than its smallest candidate does.
        var weights = new double[setting.Operations];
        ImmutableArray<ImmutableArray<Cost>> costs = setting.CandidateCosts();
        for (int choice = 0; choice < costs.Length; choice++)
        {
            if (setting.Choices[choice][0] < 0) continue;
            long smallest = costs[choice].Min(cost => cost.Parameters);
            for (int candidate = 0; candidate < costs[choice].Length; candidate++)
                if (costs[choice][candidate].Parameters > smallest) weights[setting.Choices[choice][candidate]] = 1;
        }
        return new(setting.Choices, [.. weights], setting.PathConfidence);
    }

    /// <summary>The largest path, the smallest one and two random ones; sizes are multiply-adds.</summary>
    public static SandwichPathSampler SandwichPaths(MethodSetting setting) => new(
        setting.Choices, setting.Operations, [.. setting.CandidateCosts().Select(costs => costs.Select(cost => (double)cost.MultiplyAdds).ToImmutableArray())]);

    /// <summary>Every example once an epoch.</summary>
    public static UniformDataSampler UniformData(MethodSetting setting) => new(setting.Examples);

    /// <summary>DA's examples: the options' schedule, confidence and carrying.</summary>
    public static ImportanceDataSampler ImportanceData(MethodSetting setting) =>
        new(setting.Examples, setting.DataConfidence, setting.Options.CarryImportances);

    /// <summary>DA's examples with each loss weighted by 1/(N·q).</summary>
    public static ImportanceDataSampler CorrectedImportanceData(MethodSetting setting) =>
        new(setting.Examples, setting.DataConfidence, setting.Options.CarryImportances, corrects: true);

    /// <summary>Gradients of all paths summed for one SGD step with the options' rate, momentum, decay and clipping.</summary>
    public static SummedGradients OneStep(MethodSetting setting, Network network) =>
        new(network.Weights, setting.Options.Training);

    /// <summary>SUMNAS's update: learning rate, momentum and clipping of the options are those of the inner steps.</summary>
    public static Reptile Adaptation(MethodSetting setting, Network network) => new(network.Weights, new ReptileOptions
    {
        AdaptationSteps = setting.Options.AdaptationSteps,
        InnerLearningRate = setting.Options.Training.LearningRate,
        InnerMomentum = setting.Options.Training.Momentum,
        OuterLearningRate = setting.Options.OuterLearningRate,
        WeightDecay = setting.Options.OuterWeightDecay,
        ExemptNorms = setting.Options.Training.ExemptNorms,
        ClipNorm = setting.Options.Training.ClipNorm,
    });
}
