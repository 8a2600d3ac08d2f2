using System.Collections.Immutable;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Value = System.Collections.Immutable.ImmutableHashSet<PandaNas.TorchCalls.Fact>;

namespace PandaNas.TorchCalls;

/// <summary>
/// Follows references to numbers and tensors, and handles taken from them, through the instructions of one method. An object is lost
/// where native code may read it although no variable that is still to be read, and nothing that outlives the method, refers to it:
/// this is what the compiler tells the collector in optimised code.
/// </summary>
internal sealed partial class MethodAnalysis
{
    private readonly AssemblySet _assemblies;
    private readonly Func<MethodDefinition, MethodSummary> _summaries;
    private readonly MethodDefinition _method;
    private readonly ControlFlow _flow;
    private readonly bool[] _inScope;
    private readonly Origin[] _parameters, _variables;

    // What is known before each instruction that is reached, and the instructions before which more became known.
    private readonly State?[] _before;
    private readonly Queue<int> _pending = [];

    private readonly HashSet<int> _lent = [];
    private readonly HashSet<(int, int)> _stored = [];
    private readonly HashSet<(int, bool)> _returned = [];
    private readonly List<Loss> _losses = [];
    private readonly List<KnownCall> _calls = [];
    private bool _returnsScalar, _returnsTensor, _contentsChanged, _reporting;

    // The instruction that is being followed, with what variables and stack hold at this point.
    private int _at;
    private ImmutableArray<Value> _places;
    private ImmutableStack<Value> _stack = [];

    private MethodAnalysis(AssemblySet assemblies, MethodDefinition method, Func<MethodDefinition, MethodSummary> summaries)
    {
        (_assemblies, _method, _summaries) = (assemblies, method, summaries);
        _flow = new ControlFlow(method.Body);
        _inScope = _flow.InDisposeScope();
        int parameters = method.Parameters.Count + (method.HasThis ? 1 : 0);
        _parameters = [.. Enumerable.Range(0, parameters).Select(i => new Origin(OriginKind.Parameter, i))];
        _variables = [.. Enumerable.Range(0, _flow.Places).Select(i => new Origin(OriginKind.Place, i))];
        _before = new State?[_flow.Instructions.Length];
    }

    /// <summary>What a method with a body does, given what is known of the methods that it calls.</summary>
    public static MethodSummary Of(AssemblySet assemblies, MethodDefinition method, Func<MethodDefinition, MethodSummary> summaries) =>
        new MethodAnalysis(assemblies, method, summaries).Run();

    private MethodSummary Run()
    {
        do
        {
            _contentsChanged = false;
            Follow();
        }
        while (_contentsChanged);
        _reporting = true;
        for (_at = 0; _at < _before.Length; _at++)
            if (_before[_at] is { } state) Step(state);
        return new MethodSummary
        {
            Lent = [.. _lent],
            // What a dispose scope holds is judged by where scopes are open, not by what is put into them.
            Stored = IsOf(TypeFacts.DisposeScope) || IsOf(TypeFacts.DisposeScopes) ? [] : [.. _stored],
            Returned = [.. _returned],
            ReturnsNewScalar = _returnsScalar,
            ReturnsNewTensor = _returnsTensor,
            Losses = [.. _losses],
            Calls = [.. _calls],
        };
    }

    private bool IsOf(string type) => _assemblies.Is(_method.DeclaringType, type);

    private void Follow()
    {
        Array.Clear(_before);
        var none = ImmutableStack<Value>.Empty;
        Value[] places = new Value[_flow.Places];
        for (int i = 0; i < places.Length; i++)
            places[i] = i < _parameters.Length && !ParameterType(i).IsPlain() ? [new Fact(_parameters[i], IsAddress: false)] : Facts.None;
        Reach(0, new State([.. places], none));
        while (_pending.TryDequeue(out _at))
        {
            State before = _before[_at]!;
            State after = Step(before);
            if (_flow.Instructions[_at].OpCode.Code is Code.Leave or Code.Leave_S) after = after with { Stack = none };
            foreach (int next in _flow.Successors(_at)) Reach(next, after);
            foreach (ExceptionHandler handler in _flow.Handlers)
            {
                if (!_flow.IsWithin(_at, handler.TryStart, handler.TryEnd)) continue;
                ImmutableStack<Value> thrown = handler.HandlerType is ExceptionHandlerType.Catch or ExceptionHandlerType.Filter
                    ? none.Push(Facts.None)
                    : none;
                Reach(_flow.IndexOf(handler.HandlerStart), after with { Stack = thrown });
                if (handler.FilterStart is { } filter) Reach(_flow.IndexOf(filter), after with { Stack = thrown });
            }
        }
    }

    private TypeReference ParameterType(int number)
    {
        if (!_method.HasThis) return _method.Parameters[number].ParameterType;
        return number == 0 ? _method.DeclaringType : _method.Parameters[number - 1].ParameterType;
    }

    private void Reach(int instruction, State state)
    {
        if (_before[instruction] is { } known)
        {
            State merged = Merge(known, state);
            if (ReferenceEquals(merged, known)) return;
            state = merged;
        }
        _before[instruction] = state;
        _pending.Enqueue(instruction);
    }

    private static State Merge(State one, State other)
    {
        bool changed = false;
        Value Both(Value a, Value b)
        {
            Value union = a.Union(b);
            changed |= union.Count > a.Count;
            return union;
        }
        ImmutableArray<Value> places = [.. one.Places.Zip(other.Places, Both)];
        Value[] stack = [.. one.Stack.Zip(other.Stack, Both)];
        if (!changed) return one;
        ImmutableStack<Value> merged = ImmutableStack<Value>.Empty;
        foreach (Value value in stack.Reverse()) merged = merged.Push(value);
        return new State(places, merged);
    }

    private sealed record State(ImmutableArray<Value> Places, ImmutableStack<Value> Stack);
}
