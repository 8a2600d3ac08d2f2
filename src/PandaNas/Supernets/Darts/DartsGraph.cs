using PandaNas.Spaces;
using PandaNas.Supernets.Graphs;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.Operations;

namespace PandaNas.Supernets.Darts;

/// <summary>
/// The networks of the DARTS space (Liu et al. 2019): a stem, N cells each of which reads the outputs of the two before it, global
/// average pooling and a linear classifier. As a supernet every edge of every cell holds every operation; as a stand-alone network
/// only what its architecture takes.
/// </summary>
internal sealed class DartsGraph : NetworkGraph
{
    private readonly DartsStem _stem;
    private readonly List<DartsCell> _cells = [];
    private readonly Linear _classifier;
    private readonly AuxiliaryHead? _auxiliary;
    private readonly int _auxiliaryPlace;

    public DartsGraph(NetworkSetting setting)
    {
        NetworkOptions options = setting.Options;
        _stem = new DartsStem(setting);
        int channels = 0;
        _auxiliaryPlace = DartsMacro.AuxiliaryPlace(options);
        foreach (DartsCellPlan plan in DartsMacro.Cells(options))
        {
            _cells.Add(new DartsCell(setting, $"cells.{_cells.Count}", plan));
            channels = plan.Output;
            if (setting.IsStandalone && options.AuxiliaryHead && _cells.Count - 1 == _auxiliaryPlace)
                _auxiliary = new AuxiliaryHead(setting, channels);
        }
        _classifier = new Linear(setting.Store, "classifier", channels, options.Classes);
    }

    /// <inheritdoc/>
    public override GraphOutputs<T> Compute<T>(IComputation<T> computation, T images, Architecture path, bool auxiliary, bool deadToo)
    {
        IReadOnlyList<T> stem = computation.After(() => _stem.Compute(computation, images));
        (T first, T second) = (stem[0], stem[1]);
        T? ofAuxiliary = null;
        foreach ((int place, DartsCell cell) in _cells.Index())
        {
            (T before, T last) = (first, second);
            IReadOnlyList<T> inputs = computation.After(() => (IReadOnlyList<T>)[last, cell.Compute(computation, before, last, path)]);
            (first, second) = (inputs[0], inputs[1]);
            if (auxiliary && place == _auxiliaryPlace) ofAuxiliary = _auxiliary?.Compute(computation, second);
        }
        return new(computation.Classify(computation.Pool(second, Pooling.Global), _classifier), ofAuxiliary);
    }
}

/// <summary>What makes the first cell's two inputs: one 3×3 convolution for small images, three of stride 2 for large ones.</summary>
internal sealed class DartsStem
{
    private readonly ConvolutionNorm _first;
    private readonly ConvolutionNorm? _second, _third;

    public DartsStem(NetworkSetting setting)
    {
        int inputs = setting.Options.InputChannels, channels = DartsMacro.StemChannels(setting.Options);
        if (!setting.Options.HasLargeStem)
        {
            _first = new ConvolutionNorm(setting, "stem", inputs, channels, 3, 1);
            return;
        }
        _first = new ConvolutionNorm(setting, "stem.0", inputs, channels / 2, 3, 2);
        _second = new ConvolutionNorm(setting, "stem.1", channels / 2, channels, 3, 2);
        _third = new ConvolutionNorm(setting, "stem.2", channels, channels, 3, 2);
    }

    public IReadOnlyList<T> Compute<T>(IComputation<T> computation, T images) where T : class
    {
        Features<T> first = computation.Sum(
            computation.Complete([_first.Of(computation, images)]), _second is null ? Reads.Raw : Reads.Activated);
        if (_second is null) return [first.Raw, first.Raw];
        Features<T> second = computation.Sum(computation.Take(_second, first), Reads.Both);
        return [second.Raw, computation.Sum(computation.Take(_third!, second), Reads.Raw).Raw];
    }
}
