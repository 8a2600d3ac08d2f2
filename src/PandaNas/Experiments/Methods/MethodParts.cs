using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Training;

namespace PandaNas.Experiments.Methods;

/// <summary>The parts of which methods are put together, made from a run's options.</summary>
public static class MethodParts
{
    /// <summary>One path per step, every candidate equally likely.</summary>
    public static IPathSampler UniformPaths(MethodSetting setting) => new UniformPathSampler(setting.Space);

    /// <summary>Every candidate of every choice once per step.</summary>
    public static IPathSampler FairPaths(MethodSetting setting) => new FairPathSampler(setting.Space);

    /// <summary>Fair paths that are drawn once per epoch.</summary>
    public static IPathSampler FrozenFairPaths(MethodSetting setting) => new EpochFrozenPathSampler(FairPaths(setting), setting.Space);

    /// <summary>PA's paths: the options' schedule, confidence and carrying.</summary>
    public static IPathSampler GradientNormPaths(MethodSetting setting) =>
        new GradientNormPathSampler(setting.Space, setting.PathConfidence, setting.Options.CarryNorms);

    /// <summary>PA's paths with probabilities for every choice by itself.</summary>
    public static IPathSampler ChoiceGradientNormPaths(MethodSetting setting) =>
        new ChoiceGradientNormPathSampler(setting.Space, setting.PathConfidence, setting.Options.CarryNorms);

    /// <summary>Paths that differ in one operation from step to step.</summary>
    public static IPathSampler GradualPaths(MethodSetting setting) => new GradualPathSampler(setting.Space);

    /// <summary>Paths that drift to the operations with weights of their own, by PA's schedule.</summary>
    public static IPathSampler BiasedPaths(MethodSetting setting) =>
        new BiasedPathSampler(setting.Space, architecture => setting.Cost(architecture).Parameters, setting.PathConfidence);

    /// <summary>One path per step, every depth equally likely, within a depth uniformly (EFS-NAS, AAAI 2025).</summary>
    public static IPathSampler BalancedPaths(MethodSetting setting) => Balanced(setting, UniformPaths(setting));

    /// <summary>PA's paths, but every depth equally likely.</summary>
    public static IPathSampler BalancedGradientNormPaths(MethodSetting setting) => Balanced(setting, GradientNormPaths(setting));

    /// <summary>The largest path for the first tenth of the training, then uniform ones; sizes are multiply-adds.</summary>
    public static IPathSampler LargestFirstPaths(MethodSetting setting) => new LargestFirstPathSampler(
        UniformPaths(setting), setting.Space, architecture => setting.Cost(architecture).MultiplyAdds);

    /// <summary>The largest path, the smallest one and two random ones; sizes are multiply-adds.</summary>
    public static IPathSampler SandwichPaths(MethodSetting setting) =>
        new SandwichPathSampler(setting.Space, architecture => setting.Cost(architecture).MultiplyAdds);

    /// <summary>Every example once per epoch.</summary>
    public static IDataSampler UniformData(MethodSetting setting) => new UniformDataSampler(setting.Examples);

    /// <summary>DA's examples: the options' schedule, confidence and carrying.</summary>
    public static IDataSampler ImportanceData(MethodSetting setting) =>
        new ImportanceDataSampler(setting.Examples, setting.DataConfidence, setting.Options.CarryImportances);

    /// <summary>DA's examples with each loss weighted by 1/(N·q).</summary>
    public static IDataSampler CorrectedImportanceData(MethodSetting setting) =>
        new ImportanceDataSampler(setting.Examples, setting.DataConfidence, setting.Options.CarryImportances, corrects: true);

    /// <summary>Gradients of all paths summed for one SGD step with the options' rate, momentum, decay and clipping.</summary>
    public static IUpdateRule OneStep(MethodSetting setting, Network network) =>
        new SummedGradients(network.Weights, setting.Options);

    /// <summary>SUMNAS's update: learning rate, momentum and clipping of the options are those of the inner steps.</summary>
    public static IUpdateRule Adaptation(MethodSetting setting, Network network)
    {
        SupernetOptions options = setting.Options;
        return new Reptile(network.Weights, new ReptileOptions(
            options.AdaptationSteps, options.LearningRate, options.Momentum, options.OuterLearningRate, options.OuterWeightDecay,
            options.ClipNorm, options.ExemptNorms));
    }

    private static BalancedPathSampler Balanced(MethodSetting setting, IPathSampler proposals) => new(proposals, () => Strata.Of(
        setting.Space,
        architecture => setting.LiveDepth(architecture),
        architecture => setting.LiveDepth(architecture) is null ? null : setting.LiveCost(architecture).MultiplyAdds));
}
