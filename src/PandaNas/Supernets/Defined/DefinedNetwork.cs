using PandaNas.Spaces;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Defined;

/// <summary>
/// The networks of a space that a user defined: stem, body, head and classifier. As a supernet every choice holds the weights of all its
/// candidates; as a stand-alone network those of one architecture, and of these only what it computes.
/// </summary>
internal sealed class DefinedNetwork : Network
{
    private readonly Convolution _stem;
    private readonly BatchNorm _stemNorm, _headNorm;
    private readonly Convolution? _head;
    private readonly List<IBodyBlock> _body = [];
    private readonly Linear _classifier;
    private readonly bool _activatesStem;
    private readonly float _ceiling;

    public DefinedNetwork(SpaceDefinition definition, SpaceLayout layout, WeightStore store, NetworkOptions options, Normalization normalization, Architecture? only)
        : base(layout.Space, store)
    {
        (StemLayer stem, int channels) = (definition.Stem, layout.Outputs);
        _activatesStem = stem.Activate;
        _ceiling = definition.Activation == Activation.Relu6 ? 6 : float.PositiveInfinity;
        _stem = new Convolution(store, "stem.conv", options.InputChannels, stem.Channels, stem.Kernel, stem.Stride, bias: false);
        _stemNorm = new BatchNorm(store, "stem.bn", stem.Channels, normalization);
        int size = (options.ImageSize + stem.Stride - 1) / stem.Stride;
        foreach (Place place in layout.Places)
        {
            var setting = new OperationSetting(store, place.Name, place.Shape(size), normalization);
            _body.Add(place switch
            {
                FixedPlace layer => new FixedBlock(layer, setting),
                SearchedPlace layer => new SearchedBlock(layer, setting, only),
                CellPlace cell => new CellBlock(layout.Space, cell, setting, only),
                _ => throw new InvalidOperationException($"{place} is no place of a body"),
            });
            size = setting.Shape.OutputSize;
        }
        if (definition.Head.Channels > 0)
        {
            _head = new Convolution(store, "head.conv", channels, definition.Head.Channels, 1, 1, bias: false);
            channels = definition.Head.Channels;
        }
        _headNorm = new BatchNorm(store, "head.bn", channels, normalization);
        _classifier = new Linear(store, "classifier", channels, options.Classes);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor images, Architecture path, bool training) => Compute(images, path, new Pass(training, _ceiling, DropPath.None));

    /// <inheritdoc/>
    public override TrainingOutput ForwardTraining(Tensor images, Architecture path, DropPath dropPath) =>
        new(Compute(images, path, new Pass(true, _ceiling, dropPath)), null);

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Share(Tensor images)
    {
        Features stem = StemOf(Prepared(images), Reads.Raw | Reads.Activated, new Pass(false, _ceiling, DropPath.None));
        return [stem.Raw, stem.Activated];
    }

    /// <inheritdoc/>
    public override Tensor FromShared(IReadOnlyList<Tensor> shared, Architecture path)
    {
        ArgumentNullException.ThrowIfNull(shared);
        return Body(new Features(shared[0], shared[1]), path, ReadsOf(path), new Pass(false, _ceiling, DropPath.None));
    }

    private Tensor Compute(Tensor images, Architecture path, Pass pass)
    {
        Reads[] reads = ReadsOf(path);
        return Tape.Over(Prepared(images), input => Body(StemOf(input, reads[0], pass), path, reads, pass));
    }

    private Features StemOf(Tensor input, Reads reads, Pass pass) => pass.Sum([new Term(_stem.Forward(input), _stemNorm)], reads, _activatesStem);

    private Tensor Body(Features features, Architecture path, Reads[] reads, Pass pass)
    {
        using var live = new LiveTensors();
        foreach ((int place, IBodyBlock block) in _body.Index())
        {
            Features input = features;
            features = live.After(() => block.Forward(input, path, reads[place + 1], pass));
        }
        Tensor raw = _head?.Forward(features.Raw) ?? features.Raw;
        return live.Result(_classifier.Forward(AveragePooling.Global(pass.Sum([new Term(raw, _headNorm)], Reads.Activated).Activated)));
    }

    // Of the input of every block, and last of the head.
    private Reads[] ReadsOf(Architecture path)
    {
        var reads = new Reads[_body.Count + 1];
        reads[^1] = Reads.Raw;
        for (int block = _body.Count - 1; block >= 0; block--) reads[block] = _body[block].ReadsOf(path, reads[block + 1]);
        return reads;
    }
}
