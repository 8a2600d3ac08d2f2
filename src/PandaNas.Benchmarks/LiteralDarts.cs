using System.Collections.Immutable;
using PandaNas.Runtime.Torch;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Darts;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Benchmarks;

/// <summary>A literal eager port of the DARTS supernet (Liu et al. 2019) with single-path sampling.</summary>
internal sealed class LiteralDarts : LiteralNetwork
{
    private readonly LiteralConvolution[] _stem;
    private readonly List<Cell> _cells = [];
    private readonly LiteralClassifier _classifier;

    public LiteralDarts(NetworkOptions sizes)
    {
        int channels = DartsMacro.StemChannels(sizes), half = channels / 2;
        _stem = sizes.HasLargeStem
            ? [Convolution(sizes.InputChannels, half, 3, 2), Convolution(half, channels, 3, 2), Convolution(channels, channels, 3, 2)]
            : [Convolution(sizes.InputChannels, channels, 3)];
        foreach (DartsCellPlan plan in DartsMacro.Cells(sizes))
        {
            _cells.Add(new Cell(this, plan));
            channels = plan.Output;
        }
        _classifier = Classifier(channels, sizes.Classes);
    }

    public override Tensor Forward(Tensor images, Architecture path)
    {
        Tensor first = Normalize(_stem[0].Forward(images));
        Tensor second = first;
        if (_stem.Length > 1)
        {
            first = Normalize(_stem[1].Forward(functional.relu(first)));
            second = Normalize(_stem[2].Forward(functional.relu(first)));
        }
        foreach (Cell cell in _cells) (first, second) = (second, cell.Forward(first, second, path));
        return _classifier.Forward(second);
    }

    private sealed class Cell
    {
        private readonly DartsCellPlan _plan;
        private readonly Func<Tensor, Tensor> _first, _second;
        // By node, source and operation.
        private readonly Func<Tensor, Tensor>[][][] _operations;

        public Cell(LiteralDarts owner, DartsCellPlan plan)
        {
            _plan = plan;
            _first = plan.AfterReduction
                ? FactorizedReduce(owner, plan.FirstInput, plan.Channels)
                : ReluConvNorm(owner, plan.FirstInput, plan.Channels);
            _second = ReluConvNorm(owner, plan.SecondInput, plan.Channels);
            int operations = DartsSpace.Instance.Operations.Length;
            _operations =
            [
                .. Enumerable.Range(0, DartsSpace.Nodes).Select(node => Enumerable.Range(0, node + DartsSpace.Inputs).Select(source =>
                    Enumerable.Range(0, operations).Select(operation => Make(owner, operation, source)).ToArray()).ToArray()),
            ];
        }

        public Tensor Forward(Tensor first, Tensor second, Architecture path)
        {
            List<Tensor> states = [_first(first), _second(second)];
            ImmutableArray<DartsEdge> edges = DartsSpace.Edges(path, _plan.Kind);
            for (int node = 0; node < DartsSpace.Nodes; node++)
            {
                Tensor Carried(DartsEdge edge) => _operations[node][edge.Source][edge.Operation](states[edge.Source]);
                states.Add(Carried(edges[2 * node]).Plus(Carried(edges[(2 * node) + 1])));
            }
            return cat([.. states.Skip(DartsSpace.Inputs)], 1);
        }

        private Func<Tensor, Tensor> Make(LiteralDarts owner, int operation, int source)
        {
            int channels = _plan.Channels, stride = _plan.Kind == DartsCellKind.Reduction && source < DartsSpace.Inputs ? 2 : 1;
            return operation switch
            {
                DartsSpace.MaxPool3x3 => input => Normalize(functional.max_pool2d(input, 3, stride, 1)),
                DartsSpace.AveragePool3x3 => input => Normalize(functional.avg_pool2d(input, 3, stride, 1, count_include_pad: false)),
                DartsSpace.SkipConnect => stride == 1 ? input => input : FactorizedReduce(owner, channels, channels),
                DartsSpace.SeparableConvolution3x3 => Twice(owner, channels, 3, stride),
                DartsSpace.SeparableConvolution5x5 => Twice(owner, channels, 5, stride),
                DartsSpace.DilatedConvolution3x3 => Separable(owner, channels, 3, stride, 2),
                _ => Separable(owner, channels, 5, stride, 2),
            };
        }

        private static Func<Tensor, Tensor> ReluConvNorm(LiteralDarts owner, int inputs, int outputs)
        {
            LiteralConvolution convolution = owner.Convolution(inputs, outputs, 1);
            return input => Normalize(convolution.Forward(functional.relu(input)));
        }

        // The second convolution sees the image from its second row and column on.
        private static Func<Tensor, Tensor> FactorizedReduce(LiteralDarts owner, int inputs, int outputs)
        {
            LiteralConvolution even = owner.Convolution(inputs, outputs / 2, 1, 2);
            LiteralConvolution odd = owner.Convolution(inputs, outputs - (outputs / 2), 1, 2);
            return input =>
            {
                Tensor active = functional.relu(input);
                Tensor shifted = active.narrow(2, 1, active.shape[2] - 1).narrow(3, 1, active.shape[3] - 1);
                return Normalize(cat([even.Forward(active), odd.Forward(shifted)], 1));
            };
        }

        private static Func<Tensor, Tensor> Separable(LiteralDarts owner, int channels, int kernel, int stride, int dilation)
        {
            LiteralConvolution depthwise = owner.Convolution(channels, channels, kernel, stride, channels, dilation);
            LiteralConvolution pointwise = owner.Convolution(channels, channels, 1);
            return input => Normalize(pointwise.Forward(depthwise.Forward(functional.relu(input))));
        }

        private static Func<Tensor, Tensor> Twice(LiteralDarts owner, int channels, int kernel, int stride)
        {
            Func<Tensor, Tensor> first = Separable(owner, channels, kernel, stride, 1), second = Separable(owner, channels, kernel, 1, 1);
            return input => second(first(input));
        }
    }
}
