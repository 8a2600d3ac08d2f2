using PandaNas.Spaces;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Benchmarks;

/// <summary>
/// The baseline of every claim about speed: a literal eager port of the released supernet (algorithm.md). Memory is NCHW; every
/// edge is computed, also those that carry nothing or lead nowhere; each convolution applies its own ReLU and carries a bias;
/// sums start from zeros. Nothing is slower than it has to be in a plain port, and nothing is tuned.
/// </summary>
internal sealed class LiteralNasBench201 : IDisposable
{
    private readonly List<Parameter> _parameters = [];
    private readonly Tensor _stem, _classifierWeight, _classifierBias;
    private readonly List<Block> _blocks = [];

    public LiteralNasBench201(int channels, int cells, int inputChannels, int classes)
    {
        _stem = Weight(channels, inputChannels, 3);
        for (int stage = 0; stage < 3; stage++)
        {
            if (stage > 0)
            {
                _blocks.Add(new Reduction(this, channels));
                channels *= 2;
            }
            for (int cell = 0; cell < cells; cell++) _blocks.Add(new Cell(this, channels));
        }
        _classifierWeight = Trained(randn(classes, channels) * 0.1);
        _classifierBias = Trained(zeros(classes));
    }

    /// <summary>Every trainable tensor.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>The logits of a path.</summary>
    public Tensor Forward(Tensor images, Architecture path)
    {
        Tensor features = Normalize(functional.conv2d(images, _stem, null, [1, 1], [1, 1]));
        foreach (Block block in _blocks) features = block.Forward(features, path);
        features = functional.adaptive_avg_pool2d(functional.relu(Normalize(features)), 1);
        return functional.linear(features.flatten(1), _classifierWeight, _classifierBias);
    }

    public void Dispose()
    {
        foreach (Parameter parameter in _parameters) parameter.Dispose();
    }

    private static Tensor Normalize(Tensor features) => functional.batch_norm(features, null, null, null, null, training: true);

    private Tensor Trained(Tensor values)
    {
        Parameter parameter = Parameter(values);
        parameter.DetachFromDisposeScope();
        _parameters.Add(parameter);
        return parameter;
    }

    private Tensor Weight(int outputs, int inputs, int kernel) => Trained(randn(outputs, inputs, kernel, kernel) / Math.Sqrt(inputs * kernel * kernel));

    private abstract class Block
    {
        public abstract Tensor Forward(Tensor input, Architecture path);
    }

    private sealed class ReluConvNorm(LiteralNasBench201 owner, int inputs, int outputs, int kernel, int stride)
    {
        private readonly Tensor _weight = owner.Weight(outputs, inputs, kernel);
        private readonly Tensor _bias = owner.Trained(zeros(outputs));

        public Tensor Forward(Tensor input) =>
            Normalize(functional.conv2d(functional.relu(input), _weight, _bias, [stride, stride], [kernel / 2, kernel / 2]));
    }

    private sealed class Cell : Block
    {
        private readonly (ReluConvNorm Pointwise, ReluConvNorm Spatial)[] _edges;

        public Cell(LiteralNasBench201 owner, int channels) =>
            _edges = [.. NasBench201.Edges.Select(_ => (new ReluConvNorm(owner, channels, channels, 1, 1), new ReluConvNorm(owner, channels, channels, 3, 1)))];

        public override Tensor Forward(Tensor input, Architecture path)
        {
            List<Tensor> nodes = [input];
            int edge = 0;
            for (int target = 1; target < NasBench201.Nodes; target++)
            {
                Tensor sum = zeros_like(input);
                for (int source = 0; source < target; source++, edge++) sum = sum + Operation(nodes[source], path[edge], edge);
                nodes.Add(sum);
            }
            return nodes[^1];
        }

        private Tensor Operation(Tensor input, int operation, int edge) => operation switch
        {
            NasBench201.None => input * 0,
            NasBench201.SkipConnect => input,
            NasBench201.Convolution1x1 => _edges[edge].Pointwise.Forward(input),
            NasBench201.Convolution3x3 => _edges[edge].Spatial.Forward(input),
            _ => functional.avg_pool2d(input, 3, 1, 1, count_include_pad: false),
        };
    }

    private sealed class Reduction(LiteralNasBench201 owner, int channels) : Block
    {
        private readonly ReluConvNorm _first = new(owner, channels, 2 * channels, 3, 2), _second = new(owner, 2 * channels, 2 * channels, 3, 1);
        private readonly Tensor _shortcut = owner.Weight(2 * channels, channels, 1);

        public override Tensor Forward(Tensor input, Architecture path) =>
            functional.conv2d(functional.avg_pool2d(input, 2, 2), _shortcut) + _second.Forward(_first.Forward(input));
    }
}
