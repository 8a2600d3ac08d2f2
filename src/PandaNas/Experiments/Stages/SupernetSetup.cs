using PandaNas.Data.Batches;
using PandaNas.Distributed;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Stages;

/// <summary>A supernet at its initial weights, and what its method trains it with.</summary>
internal sealed class SupernetSetup : IDisposable
{
    private readonly MethodSetting _setting;
    private readonly TrainingMethod _method;
    private readonly Device _device;
    private readonly int _comparedImages;
    private readonly float[]? _lossWeights;

    /// <summary>Makes everything from the options of a run.</summary>
    /// <exception cref="BadOptionException">Networks of these sizes cannot be built.</exception>
    public SupernetSetup(SupernetOptions options, ExperimentData data, Device device)
    {
        _device = device;
        SpaceFamily family = options.Family;
        NetworkOptions sizes = data.NetworkOptions(options);
        family.Validate(sizes);
        _setting = MethodSetting.Of(options, family, sizes, data.Train.Count);
        _method = options.Catalog.FindMethod(options.Method);
        Paths = _method.Paths(_setting);
        Examples = _method.Data(_setting);
        Batches = data.Train.Batches(data.Statistics, data.Augmentation(options));
        Network = family.Supernet(sizes, device, RandomStream.Derive(options.Seed, "weights"));
        _comparedImages = Math.Min(options.BatchSize, data.Train.Count);
        _lossWeights = data.LossWeights(options);
        Options = options;
    }

    /// <summary>The options.</summary>
    public SupernetOptions Options { get; private set; }

    /// <summary>The supernet.</summary>
    public Network Network { get; }

    /// <summary>Makes mini-batches of the training part.</summary>
    public IBatchMaker Batches { get; }

    /// <summary>The method's path sampler.</summary>
    public IPathSampler Paths { get; }

    /// <summary>The method's data sampler.</summary>
    public IDataSampler Examples { get; }

    /// <summary>Decides the precision, which takes some steps where it is left to the machine; the options then have it.</summary>
    public ChosenPrecision DecidePrecision(TimeProvider clock)
    {
        ChosenPrecision chosen = PrecisionResolver.Resolve(
            Options.Precision, Network, Batches, _comparedImages, null, Options.Seed, _device, clock);
        Options = Options with { Precision = chosen.Choice };
        return chosen;
    }

    /// <summary>A trainer of all this, or of this rank's part of every mini-batch; the caller disposes it.</summary>
    public Trainer NewTrainer(TimeProvider clock, ICommunicator? ranks) =>
        new(
            Network, Batches, Paths, Examples, Options, Options.Seed, _device, clock, _method.Update(_setting, Network),
            _lossWeights, ranks);

    /// <summary>Measures the gradient variance at the weights and distributions of the time.</summary>
    public VarianceMeasurement NewMeasurement() => new(Network, Batches, Paths, Examples, Options.BatchSize, _device);

    /// <summary>Frees the supernet.</summary>
    public void Dispose() => Network.Dispose();
}
