using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Training;

namespace PandaNas.Experiments.Methods;

/// <summary>
/// A method of training a supernet: how it samples paths, how it samples data, what a step makes of the gradients. Nothing else in the
/// library knows methods. docs/adding-a-method.md has a whole one.
/// </summary>
/// <example>
/// <code>
/// var method = new TrainingMethod("mine", "first candidates more often", setting =&gt; new FirstHalf(setting.Space));
/// var fair = new TrainingMethod("fair-da", "fair paths, data by gradient norm", MethodParts.FairPaths, MethodParts.ImportanceData);
/// </code>
/// </example>
/// <param name="Name">The name that options use.</param>
/// <param name="Summary">One line for help texts.</param>
/// <param name="Paths">Makes the path sampler of a run; <see cref="MethodParts.UniformPaths"/> if left out.</param>
/// <param name="Data">Makes the data sampler of a run; <see cref="MethodParts.UniformData"/> if left out.</param>
/// <param name="Update">Makes the update rule of a network; <see cref="MethodParts.OneStep"/> if left out.</param>
public sealed record TrainingMethod(
    string Name,
    string Summary,
    Func<MethodSetting, IPathSampler>? Paths = null,
    Func<MethodSetting, IDataSampler>? Data = null,
    Func<MethodSetting, Network, IUpdateRule>? Update = null)
{
    /// <summary>Makes the path sampler of a run.</summary>
    public Func<MethodSetting, IPathSampler> Paths { get; } = Paths ?? MethodParts.UniformPaths;

    /// <summary>Makes the data sampler of a run.</summary>
    public Func<MethodSetting, IDataSampler> Data { get; } = Data ?? MethodParts.UniformData;

    /// <summary>Makes the update rule of a network.</summary>
    public Func<MethodSetting, Network, IUpdateRule> Update { get; } = Update ?? MethodParts.OneStep;

    /// <summary>Whether paths or data are drawn uniformly in the first epoch and otherwise only in later ones.</summary>
    /// <param name="setting">What the method is made for.</param>
    internal bool StartsUniform(MethodSetting setting) => Paths(setting).StartsUniform || Data(setting).NeedsImportance;

    /// <summary>Times that a step computes a path forward and back: what a step of the method costs.</summary>
    /// <param name="setting">What the method is made for.</param>
    /// <param name="network">The supernet.</param>
    internal int PassesPerStep(MethodSetting setting, Network network)
    {
        using IUpdateRule update = Update(setting, network);
        return Paths(setting).PathsPerStep * update.PassesPerPath;
    }
}
