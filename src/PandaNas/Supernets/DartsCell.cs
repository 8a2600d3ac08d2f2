using System.Collections.Immutable;
using PandaNas.Spaces;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>A DARTS cell: with every operation on every edge in a supernet, with those of one architecture in a stand-alone network.</summary>
internal sealed class DartsCell
{
    private readonly DartsCellKind _kind;
    private readonly IOperation _firstInput, _secondInput;
    // By node, source and operation; what the only architecture does not take is null.
    private readonly IOperation?[][][] _operations;

    public DartsCell(WeightStore store, string name, DartsCellPlan plan, Normalization normalization, Architecture? only)
    {
        _kind = plan.Kind;
        _firstInput = plan.AfterReduction
            ? new FactorizedReduction(store, $"{name}.preprocess0", plan.FirstInput, plan.Channels, normalization)
            : new ConvolutionNorm(store, $"{name}.preprocess0", plan.FirstInput, plan.Channels, 1, 1, bias: false, normalization);
        _secondInput = new ConvolutionNorm(store, $"{name}.preprocess1", plan.SecondInput, plan.Channels, 1, 1, bias: false, normalization);
        _operations = new IOperation?[Darts.Nodes][][];
        for (int node = 0; node < Darts.Nodes; node++)
        {
            _operations[node] = new IOperation?[node + Darts.Inputs][];
            for (int source = 0; source < node + Darts.Inputs; source++)
                _operations[node][source] = MakeOperations(store, $"{name}.node_{node + Darts.Inputs}.edge_{source}", node, source, plan, normalization, only);
        }
    }

    /// <summary>The four nodes side by side.</summary>
    public Tensor Forward(Tensor first, Tensor second, Architecture path, bool training, DropPath dropPath)
    {
        ImmutableArray<DartsEdge> edges = Darts.Edges(path, _kind);
        Reads[] reads = ReadsOf(edges);
        var states = new Features[Darts.Inputs + Darts.Nodes];
        states[0] = Node.Sum([_firstInput.Forward(Activate(first), training)], reads[0], training);
        states[1] = Node.Sum([_secondInput.Forward(Activate(second), training)], reads[1], training);
        for (int node = 0; node < Darts.Nodes; node++)
        {
            Term low = Carry(states, node, edges[2 * node], training, dropPath), high = Carry(states, node, edges[2 * node + 1], training, dropPath);
            states[node + Darts.Inputs] = Node.Sum([low, high], reads[node + Darts.Inputs], training);
        }
        return Tape.Torch([.. states[Darts.Inputs..].Select(state => state.Raw)], nodes => cat(nodes, 1));
    }

    private static Tensor Activate(Tensor input) => Tape.Torch(input, x => x.relu());

    // The output reads every node; an input that no node reads is computed all the same, for its batch norm's statistics.
    private Reads[] ReadsOf(ImmutableArray<DartsEdge> edges)
    {
        var reads = new Reads[Darts.Inputs + Darts.Nodes];
        for (int edge = 0; edge < edges.Length; edge++) reads[edges[edge].Source] |= OperationOn(edge / 2, edges[edge]).Reads;
        for (int state = 0; state < reads.Length; state++)
            if (state >= Darts.Inputs || reads[state] == Reads.None) reads[state] |= Reads.Raw;
        return reads;
    }

    private Term Carry(Features[] states, int node, DartsEdge edge, bool training, DropPath dropPath)
    {
        IOperation operation = OperationOn(node, edge);
        Features source = states[edge.Source];
        Term carried = operation.Forward(operation.Reads == Reads.Activated ? source.Activated : source.Raw, training);
        return operation is Identity ? carried : dropPath.Apply(carried);
    }

    private IOperation OperationOn(int node, DartsEdge edge) => _operations[node][edge.Source][edge.Operation]!;

    private static IOperation?[] MakeOperations(
        WeightStore store, string name, int node, int source, DartsCellPlan plan, Normalization normalization, Architecture? only)
    {
        var operations = new IOperation?[Darts.Instance.Operations.Length];
        int stride = plan.Kind == DartsCellKind.Reduction && source < Darts.Inputs ? 2 : 1;
        for (int operation = 0; operation < operations.Length; operation++)
        {
            var edge = new DartsEdge(source, operation);
            if (only is not null && Darts.ChoiceOf(only, plan.Kind, node, edge) is null) continue;
            operations[operation] = store.OwnedBy(
                operation,
                path => Darts.ChoiceOf(path, plan.Kind, node, edge) ?? Weight.Unused,
                () => DartsOperations.Make(store, $"{name}.{Darts.Instance.Operations[edge.Operation]}", edge.Operation, plan.Channels, stride, normalization, normalizedPooling: only is null));
        }
        return operations;
    }
}
