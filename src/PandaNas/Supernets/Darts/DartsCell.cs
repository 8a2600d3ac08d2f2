using System.Collections.Immutable;
using PandaNas.Spaces;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.Operations;

namespace PandaNas.Supernets.Darts;

/// <summary>
/// A DARTS cell: with every operation on every edge in a supernet, with those of one architecture in a stand-alone network.
/// </summary>
internal sealed class DartsCell
{
    private readonly DartsCellKind _kind;
    private readonly IMadeOperation _firstInput, _secondInput;
    // By node, source and operation; what the only architecture does not take is null.
    private readonly IMadeOperation?[][][] _operations;

    public DartsCell(NetworkSetting setting, string name, DartsCellPlan plan)
    {
        _kind = plan.Kind;
        // Sizes in pixels do not matter to any operation here.
        _firstInput = plan.AfterReduction
            ? new FactorizedReduction(new OperationSetting(setting, $"{name}.preprocess0", new(plan.FirstInput, plan.Channels, 2, 2)))
            : new ConvolutionNorm(setting, $"{name}.preprocess0", plan.FirstInput, plan.Channels, 1, 1);
        _secondInput = new ConvolutionNorm(setting, $"{name}.preprocess1", plan.SecondInput, plan.Channels, 1, 1);
        _operations =
        [
            .. Enumerable.Range(0, DartsSpace.Nodes).Select(node => Enumerable.Range(0, node + DartsSpace.Inputs).Select(source =>
                MakeOperations(setting, $"{name}.node_{node + DartsSpace.Inputs}.edge_{source}", plan, node, source)).ToArray()),
        ];
    }

    /// <summary>The four nodes side by side.</summary>
    public T Compute<T>(IComputation<T> computation, T first, T second, Architecture path) where T : class
    {
        ImmutableArray<DartsEdge> edges = DartsSpace.Edges(path, _kind);
        Reads[] reads = ReadsOf(edges);
        var states = new Features<T>[DartsSpace.Inputs + DartsSpace.Nodes];
        states[0] = computation.Sum(computation.Take(_firstInput, computation.Sum([new(first)], Reads.Activated)), reads[0]);
        states[1] = computation.Sum(computation.Take(_secondInput, computation.Sum([new(second)], Reads.Activated)), reads[1]);
        for (int node = 0; node < DartsSpace.Nodes; node++)
        {
            DartsEdge low = edges[2 * node], high = edges[2 * node + 1];
            Term<T>[] terms = [.. Carry(computation, states, node, low), .. Carry(computation, states, node, high)];
            states[node + DartsSpace.Inputs] = computation.Sum(terms, reads[node + DartsSpace.Inputs]);
        }
        return computation.Concatenate([.. states[DartsSpace.Inputs..].Select(state => state.Raw)]);
    }

    // The output reads every node; an input that no node reads is computed all the same, for its batch norm's statistics.
    private Reads[] ReadsOf(ImmutableArray<DartsEdge> edges)
    {
        var reads = new Reads[DartsSpace.Inputs + DartsSpace.Nodes];
        for (int edge = 0; edge < edges.Length; edge++) reads[edges[edge].Source] |= OperationOn(edge / 2, edges[edge]).Reads;
        for (int state = 0; state < reads.Length; state++)
            if (state >= DartsSpace.Inputs || reads[state] == Reads.None) reads[state] |= Reads.Raw;
        return reads;
    }

    private Term<T>[] Carry<T>(IComputation<T> computation, Features<T>[] states, int node, DartsEdge edge) where T : class
    {
        IMadeOperation operation = OperationOn(node, edge);
        Term<T>[] carried = computation.Take(operation, states[edge.Source]);
        return operation is Identity ? carried : computation.Droppable(carried);
    }

    private IMadeOperation OperationOn(int node, DartsEdge edge) => _operations[node][edge.Source][edge.Operation]!;

    private static IMadeOperation?[] MakeOperations(NetworkSetting setting, string name, DartsCellPlan plan, int node, int source)
    {
        int stride = plan.Kind == DartsCellKind.Reduction && source < DartsSpace.Inputs ? 2 : 1;
        var shape = new OperationShape(plan.Channels, plan.Channels, stride, stride);
        var made = new OperationSetting(setting, name, shape);
        EntangledKernels?[] entangled = Entanglement.Among(DartsSpace.EdgeOperations, made, index => (index, ChoiceIn(index)));
        return [.. DartsSpace.EdgeOperations.Select((operation, index) =>
        {
            if (setting.Only is { } only && ChoiceIn(index)(only) == Weight.Unused) return null;
            OperationSetting own = made with { Name = $"{name}.{operation.Name}" };
            return setting.Store.OwnedBy([index], ChoiceIn(index), () => operation.Make(own), entangled[index], own.Name);
        })];

        Func<Architecture, int> ChoiceIn(int index)
        {
            var edge = new DartsEdge(source, index);
            return path => DartsSpace.ChoiceOf(path, plan.Kind, node, edge) ?? Weight.Unused;
        }
    }
}
