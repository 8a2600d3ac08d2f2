using PandaNas.Spaces;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.Operations;

namespace PandaNas.Supernets.Definitions;

/// <summary>What computes a place of the body.</summary>
internal interface IBlock
{
    /// <summary>What it reads of its input.</summary>
    /// <param name="plan">The path.</param>
    /// <param name="wanted">What is read of its output.</param>
    Reads ReadsOf(PathPlan plan, Reads wanted);

    /// <summary>Computes the place.</summary>
    Features<T> Compute<T>(IComputation<T> computation, Features<T> input, PathPlan plan, Reads wanted) where T : class;
}

/// <summary>A layer that every path computes.</summary>
internal sealed class FixedBlock(FixedPlace place, OperationSetting setting) : IBlock
{
    private readonly IMadeOperation _operation = place.Operation.Make(setting);

    public Reads ReadsOf(PathPlan plan, Reads wanted) => _operation.Reads;

    public Features<T> Compute<T>(IComputation<T> computation, Features<T> input, PathPlan plan, Reads wanted) where T : class =>
        computation.Node(computation.Take(_operation, input), wanted, place.Activate);
}

/// <summary>A layer whose operation a path chooses.</summary>
internal sealed class SearchedBlock(SearchedPlace place, OperationSetting setting) : IBlock
{
    private readonly IMadeOperation?[] _operations = place.Slot.Make(setting);
    private readonly Shortcut? _shortcut = place.Residual ? new Shortcut(setting) : null;

    public Reads ReadsOf(PathPlan plan, Reads wanted) =>
        OperationOf(plan.Path) is { } operation ? operation.Reads | (place.Residual ? Reads.Raw : Reads.None) : wanted;

    public Features<T> Compute<T>(IComputation<T> computation, Features<T> input, PathPlan plan, Reads wanted) where T : class
    {
        if (OperationOf(plan.Path) is not { } operation) return input;
        Term<T>[] output = computation.Take(operation, input);
        return computation.Sum(
            _shortcut is null ? output : [.. computation.Droppable(output), _shortcut.Of(computation, input.Raw)], wanted);
    }

    // Null where the layer is left out: a skip, and what carries nothing beside a residual connection.
    private IMadeOperation? OperationOf(Architecture path) => place.Slot.Taken(path).IsSkip ? null : _operations[path[place.Slot.Choice]];
}

/// <summary>A cell. A node's activation is shared by all that read it.</summary>
internal sealed class CellBlock : IBlock
{
    private readonly OperationSpace _space;
    private readonly CellPlace _place;
    private readonly IMadeOperation?[][] _operations;

    public CellBlock(OperationSpace space, CellPlace place, OperationSetting setting)
    {
        (_space, _place) = (space, place);
        var live = setting.Network.Only is { } only ? space.LiveEdges(place.Cell, only) : [];
        _operations = new IMadeOperation?[place.Slots.Length][];
        for (int edge = 0; edge < _operations.Length; edge++)
        {
            (int source, int target) = place.Cell.Graph.Edges[edge];
            bool isDead = !live.IsEmpty && !live[edge];
            _operations[edge] = isDead ? [] : place.Slots[edge].Make(setting with { Name = $"{setting.Name}.edge_{source}_{target}" });
        }
    }

    public Reads ReadsOf(PathPlan plan, Reads wanted) => PlanOf(plan).Reads[0];

    public Features<T> Compute<T>(IComputation<T> computation, Features<T> input, PathPlan plan, Reads wanted) where T : class
    {
        CellGraph graph = _place.Cell.Graph;
        CellPlan cell = PlanOf(plan);
        var nodes = new Features<T>?[graph.Nodes];
        nodes[0] = input;
        var terms = new List<Term<T>>();
        for (int edge = 0; edge < cell.Computed.Length; edge++)
        {
            (int source, int target) = graph.Edges[edge];
            if (cell.Computed[edge]) terms.AddRange(Carry(computation, nodes[source]!, OperationOn(edge, plan.Path)));
            bool isLast = edge + 1 == cell.Computed.Length || graph.Edges[edge + 1].Target != target;
            Reads reads = target == graph.Nodes - 1 ? wanted : cell.Reads[target];
            if (!isLast || reads == Reads.None) continue;
            if (terms.Count == 0) terms.Add(new(computation.Zeros(input.Any)));
            nodes[target] = computation.Sum(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(terms), reads);
            terms.Clear();
        }
        return nodes[^1]!;
    }

    private static Term<T>[] Carry<T>(IComputation<T> computation, Features<T> from, IMadeOperation operation) where T : class
    {
        Term<T>[] carried = computation.Take(operation, from);
        return operation is Identity ? carried : computation.Droppable(carried);
    }

    private CellPlan PlanOf(PathPlan plan) => plan.Cell(_place.Cell.Number) ??= MakePlan(plan);

    private CellPlan MakePlan(PathPlan plan)
    {
        bool[] computed = [.. plan.DeadToo ? _space.CarryingEdges(_place.Cell, plan.Path) : _space.LiveEdges(_place.Cell, plan.Path)];
        var reads = new Reads[_place.Cell.Graph.Nodes];
        for (int edge = 0; edge < computed.Length; edge++)
            if (computed[edge]) reads[_place.Cell.Graph.Edges[edge].Source] |= OperationOn(edge, plan.Path).Reads;
        // A cell in which nothing is live still needs its input's shape.
        if (reads[0] == Reads.None) reads[0] = Reads.Raw;
        return new CellPlan(computed, reads);
    }

    private IMadeOperation OperationOn(int edge, Architecture path) => _operations[edge][path[_place.Slots[edge].Choice]]!;
}
