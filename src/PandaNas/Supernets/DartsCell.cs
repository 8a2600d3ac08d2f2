using PandaNas.Spaces;
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
            : new PointwiseNorm(store, $"{name}.preprocess0", plan.FirstInput, plan.Channels, normalization);
        _secondInput = new PointwiseNorm(store, $"{name}.preprocess1", plan.SecondInput, plan.Channels, normalization);
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
        const int States = Darts.Inputs + Darts.Nodes;
        var states = new Tensor[States];
        var activated = new Tensor?[States];
        states[0] = _firstInput.Forward(first.relu(), training);
        states[1] = _secondInput.Forward(second.relu(), training);
        int edge = 0;
        foreach (DartsEdge taken in Darts.Edges(path, _kind))
        {
            int node = edge / 2;
            IOperation operation = _operations[node][taken.Source][taken.Operation]!;
            Tensor carried = operation.Forward(operation.TakesActivated ? activated[taken.Source] ??= states[taken.Source].relu() : states[taken.Source], training);
            if (operation is not Identity) carried = dropPath.Apply(carried);
            int target = node + Darts.Inputs;
            states[target] = edge % 2 == 0 ? carried : states[target].add(carried);
            edge++;
        }
        return cat(states[Darts.Inputs..], 1);
    }

    private static IOperation?[] MakeOperations(
        WeightStore store, string name, int node, int source, DartsCellPlan plan, Normalization normalization, Architecture? only)
    {
        var operations = new IOperation?[Darts.Instance.Operations.Length];
        int stride = plan.Kind == DartsCellKind.Reduction && source < Darts.Inputs ? 2 : 1;
        for (int operation = 0; operation < operations.Length; operation++)
        {
            var edge = new DartsEdge(source, operation);
            if (only is not null && !Darts.Takes(only, plan.Kind, node, edge)) continue;
            operations[operation] = store.OwnedBy(
                operation,
                path => Darts.Takes(path, plan.Kind, node, edge),
                () => DartsOperations.Make(store, $"{name}.{Darts.Instance.Operations[edge.Operation]}", edge.Operation, plan.Channels, stride, normalization, normalizedPooling: only is null));
        }
        return operations;
    }
}
