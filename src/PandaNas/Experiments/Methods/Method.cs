using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Training;

namespace PandaNas.Experiments.Methods;

/// <summary>A method of training a supernet: how it samples paths, how it samples data, what a step makes of the gradients.</summary>
/// <param name="Name">The name that options use.</param>
/// <param name="Summary">One line for help texts.</param>
/// <param name="Paths">Makes the path sampler.</param>
/// <param name="Data">Makes the data sampler.</param>
/// <param name="Update">Makes the update rule of a network.</param>
public sealed record Method(
    string Name,
    string Summary,
    Func<MethodSetting, IPathSampler> Paths,
    Func<MethodSetting, IDataSampler> Data,
    Func<MethodSetting, Network, IUpdateRule> Update)
{
    /// <summary>Whether paths or data are drawn uniformly in the first epoch and otherwise only in later ones.</summary>
    /// <param name="setting">What the method is made for.</param>
    public bool StartsUniform(MethodSetting setting) => Paths(setting).StartsUniform || Data(setting).NeedsImportance;

    /// <summary>Forward-backward passes of a mini-batch over a path in one step: what a step of the method costs.</summary>
    /// <param name="setting">What the method is made for.</param>
    /// <param name="network">The supernet.</param>
    public int PassesPerStep(MethodSetting setting, Network network)
    {
        using IUpdateRule update = Update(setting, network);
        return Paths(setting).PathsPerStep * update.PassesPerPath;
    }
}
