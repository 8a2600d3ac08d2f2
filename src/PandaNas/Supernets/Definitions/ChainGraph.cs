using PandaNas.Spaces;
using PandaNas.Supernets.Graphs;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.Operations;

namespace PandaNas.Supernets.Definitions;

/// <summary>
/// The graph of a <see cref="SpaceDefinition"/>: stem, body, head and classifier. With every candidate a choice holds all its operations;
/// with those of one architecture only what that computes.
/// </summary>
internal sealed class ChainGraph : NetworkGraph
{
    private readonly SpaceDefinition _definition;
    private readonly int _cells;
    private readonly ConvolutionNorm _stem;
    private readonly IBlock[] _body;
    private readonly Convolution? _head;
    private readonly BatchNorm _headNorm;
    private readonly Linear _classifier;

    public ChainGraph(SpaceLayout layout, NetworkSetting setting)
    {
        (_definition, _cells) = (layout.Definition, layout.Space.Cells.Length);
        (StemLayer stem, string head) = (_definition.Stem, _definition.HeadName);
        _stem = new ConvolutionNorm(setting, "stem", setting.Options.InputChannels, stem.Channels, stem.Kernel, stem.Stride);
        _body = [.. layout.Sized(setting.Options.ImageSize).Select(placed => Block(layout.Space, placed.Place, placed.Shape, setting))];
        int channels = _definition.HeadChannels > 0 ? _definition.HeadChannels : layout.Outputs;
        if (_definition.HeadChannels > 0)
            _head = new Convolution(setting.Store, $"{head}.conv", layout.Outputs, channels, 1, 1, bias: false);
        _headNorm = new BatchNorm(setting.Store, $"{head}.bn", channels, setting.Normalization);
        _classifier = new Linear(setting.Store, "classifier", channels, setting.Options.Classes);
    }

    /// <inheritdoc/>
    public override float Ceiling => _definition.Activation == Activation.Relu6 ? 6 : float.PositiveInfinity;

    /// <inheritdoc/>
    public override GraphOutputs<T> Compute<T>(IComputation<T> computation, T images, Architecture path, bool auxiliary, bool deadToo)
    {
        var plan = new PathPlan(path, deadToo, _cells);
        Reads[] reads = ReadsOf(plan);
        return new(Body(computation, computation.After(() => Stem(computation, images, reads[0])), plan, reads));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<T> Start<T>(IComputation<T> computation, T images) => Stem(computation, images, Reads.Both).Values;

    /// <inheritdoc/>
    public override T Finish<T>(IComputation<T> computation, IReadOnlyList<T> started, Architecture path)
    {
        var plan = new PathPlan(path, deadToo: false, _cells);
        return Body(computation, new Features<T>(started[0], started[^1]), plan, ReadsOf(plan));
    }

    private IBlock Block(OperationSpace space, Place place, OperationShape shape, NetworkSetting setting)
    {
        var made = new OperationSetting(setting, place.Name, shape) { Clips = float.IsFinite(Ceiling) };
        return place switch
        {
            FixedPlace layer => new FixedBlock(layer, made),
            SearchedPlace layer => new SearchedBlock(
                layer, made with { LastScale = layer.Residual && setting.Options.ZeroResiduals ? 0 : 1 }),
            CellPlace cell => new CellBlock(space, cell, made),
            _ => throw new InvalidOperationException($"{place} is no place of a body"),
        };
    }

    private Features<T> Stem<T>(IComputation<T> computation, T images, Reads reads) where T : class =>
        computation.Node(computation.Complete([_stem.Of(computation, images)]), reads, _definition.Stem.Activate);

    private T Body<T>(IComputation<T> computation, Features<T> features, PathPlan plan, Reads[] reads) where T : class
    {
        foreach ((int place, IBlock block) in _body.Index())
        {
            Features<T> input = features;
            features = computation.After(() => block.Compute(computation, input, plan, reads[place + 1]));
        }
        T raw = _head is null ? features.Raw : computation.Convolve(features.Raw, _head);
        T activated = computation.Sum([new Term<T>(raw, _headNorm)], Reads.Activated).Activated;
        return computation.Classify(computation.Pool(activated, Pooling.Global), _classifier);
    }

    // Of the input of every block, and last of the head.
    private Reads[] ReadsOf(PathPlan plan)
    {
        var reads = new Reads[_body.Length + 1];
        reads[^1] = Reads.Raw;
        for (int block = _body.Length - 1; block >= 0; block--) reads[block] = _body[block].ReadsOf(plan, reads[block + 1]);
        return reads;
    }
}

/// <summary>Nodes that may be activated before anybody reads them.</summary>
internal static class NodeActivation
{
    /// <summary>A node, activated at once if it is to be: activating twice changes nothing.</summary>
    public static Features<T> Node<T>(
        this IComputation<T> computation, ReadOnlySpan<Term<T>> terms, Reads reads, bool activate) where T : class
    {
        if (!activate) return computation.Sum(terms, reads);
        T activated = computation.Sum(terms, Reads.Activated).Activated;
        return new Features<T>(activated, activated);
    }
}
