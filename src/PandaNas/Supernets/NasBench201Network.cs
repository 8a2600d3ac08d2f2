using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

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
    private readonly List<ICellOrReduction> _body = [];
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
        new(new WeightStore(device, random), options, Normalization.BatchStatistics, null);

    /// <summary>One architecture as a network of its own, with running statistics; it computes that path only.</summary>
    public static NasBench201Network Standalone(NetworkOptions options, Architecture architecture, Device device, RandomStream random) =>
        new(new WeightStore(device, random), options with { ConvolutionBias = false }, Normalization.RunningStatistics, architecture);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor images, Architecture path, bool training)
    {
        bool[] live = [.. NasBench201.LiveEdges(path)];
        // Every operation after this keeps the layout, and the fused kernels need it.
        Tensor features = _stemNorm.Forward(_stem.Forward(ChannelsLast.Of(images)), training);
        foreach (ICellOrReduction block in _body) features = block.Forward(features, path, live, training);
        // Nothing else reads the normalised features, so the activation may overwrite them.
        features = _lastNorm.Forward(features, training).relu_();
        return _classifier.Forward(features.mean([2, 3]));
    }
}

/// <summary>A block of the body; keeps the number of the images, may change channels and size.</summary>
internal interface ICellOrReduction
{
    Tensor Forward(Tensor input, Architecture path, bool[] live, bool training);
}

/// <summary>One searchable cell. Dead edges are not computed, and a node's ReLU is shared by the convolutions that read it.</summary>
internal sealed class NasBench201Cell : ICellOrReduction
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
                    : store.OwnedBy(operation, path => path[here] == operation, () => new ConvolutionNorm(
                        store, $"{name}.edge_{source}_{target}.{NasBench201.Instance.Operations[operation]}", channels, channels, kernel, 1, bias, normalization));
            _pointwise[edge] = Build(NasBench201.Convolution1x1, 1);
            _spatial[edge] = Build(NasBench201.Convolution3x3, 3);
        }
    }

    public Tensor Forward(Tensor input, Architecture path, bool[] live, bool training)
    {
        var nodes = new Tensor?[NasBench201.Nodes];
        var activated = new Tensor?[NasBench201.Nodes];
        var owned = new bool[NasBench201.Nodes];
        nodes[0] = input;
        for (int edge = 0; edge < live.Length; edge++)
        {
            if (!live[edge]) continue;
            (int source, int target) = NasBench201.Edges[edge];
            Tensor from = nodes[source]!;
            Tensor carried = path[edge] switch
            {
                NasBench201.SkipConnect => from,
                NasBench201.AveragePool3x3 => AveragePooling.Forward(from),
                NasBench201.Convolution1x1 => _pointwise[edge]!.Forward(activated[source] ??= from.relu(), training),
                _ => _spatial[edge]!.Forward(activated[source] ??= from.relu(), training),
            };
            // A sum that this cell made may be added to in place; a node that came in by a skip belongs to someone else.
            bool fresh = path[edge] != NasBench201.SkipConnect;
            if (nodes[target] is not { } sum) (nodes[target], owned[target]) = (carried, fresh);
            else if (owned[target]) sum.add_(carried);
            else (nodes[target], owned[target]) = (sum.add(carried), true);
        }
        return nodes[^1] ?? zeros_like(input);
    }
}

/// <summary>The residual block between stages: two 3×3 convolutions, the first of stride 2, beside average pooling and a 1×1 convolution.</summary>
internal sealed class NasBench201Reduction : ICellOrReduction
{
    private readonly ConvolutionNorm _first, _second;
    private readonly Convolution _shortcut;

    public NasBench201Reduction(WeightStore store, string name, int inputs, int outputs, bool bias, Normalization normalization)
    {
        _first = new ConvolutionNorm(store, $"{name}.conv_a", inputs, outputs, 3, 2, bias, normalization);
        _second = new ConvolutionNorm(store, $"{name}.conv_b", outputs, outputs, 3, 1, bias, normalization);
        _shortcut = new Convolution(store, $"{name}.shortcut", inputs, outputs, 1, 1, bias: false);
    }

    public Tensor Forward(Tensor input, Architecture path, bool[] live, bool training)
    {
        Tensor residual = _second.Forward(_first.Forward(input.relu(), training).relu_(), training);
        // Rounding up keeps odd sizes in step with the strided convolution; even sizes, the published ones, are unaffected.
        Tensor shortcut = _shortcut.Forward(functional.avg_pool2d(input, 2, 2, 0, ceil_mode: true, count_include_pad: false));
        return residual.add_(shortcut);
    }
}

/// <summary>A convolution and its batch norm; the ReLU before them is the caller's, so that it can be shared.</summary>
internal sealed class ConvolutionNorm(
    WeightStore store, string name, int inputs, int outputs, int kernel, int stride, bool bias, Normalization normalization)
{
    private readonly Convolution _convolution = new(store, $"{name}.conv", inputs, outputs, kernel, stride, bias);
    private readonly BatchNorm _norm = new(store, $"{name}.bn", outputs, normalization);

    public Tensor Forward(Tensor activated, bool training) => _norm.Forward(_convolution.Forward(activated), training);
}
