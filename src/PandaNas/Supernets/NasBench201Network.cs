using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>
/// The NAS-Bench-201 macro skeleton (Dong and Yang 2020): 3×3 stem to C channels, three stages of N cells with C, 2C and 4C
/// channels, a residual block of stride 2 between stages, global average pooling and a linear classifier. As a supernet every
/// edge holds its two convolutions; as a stand-alone network only what its architecture computes.
/// </summary>
public sealed class NasBench201Network : Network
{
    private readonly Convolution _stem;
    private readonly BatchNorm _stemNorm, _lastNorm;
    private readonly List<IBlock> _body = [];
    private readonly Linear _classifier;

    private NasBench201Network(WeightStore store, NetworkOptions options, Normalization normalization, Architecture? only)
        : base(NasBench201.Instance, store)
    {
        int channels = options.Channels;
        _stem = new Convolution(store, "stem.conv", options.InputChannels, channels, 3, 1, bias: false);
        _stemNorm = new BatchNorm(store, "stem.bn", channels, normalization);
        for (int stage = 0; stage < 3; stage++)
        {
            if (stage > 0)
            {
                _body.Add(new NasBench201Reduction(store, $"reductions.{stage - 1}", channels, 2 * channels, options.ConvolutionBias, normalization));
                channels *= 2;
            }
            for (int cell = 0; cell < options.Cells; cell++)
                _body.Add(new NasBench201Cell(store, $"cells.{stage * options.Cells + cell}", channels, options.ConvolutionBias, normalization, only));
        }
        _lastNorm = new BatchNorm(store, "last.bn", channels, normalization);
        _classifier = new Linear(store, "classifier", channels, options.Classes);
    }

    /// <summary>A supernet: the weights of all 15,625 architectures, normalised by batch statistics.</summary>
    public static NasBench201Network Supernet(NetworkOptions options, Device device, RandomStream random) =>
        new(new WeightStore(device, random), options, options.SupernetNormalization, null);

    /// <summary>One architecture as a network of its own, with running statistics; it computes that path only.</summary>
    public static NasBench201Network Standalone(NetworkOptions options, Architecture architecture, Device device, RandomStream random) =>
        new(new WeightStore(device, random), options with { ConvolutionBias = false }, Normalization.RunningStatistics, architecture);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor images, Architecture path, bool training)
    {
        var plan = PathPlan.Of(path);
        return Tape.Over(Prepared(images), input => Body(Stem(input, ReadsOf(0, plan), training), plan, training));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Share(Tensor images)
    {
        Features stem = Stem(Prepared(images), Reads.Raw | Reads.Activated, training: false);
        return [stem.Raw, stem.Activated];
    }

    /// <inheritdoc/>
    public override Tensor FromShared(IReadOnlyList<Tensor> shared, Architecture path)
    {
        ArgumentNullException.ThrowIfNull(shared);
        return Body(new Features(shared[0], shared[1]), PathPlan.Of(path), training: false);
    }

    private Features Stem(Tensor input, Reads reads, bool training) => Node.Sum([new Term(_stem.Forward(input), _stemNorm)], reads, training);

    private Tensor Body(Features features, PathPlan plan, bool training)
    {
        using var live = new LiveTensors();
        foreach ((int place, IBlock block) in _body.Index())
        {
            Features input = features;
            features = live.After(() => block.Forward(input, plan, ReadsOf(place + 1, plan), training));
        }
        features = Node.Sum([new Term(features.Raw, _lastNorm)], Reads.Activated, training);
        return live.Result(_classifier.Forward(AveragePooling.Global(features.Activated)));
    }

    // What is read of the input of a block; after the last comes a batch norm.
    private Reads ReadsOf(int block, PathPlan plan) => block < _body.Count ? _body[block].Reads(plan) : Reads.Raw;
}

/// <summary>What the cells need to know of a path; the same for all of them.</summary>
/// <param name="Path">The path.</param>
/// <param name="Live">Whether each edge is computed.</param>
/// <param name="Reads">What is read of each node but the last.</param>
internal sealed record PathPlan(Architecture Path, bool[] Live, Reads[] Reads)
{
    /// <summary>The plan of a path.</summary>
    public static PathPlan Of(Architecture path)
    {
        bool[] live = [.. NasBench201.LiveEdges(path)];
        var reads = new Reads[NasBench201.Nodes - 1];
        for (int edge = 0; edge < live.Length; edge++)
            if (live[edge])
                reads[NasBench201.Edges[edge].Source] |=
                    path[edge] is NasBench201.SkipConnect or NasBench201.AveragePool3x3 ? Supernets.Reads.Raw : Supernets.Reads.Activated;
        // A cell in which nothing is live still needs its input's shape.
        if (reads[0] == Supernets.Reads.None) reads[0] = Supernets.Reads.Raw;
        return new PathPlan(path, live, reads);
    }
}

/// <summary>A block of the body; keeps the number of the images, may change channels and size.</summary>
internal interface IBlock
{
    /// <summary>What the block reads of its input.</summary>
    Reads Reads(PathPlan plan);

    /// <summary>Computes the block.</summary>
    Features Forward(Features input, PathPlan plan, Reads reads, bool training);
}

/// <summary>One searchable cell. Dead edges are not computed, and a node's activation is shared by the convolutions that read it.</summary>
internal sealed class NasBench201Cell : IBlock
{
    private readonly ConvolutionNorm?[] _pointwise = new ConvolutionNorm?[NasBench201.Edges.Length];
    private readonly ConvolutionNorm?[] _spatial = new ConvolutionNorm?[NasBench201.Edges.Length];

    public NasBench201Cell(WeightStore store, string name, int channels, bool bias, Normalization normalization, Architecture? only)
    {
        bool[]? live = only is null ? null : [.. NasBench201.LiveEdges(only)];
        for (int edge = 0; edge < NasBench201.Edges.Length; edge++)
        {
            int here = edge;
            (int source, int target) = NasBench201.Edges[edge];
            ConvolutionNorm? Build(int operation, int kernel) =>
                only is not null && (only[edge] != operation || !live![edge])
                    ? null
                    : store.OwnedBy(operation, path => path[here] == operation ? here : Weight.Unused, () => new ConvolutionNorm(
                        store, $"{name}.edge_{source}_{target}.{NasBench201.Instance.Operations[operation]}", channels, channels, kernel, 1, bias, normalization));
            _pointwise[edge] = Build(NasBench201.Convolution1x1, 1);
            _spatial[edge] = Build(NasBench201.Convolution3x3, 3);
        }
    }

    public Reads Reads(PathPlan plan) => plan.Reads[0];

    public Features Forward(Features input, PathPlan plan, Reads reads, bool training)
    {
        var nodes = new Features?[NasBench201.Nodes];
        nodes[0] = input;
        var terms = new List<Term>();
        for (int edge = 0; edge < plan.Live.Length; edge++)
        {
            (int source, int target) = NasBench201.Edges[edge];
            if (plan.Live[edge]) terms.Add(Carry(nodes[source]!, plan.Path[edge], edge, training));
            if (source < target - 1 || terms.Count == 0) continue;
            Reads wanted = target == NasBench201.Nodes - 1 ? reads : plan.Reads[target];
            nodes[target] = Node.Sum(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(terms), wanted, training);
            terms.Clear();
        }
        return nodes[^1] ?? Node.Sum([new Term(Tape.Constant(zeros_like(input.Any)))], reads, training);
    }

    private Term Carry(Features from, int operation, int edge, bool training) => operation switch
    {
        NasBench201.SkipConnect => new Term(from.Raw),
        NasBench201.AveragePool3x3 => new Term(AveragePooling.Same3x3(from.Raw)),
        NasBench201.Convolution1x1 => _pointwise[edge]!.Forward(from.Activated, training),
        _ => _spatial[edge]!.Forward(from.Activated, training),
    };
}

/// <summary>The residual block between stages: two 3×3 convolutions, the first of stride 2, beside average pooling and a 1×1 convolution.</summary>
internal sealed class NasBench201Reduction : IBlock
{
    private readonly ConvolutionNorm _first, _second;
    private readonly Convolution _shortcut;

    public NasBench201Reduction(WeightStore store, string name, int inputs, int outputs, bool bias, Normalization normalization)
    {
        _first = new ConvolutionNorm(store, $"{name}.conv_a", inputs, outputs, 3, 2, bias, normalization);
        _second = new ConvolutionNorm(store, $"{name}.conv_b", outputs, outputs, 3, 1, bias, normalization);
        _shortcut = new Convolution(store, $"{name}.shortcut", inputs, outputs, 1, 1, bias: false);
    }

    public Reads Reads(PathPlan plan) => Supernets.Reads.Raw | Supernets.Reads.Activated;

    public Features Forward(Features input, PathPlan plan, Reads reads, bool training)
    {
        Features middle = Node.Sum([_first.Forward(input.Activated, training)], Supernets.Reads.Activated, training);
        // Rounding up keeps odd sizes in step with the strided convolution; even sizes, the published ones, are unaffected.
        Tensor shortcut = _shortcut.Forward(AveragePooling.Halve(input.Raw));
        return Node.Sum([_second.Forward(middle.Activated, training), new Term(shortcut)], reads, training);
    }
}
