using PandaNas.Data;
using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Experiments;

/// <summary>A supernet at its initial weights, and what its method trains it with.</summary>
internal sealed class SupernetSetup : IDisposable
{
    private readonly MethodSetting _setting;
    private readonly Method _method;
    private readonly Device _device;

    /// <summary>Makes everything from the options of a run.</summary>
    /// <exception cref="BadOptionException">Networks of these sizes cannot be built.</exception>
    public SupernetSetup(ExperimentOptions options, ExperimentData data, Device device)
    {
        _device = device;
        SpaceFamily family = SpaceCatalog.Find(options.Space);
        family.Validate(data.NetworkOptions(options));
        _setting = MethodSetting.Of(options, family, data.NetworkOptions(options), data.Train.Count);
        _method = MethodCatalog.Find(options.Method);
        Paths = _method.Paths(_setting);
        Examples = _method.Data(_setting);
        Batches = new BatchMaker(data.Train, data.Statistics, data.Augmentation(options));
        Network = family.Supernet(data.NetworkOptions(options), device, RandomStream.Derive(options.Seed, "weights"));
        PrecisionChoice precision = PrecisionResolver.Resolve(
            options.Precision, Network, Batches, Math.Min(options.BatchSize, data.Train.Count), null, options.Seed, device);
        Options = options with { Precision = precision };
    }

    /// <summary>The options, with the precision decided.</summary>
    public ExperimentOptions Options { get; }

    /// <summary>The supernet.</summary>
    public Network Network { get; }

    /// <summary>Makes mini-batches of the training part.</summary>
    public BatchMaker Batches { get; }

    /// <summary>The method's path sampler.</summary>
    public IPathSampler Paths { get; }

    /// <summary>The method's data sampler.</summary>
    public IDataSampler Examples { get; }

    /// <summary>A trainer of all this; the caller disposes it.</summary>
    public Trainer NewTrainer(TimeProvider clock) =>
        new(Network, Batches, Paths, Examples, _setting.Training, Options.Seed, _device, clock, _method.Update(_setting, Network));

    /// <summary>Measures the gradient variance at the weights and distributions of the time.</summary>
    public VarianceMeasurement NewMeasurement() => new(Network, Batches, Paths, Examples, Options.BatchSize, _device);

    /// <summary>Frees the supernet.</summary>
    public void Dispose() => Network.Dispose();
}
