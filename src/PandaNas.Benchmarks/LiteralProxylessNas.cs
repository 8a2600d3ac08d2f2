using PandaNas.Runtime.Torch;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Definitions;
using PandaNas.Supernets.ProxylessNas;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Benchmarks;

/// <summary>A literal eager port of the ProxylessNAS supernet (Cai et al. 2019) with single-path sampling.</summary>
internal sealed class LiteralProxylessNas : LiteralNetwork
{
    private readonly LiteralConvolution _stem, _head;
    private readonly Block _firstBlock;
    private readonly List<(bool IsResidual, Block[] Blocks)> _layers = [];
    private readonly LiteralClassifier _classifier;

    public LiteralProxylessNas(NetworkOptions sizes)
    {
        SpaceLayout layout = new ProxylessNasFamily().Layout(sizes);
        (StemLayer stem, int head) = (layout.Definition.Stem, layout.Definition.HeadChannels);
        _stem = Convolution(sizes.InputChannels, stem.Channels, 3, stem.Stride);
        _firstBlock = new Block(this, stem.Channels, layout.Places[0].Outputs, 3, 1, 1);
        foreach (SearchedPlace place in layout.Places.OfType<SearchedPlace>())
        {
            Block BlockOf((int Kernel, int Expansion) one) =>
                new(this, place.Inputs, place.Outputs, one.Kernel, place.Stride, one.Expansion);
            _layers.Add((place.Residual, [.. ProxylessNasSpace.Convolutions.Select(BlockOf)]));
        }
        _head = Convolution(layout.Outputs, head, 1);
        _classifier = Classifier(head, sizes.Classes);
    }

    public override Tensor Forward(Tensor images, Architecture path)
    {
        Tensor features = _firstBlock.Forward(Activate(_stem.Forward(images)));
        for (int layer = 0; layer < _layers.Count; layer++)
        {
            if (path[layer] == ProxylessNasSpace.Skip) continue;
            Tensor output = _layers[layer].Blocks[path[layer]].Forward(features);
            features = _layers[layer].IsResidual ? output.Plus(features) : output;
        }
        return _classifier.Forward(Activate(_head.Forward(features)));
    }

    private static Tensor Activate(Tensor features) => functional.relu6(Normalize(features));

    private sealed class Block(LiteralProxylessNas owner, int inputs, int outputs, int kernel, int stride, int expansion)
    {
        private readonly LiteralConvolution? _expand = expansion > 1 ? owner.Convolution(inputs, inputs * expansion, 1) : null;
        private readonly LiteralConvolution _depthwise =
            owner.Convolution(inputs * expansion, inputs * expansion, kernel, stride, inputs * expansion);
        private readonly LiteralConvolution _project = owner.Convolution(inputs * expansion, outputs, 1);

        public Tensor Forward(Tensor input)
        {
            Tensor wide = _expand is null ? input : Activate(_expand.Forward(input));
            return Normalize(_project.Forward(Activate(_depthwise.Forward(wide))));
        }
    }
}
