using PandaNas.Runtime.Torch;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Benchmarks;

/// <summary>
/// A literal eager port of the released supernet (algorithm.md). Every edge is computed, also those that carry nothing or lead nowhere;
/// each convolution applies its own ReLU and carries a bias; sums start from zeros.
/// </summary>
internal sealed class LiteralNasBench201 : LiteralNetwork
{
    private const int Stages = 3;

    private readonly LiteralConvolution _stem;
    private readonly List<Block> _blocks = [];
    private readonly LiteralClassifier _classifier;

    public LiteralNasBench201(NetworkOptions sizes)
    {
        int channels = sizes.Channels;
        _stem = Convolution(sizes.InputChannels, channels, 3);
        for (int stage = 0; stage < Stages; stage++)
        {
            if (stage > 0)
            {
                _blocks.Add(new Reduction(this, channels));
                channels *= 2;
            }
            for (int cell = 0; cell < sizes.Cells; cell++) _blocks.Add(new Cell(this, channels));
        }
        _classifier = Classifier(channels, sizes.Classes);
    }

    public override Tensor Forward(Tensor images, Architecture path)
    {
        Tensor features = Normalize(_stem.Forward(images));
        foreach (Block block in _blocks) features = block.Forward(features, path);
        return _classifier.Forward(functional.relu(Normalize(features)));
    }

    private abstract class Block
    {
        public abstract Tensor Forward(Tensor input, Architecture path);
    }

    private sealed class ReluConvNorm(LiteralNasBench201 owner, int inputs, int outputs, int kernel, int stride)
    {
        private readonly LiteralConvolution _convolution = owner.Convolution(inputs, outputs, kernel, stride);
        private readonly Tensor _bias = owner.Trained(zeros(outputs));

        public Tensor Forward(Tensor input) => Normalize(_convolution.Forward(functional.relu(input), _bias));
    }

    private sealed class Cell : Block
    {
        private static readonly Scalar Zero = 0.ToScalar();

        private readonly (ReluConvNorm Pointwise, ReluConvNorm Spatial)[] _edges;

        public Cell(LiteralNasBench201 owner, int channels) =>
            _edges =
            [
                .. NasBench201Space.Instance.Edges
                    .Select(_ => (new ReluConvNorm(owner, channels, channels, 1, 1), new ReluConvNorm(owner, channels, channels, 3, 1)))
            ];

        public override Tensor Forward(Tensor input, Architecture path)
        {
            List<Tensor> nodes = [input];
            int edge = 0;
            for (int target = 1; target < NasBench201Space.Nodes; target++)
            {
                Tensor sum = zeros_like(input);
                for (int source = 0; source < target; source++, edge++) sum = sum.Plus(Operation(nodes[source], path[edge], edge));
                nodes.Add(sum);
            }
            return nodes[^1];
        }

        private Tensor Operation(Tensor input, int operation, int edge) => operation switch
        {
            NasBench201Space.None => input.mul(Zero),
            NasBench201Space.SkipConnect => input,
            NasBench201Space.Convolution1x1 => _edges[edge].Pointwise.Forward(input),
            NasBench201Space.Convolution3x3 => _edges[edge].Spatial.Forward(input),
            _ => functional.avg_pool2d(input, 3, 1, 1, count_include_pad: false),
        };
    }

    private sealed class Reduction(LiteralNasBench201 owner, int channels) : Block
    {
        private readonly ReluConvNorm _first = new(owner, channels, 2 * channels, 3, 2);
        private readonly ReluConvNorm _second = new(owner, 2 * channels, 2 * channels, 3, 1);
        private readonly LiteralConvolution _shortcut = owner.Convolution(channels, 2 * channels, 1);

        public override Tensor Forward(Tensor input, Architecture path) =>
            _shortcut.Forward(functional.avg_pool2d(input, 2, 2)).Plus(_second.Forward(_first.Forward(input)));
    }
}
