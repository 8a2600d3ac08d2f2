using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>
/// The networks of the DARTS space (Liu et al. 2019): a stem, N cells each of which reads the outputs of the two before it, global
/// average pooling and a linear classifier. As a supernet every edge of every cell holds every operation; as a stand-alone network
/// only what its architecture takes.
/// </summary>
public sealed class DartsNetwork : Network
{
    private readonly DartsStem _stem;
    private readonly List<DartsCell> _cells = [];
    private readonly Linear _classifier;
    private readonly AuxiliaryHead? _auxiliary;
    private readonly int _auxiliaryPlace;

    private DartsNetwork(WeightStore store, NetworkOptions options, Normalization normalization, Architecture? only)
        : base(Darts.Instance, store)
    {
        _stem = new DartsStem(store, options, normalization);
        int channels = 0;
        _auxiliaryPlace = DartsMacro.AuxiliaryPlace(options);
        foreach (DartsCellPlan plan in DartsMacro.Cells(options))
        {
            _cells.Add(new DartsCell(store, $"cells.{_cells.Count}", plan, normalization, only));
            channels = plan.Output;
            if (only is not null && options.AuxiliaryHead && _cells.Count - 1 == _auxiliaryPlace)
                _auxiliary = new AuxiliaryHead(store, "auxiliary", channels, options.Classes, options.HasLargeStem);
        }
        _classifier = new Linear(store, "classifier", channels, options.Classes);
    }

    /// <summary>A supernet: the weights of every operation on every edge.</summary>
    public static DartsNetwork Supernet(NetworkOptions options, Device device, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(new WeightStore(device, random), options, options.SupernetNormalization, null);
    }

    /// <summary>One architecture as a network of its own, with running statistics; it computes that path only.</summary>
    public static DartsNetwork Standalone(NetworkOptions options, Architecture architecture, Device device, RandomStream random) =>
        new(new WeightStore(device, random), options, Normalization.RunningStatistics, architecture);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor images, Architecture path, bool training) => Compute(images, path, training, DropPath.None, null).Logits;

    /// <inheritdoc/>
    public override TrainingOutput ForwardTraining(Tensor images, Architecture path, DropPath dropPath) => Compute(images, path, training: true, dropPath, _auxiliary);

    private TrainingOutput Compute(Tensor images, Architecture path, bool training, DropPath dropPath, AuxiliaryHead? auxiliary)
    {
        IReadOnlyList<Tensor> logits = Tape.Over(Prepared(images), input => Body(input, path, training, dropPath, auxiliary));
        return new TrainingOutput(logits[0], logits.Count > 1 ? logits[1] : null);
    }

    private List<Tensor> Body(Tensor input, Architecture path, bool training, DropPath dropPath, AuxiliaryHead? auxiliary)
    {
        using var live = new LiveTensors();
        (Tensor first, Tensor second) = _stem.Forward(input, training);
        Tensor? auxiliaryLogits = null;
        foreach ((int place, DartsCell cell) in _cells.Index())
        {
            (Tensor before, Tensor last) = (first, second);
            IReadOnlyList<Tensor> inputs = live.After(() => [last, cell.Forward(before, last, path, training, dropPath)]);
            (first, second) = (inputs[0], inputs[1]);
            if (place == _auxiliaryPlace && auxiliary is not null) auxiliaryLogits = live.Result(auxiliary.Forward(second, training));
        }
        Tensor logits = live.Result(_classifier.Forward(AveragePooling.Global(second)));
        return auxiliaryLogits is null ? [logits] : [logits, auxiliaryLogits];
    }
}

/// <summary>What makes the first cell's two inputs: one 3×3 convolution for small images, three of stride 2 for large ones.</summary>
internal sealed class DartsStem
{
    private readonly ConvolutionNorm _first;
    private readonly ConvolutionNorm? _second, _third;

    public DartsStem(WeightStore store, NetworkOptions options, Normalization normalization)
    {
        int channels = DartsMacro.StemChannels(options);
        if (!options.HasLargeStem)
        {
            _first = new ConvolutionNorm(store, "stem", options.InputChannels, channels, 3, 1, bias: false, normalization);
            return;
        }
        _first = new ConvolutionNorm(store, "stem.0", options.InputChannels, channels / 2, 3, 2, bias: false, normalization);
        _second = new ConvolutionNorm(store, "stem.1", channels / 2, channels, 3, 2, bias: false, normalization);
        _third = new ConvolutionNorm(store, "stem.2", channels, channels, 3, 2, bias: false, normalization);
    }

    public (Tensor First, Tensor Second) Forward(Tensor images, bool training)
    {
        Features first = Node.Sum([_first.Forward(images, training)], _second is null ? Reads.Raw : Reads.Activated, training);
        if (_second is null) return (first.Raw, first.Raw);
        Features second = Node.Sum([_second.Forward(first.Activated, training)], Reads.Raw | Reads.Activated, training);
        return (second.Raw, Node.Sum([_third!.Forward(second.Activated, training)], Reads.Raw, training).Raw);
    }
}
