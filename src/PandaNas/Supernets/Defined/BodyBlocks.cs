using PandaNas.Spaces;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Defined;

/// <summary>What computes a place of the body.</summary>
internal interface IBodyBlock
{
    /// <summary>What it reads of its input.</summary>
    /// <param name="path">The path.</param>
    /// <param name="wanted">What is read of its output.</param>
    Reads ReadsOf(Architecture path, Reads wanted);

    /// <summary>Computes the place.</summary>
    Features Forward(Features input, Architecture path, Reads wanted, Pass pass);
}

/// <summary>A layer that every path computes.</summary>
internal sealed class FixedBlock(FixedPlace place, OperationSetting setting) : IBodyBlock
{
    private readonly IOperation _operation = place.Operation.Make(setting with { Name = $"{setting.Name}.{place.Operation.Name}" });

    public Reads ReadsOf(Architecture path, Reads wanted) => _operation.Reads;

    public Features Forward(Features input, Architecture path, Reads wanted, Pass pass) => pass.Sum([pass.Apply(_operation, input)], wanted, place.Activate);
}

/// <summary>A layer whose operation a path chooses.</summary>
internal sealed class SearchedBlock : IBodyBlock
{
    private readonly SearchedPlace _place;
    private readonly IOperation?[] _operations;

    public SearchedBlock(SearchedPlace place, OperationSetting setting, Architecture? only)
    {
        _place = place;
        _operations = SlotOperations.Make(place.Slot, setting, only);
    }

    public Reads ReadsOf(Architecture path, Reads wanted) => OperationOf(path) is { } operation ? operation.Reads | (_place.Residual ? Reads.Raw : Reads.None) : wanted;

    public Features Forward(Features input, Architecture path, Reads wanted, Pass pass)
    {
        if (OperationOf(path) is not { } operation) return input;
        Term output = pass.Apply(operation, input);
        return _place.Residual ? pass.Sum([pass.DropPath.Apply(output), new Term(input.Raw)], wanted) : pass.Sum([output], wanted);
    }

    // Null where the layer is left out: a skip, and what carries nothing beside a residual connection.
    private IOperation? OperationOf(Architecture path)
    {
        Operation taken = _place.Slot.Taken(path);
        return taken.IsSkip || taken.CarriesNothing ? null : _operations[path[_place.Slot.Choice]];
    }
}

/// <summary>A cell. Dead edges are not computed, and a node's activation is shared by all that read it.</summary>
internal sealed class CellBlock : IBodyBlock
{
    private readonly DefinedSpace _space;
    private readonly CellPlace _place;
    private readonly IOperation?[][] _operations;

    public CellBlock(DefinedSpace space, CellPlace place, OperationSetting setting, Architecture? only)
    {
        (_space, _place) = (space, place);
        bool[]? live = only is null ? null : [.. space.LiveEdges(place.Cell, only)];
        _operations = new IOperation?[place.Slots.Length][];
        for (int edge = 0; edge < _operations.Length; edge++)
        {
            (int source, int target) = place.Cell.Graph.Edges[edge];
            _operations[edge] = live?[edge] == false ? [] : SlotOperations.Make(place.Slots[edge], setting with { Name = $"{setting.Name}.edge_{source}_{target}" }, only);
        }
    }

    public Reads ReadsOf(Architecture path, Reads wanted) => NodeReads(path, [.. _space.LiveEdges(_place.Cell, path)])[0];

    public Features Forward(Features input, Architecture path, Reads wanted, Pass pass)
    {
        CellGraph graph = _place.Cell.Graph;
        bool[] live = [.. _space.LiveEdges(_place.Cell, path)];
        Reads[] reads = NodeReads(path, live);
        reads[^1] = wanted;
        var nodes = new Features?[graph.Nodes];
        nodes[0] = input;
        var terms = new List<Term>();
        for (int edge = 0; edge < live.Length; edge++)
        {
            (int source, int target) = graph.Edges[edge];
            if (live[edge]) terms.Add(Carry(nodes[source]!, edge, path, pass));
            bool isLast = edge + 1 == live.Length || graph.Edges[edge + 1].Target != target;
            if (!isLast || terms.Count == 0) continue;
            nodes[target] = pass.Sum(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(terms), reads[target]);
            terms.Clear();
        }
        return nodes[^1] ?? pass.Sum([new Term(Tape.Constant(zeros_like(input.Any)))], wanted);
    }

    private Term Carry(Features from, int edge, Architecture path, Pass pass)
    {
        Term carried = pass.Apply(OperationOn(edge, path), from);
        return _place.Slots[edge].Taken(path).IsSkip ? carried : pass.DropPath.Apply(carried);
    }

    private Reads[] NodeReads(Architecture path, bool[] live)
    {
        var reads = new Reads[_place.Cell.Graph.Nodes];
        for (int edge = 0; edge < live.Length; edge++)
            if (live[edge]) reads[_place.Cell.Graph.Edges[edge].Source] |= OperationOn(edge, path).Reads;
        // A cell in which nothing is live still needs its input's shape.
        if (reads[0] == Reads.None) reads[0] = Reads.Raw;
        return reads;
    }

    private IOperation OperationOn(int edge, Architecture path) => _operations[edge][path[_place.Slots[edge].Choice]]!;
}

/// <summary>Makes the operations of a choice at one place.</summary>
internal static class SlotOperations
{
    /// <summary>One a candidate; null for what carries nothing and for what the only architecture does not take.</summary>
    public static IOperation?[] Make(Slot slot, OperationSetting setting, Architecture? only)
    {
        var operations = new IOperation?[slot.Candidates.Length];
        for (int candidate = 0; candidate < operations.Length; candidate++)
        {
            (Operation operation, int taken) = (slot.Candidates[candidate], candidate);
            if (operation.CarriesNothing || (only is not null && only[slot.Choice] != candidate)) continue;
            operations[candidate] = setting.Store.OwnedBy(
                slot.Kinds[candidate], path => path[slot.Choice] == taken ? slot.Choice : Weight.Unused, () => operation.Make(setting with { Name = $"{setting.Name}.{operation.Name}" }));
        }
        return operations;
    }
}
