using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>
/// The networks of the ProxylessNAS space (Cai et al. 2019): a 3×3 stem, one fixed inverted convolution, 21 searchable layers, a 1×1
/// head, global average pooling and a linear classifier. As a supernet every layer holds all its convolutions; as a stand-alone network
/// that of its architecture.
/// </summary>
public sealed class ProxylessNasNetwork : Network
{
    private readonly Convolution _stem;
    private readonly BatchNorm _stemNorm;
    private readonly InvertedConvolution _firstBlock;
    private readonly List<ProxylessNasLayer> _layers = [];
    private readonly ConvolutionNorm _head;
    private readonly Linear _classifier;

    private ProxylessNasNetwork(WeightStore store, NetworkOptions options, Normalization normalization, Architecture? only)
        : base(ProxylessNas.Instance, store)
    {
        var macro = new ProxylessNasMacro(options);
        _stem = new Convolution(store, "stem.conv", options.InputChannels, macro.Stem, 3, options.HasLargeStem ? 2 : 1, bias: false);
        _stemNorm = new BatchNorm(store, "stem.bn", macro.Stem, normalization);
        _firstBlock = new InvertedConvolution(store, "first_block", macro.Stem, macro.FirstBlock, 3, 1, 1, normalization);
        foreach (ProxylessNasLayerPlan plan in macro.Layers())
        {
            double scale = options.ZeroResiduals && plan.Residual ? 0 : 1;
            _layers.Add(new ProxylessNasLayer(store, _layers.Count, plan, normalization, scale, only));
        }
        _head = new ConvolutionNorm(store, "head", macro.Last, macro.Head, 1, 1, bias: false, normalization);
        _classifier = new Linear(store, "classifier", macro.Head, options.Classes);
    }

    /// <summary>A supernet: the weights of every convolution of every layer.</summary>
    public static ProxylessNasNetwork Supernet(NetworkOptions options, Device device, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(new WeightStore(device, random), options, options.SupernetNormalization, null);
    }

    /// <summary>One architecture as a network of its own, with running statistics; it computes that path only.</summary>
    public static ProxylessNasNetwork Standalone(NetworkOptions options, Architecture architecture, Device device, RandomStream random) =>
        new(new WeightStore(device, random), options, Normalization.RunningStatistics, architecture);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor images, Architecture path, bool training) => Compute(images, path, training, DropPath.None);

    /// <inheritdoc/>
    public override TrainingOutput ForwardTraining(Tensor images, Architecture path, DropPath dropPath) => new(Compute(images, path, training: true, dropPath), null);

    private Tensor Compute(Tensor images, Architecture path, bool training, DropPath dropPath) => Tape.Over(Prepared(images), input => Body(input, path, training, dropPath));

    private Tensor Body(Tensor input, Architecture path, bool training, DropPath dropPath)
    {
        using var live = new LiveTensors();
        Tensor features = live.After(() => InvertedConvolution.Activate(new Term(_stem.Forward(input), _stemNorm), training));
        features = live.After(() => Node.Sum([_firstBlock.Forward(features, training)], Reads.Raw, training).Raw);
        foreach (ProxylessNasLayer layer in _layers) features = live.After(() => layer.Forward(features, path, training, dropPath));
        return live.Result(_classifier.Forward(AveragePooling.Global(InvertedConvolution.Activate(_head.Forward(features, training), training))));
    }
}

/// <summary>One searchable layer.</summary>
internal sealed class ProxylessNasLayer
{
    private readonly int _place;
    private readonly bool _residual;
    // By operation; what the only architecture does not take is null, as is what leaves the layer out.
    private readonly InvertedConvolution?[] _convolutions = new InvertedConvolution?[ProxylessNas.Convolutions.Length];

    public ProxylessNasLayer(WeightStore store, int place, ProxylessNasLayerPlan plan, Normalization normalization, double scale, Architecture? only)
    {
        (_place, _residual) = (place, plan.Residual);
        for (int operation = 0; operation < _convolutions.Length; operation++)
        {
            if (only is not null && only[place] != operation) continue;
            (int kernel, int expansion) = ProxylessNas.Convolutions[operation];
            string name = $"layers.{place}.{ProxylessNas.Instance.Operations[operation]}";
            int taken = operation;
            _convolutions[operation] = store.OwnedBy(
                operation, path => path[place] == taken ? place : Weight.Unused, () => new InvertedConvolution(store, name, plan.Inputs, plan.Outputs, kernel, plan.Stride, expansion, normalization, scale));
        }
    }

    public Tensor Forward(Tensor input, Architecture path, bool training, DropPath dropPath)
    {
        if (path[_place] == ProxylessNas.Skip) return input;
        Term output = _convolutions[path[_place]]!.Forward(input, training);
        return (_residual ? Node.Sum([dropPath.Apply(output), new Term(input)], Reads.Raw, training) : Node.Sum([output], Reads.Raw, training)).Raw;
    }
}
