using System.Collections.Immutable;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Value = System.Collections.Immutable.ImmutableHashSet<PandaNas.Cli.TorchCalls.Fact>;

namespace PandaNas.Cli.TorchCalls;

/// <summary>
/// Follows references to numbers and tensors, and handles taken from them, through the instructions of one method. An object is lost
/// where native code may read it although no variable that is still to be read, and nothing that outlives the method, refers to it:
/// this is what the compiler tells the collector in optimised code.
/// </summary>
internal sealed class MethodAnalysis
{
    private readonly AssemblySet _assemblies;
    private readonly Func<MethodDefinition, MethodSummary> _summaries;
    private readonly MethodDefinition _method;
    private readonly ControlFlow _flow;
    private readonly Dictionary<(int At, OriginKind Kind), Origin> _made = [];
    private readonly Origin[] _parameters, _places;
    private readonly State?[] _before;
    private readonly Queue<int> _pending = [];

    private readonly HashSet<int> _lent = [];
    private readonly HashSet<(int, int)> _stored = [];
    private readonly HashSet<(int, bool)> _returned = [];
    private readonly List<Loss> _losses = [];
    private readonly List<KnownCall> _calls = [];
    private readonly bool[] _inScope;
    private bool _returnsScalar, _returnsTensor, _contentsChanged, _reporting;
    private int _at;

    private sealed record State(ImmutableArray<Value> Places, ImmutableStack<Value> Stack);

    private MethodAnalysis(AssemblySet assemblies, MethodDefinition method, Func<MethodDefinition, MethodSummary> summaries)
    {
        (_assemblies, _method, _summaries) = (assemblies, method, summaries);
        _flow = new ControlFlow(method.Body);
        _parameters = [.. Enumerable.Range(0, method.Parameters.Count + (method.HasThis ? 1 : 0)).Select(i => new Origin(OriginKind.Parameter, i))];
        _places = [.. Enumerable.Range(0, _flow.Places).Select(i => new Origin(OriginKind.Place, i))];
        _before = new State?[_flow.Instructions.Length];
        _inScope = new bool[_flow.Instructions.Length];
        MarkScopes();
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
            Stored = _assemblies.Is(_method.DeclaringType, TypeFacts.DisposeScope) || _assemblies.Is(_method.DeclaringType, TypeFacts.DisposeScopes) ? [] : [.. _stored],
            Returned = [.. _returned],
            ReturnsNewScalar = _returnsScalar,
            ReturnsNewTensor = _returnsTensor,
            Losses = [.. _losses],
            Calls = [.. _calls],
        };
    }

    private void Follow()
    {
        Array.Clear(_before);
        var none = ImmutableStack<Value>.Empty;
        Value[] places = new Value[_flow.Places];
        for (int i = 0; i < places.Length; i++) places[i] = i < _parameters.Length && !ParameterType(i).IsPlain() ? [new Fact(_parameters[i], IsAddress: false)] : Facts.None;
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
                ImmutableStack<Value> thrown = handler.HandlerType is ExceptionHandlerType.Catch or ExceptionHandlerType.Filter ? none.Push(Facts.None) : none;
                Reach(_flow.IndexOf(handler.HandlerStart), after with { Stack = thrown });
                if (handler.FilterStart is { } filter) Reach(_flow.IndexOf(filter), after with { Stack = thrown });
            }
        }
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

    private State Step(State state)
    {
        Instruction instruction = _flow.Instructions[_at];
        ImmutableStack<Value> stack = state.Stack;
        ImmutableArray<Value> places = state.Places;
        Value Pop()
        {
            if (stack.IsEmpty) return Facts.None;
            stack = stack.Pop(out Value top);
            return top;
        }
        void Push(Value value) => stack = stack.Push(value);
        int place = _flow.PlaceOf(instruction);
        switch (instruction.OpCode.Code)
        {
            case Code.Ldloca or Code.Ldloca_S or Code.Ldarga or Code.Ldarga_S:
                Push([new Fact(_places[place], IsAddress: false)]);
                break;
            case var _ when place >= 0 && ControlFlow.Writes(instruction):
                places = places.SetItem(place, Pop());
                break;
            case var _ when place >= 0:
                Push(places[place]);
                break;
            case Code.Dup:
                Push(stack.IsEmpty ? Facts.None : stack.Peek());
                break;
            case Code.Call or Code.Callvirt or Code.Newobj:
                (stack, places) = Call((MethodReference)instruction.Operand, stack, places);
                break;
            case Code.Calli:
                var site = (CallSite)instruction.Operand;
                Pop();
                for (int i = 0; i < site.Parameters.Count; i++) Pop();
                if (site.ReturnType.MetadataType != MetadataType.Void) Push(Facts.None);
                break;
            case Code.Ldftn or Code.Ldvirtftn:
                if (instruction.OpCode.Code == Code.Ldvirtftn) Pop();
                MethodDefinition? function = _assemblies.Find((MethodReference)instruction.Operand);
                if (function is not null)
                {
                    Note(function);
                    _ = _summaries(function);
                }
                Push(function is null ? Facts.None : [new Fact(Made(OriginKind.Function, function), IsAddress: false)]);
                break;
            case Code.Ldfld or Code.Ldflda:
                Push(Field(Pop(), (FieldReference)instruction.Operand, places));
                break;
            case Code.Stfld:
                Value stored = Pop(), target = Pop();
                places = Put(target, FieldKey((FieldReference)instruction.Operand), stored, places);
                break;
            case Code.Stsfld:
                Escape(Pop(), places);
                break;
            case Code.Newarr:
                Pop();
                Push([new Fact(Made(OriginKind.Container), IsAddress: false)]);
                break;
            case >= Code.Ldelem_I1 and <= Code.Ldelem_Any:
                Pop();
                Value elements = Through(Pop(), places).Expanded();
                Push(instruction.OpCode.Code is Code.Ldelem_Ref or Code.Ldelem_Any ? elements : instruction.OpCode.Code == Code.Ldelem_I ? elements.AsAddresses() : Facts.None);
                break;
            case Code.Ldelema:
                Pop();
                Push(Pop());
                break;
            case (>= Code.Stelem_I and <= Code.Stelem_Ref) or Code.Stelem_Any:
                Value element = Pop();
                Pop();
                places = Put(Pop(), null, element, places);
                break;
            case (>= Code.Ldind_I1 and <= Code.Ldind_Ref) or Code.Ldobj:
                Value address = Through(Pop(), places);
                UseAddresses(address, stack, places, null);
                Push(instruction.OpCode.Code is Code.Ldind_I or Code.Ldind_Ref or Code.Ldobj ? address : Facts.None);
                break;
            case (>= Code.Stind_Ref and <= Code.Stind_R8) or Code.Stind_I or Code.Stobj:
                Value written = Pop(), where = Pop();
                UseAddresses(Through(where, places), stack, places, null);
                places = Put(where, null, written, places);
                break;
            case Code.Initobj:
                foreach (Fact fact in Pop())
                    if (fact.Origin.Kind == OriginKind.Place) places = places.SetItem(fact.Origin.Number, Facts.None);
                break;
            case Code.Castclass or Code.Isinst or Code.Box or Code.Unbox_Any or Code.Unbox or (>= Code.Conv_I1 and <= Code.Conv_U8) or Code.Conv_I or Code.Conv_U:
                break;
            case Code.Add or Code.Sub:
                Value right = Pop();
                Push(right.Union(Pop()));
                break;
            case Code.Ret:
                if (_method.ReturnType.MetadataType != MetadataType.Void) Return(Through(Pop(), places));
                break;
            default:
                for (int i = Pops(instruction.OpCode.StackBehaviourPop); i > 0; i--) Pop();
                for (int i = Pushes(instruction.OpCode.StackBehaviourPush); i > 0; i--) Push(Facts.None);
                break;
        }
        return new State(places, stack);
    }

    private (ImmutableStack<Value>, ImmutableArray<Value>) Call(MethodReference callee, ImmutableStack<Value> stack, ImmutableArray<Value> places)
    {
        bool constructs = _flow.Instructions[_at].OpCode.Code == Code.Newobj;
        bool hasReceiver = callee.HasThis && !callee.ExplicitThis;
        int offset = hasReceiver ? 1 : 0;
        var direct = new Value[callee.Parameters.Count + offset];
        Array.Fill(direct, Facts.None);
        for (int i = direct.Length - 1; i >= (constructs ? 1 : 0); i--)
            if (!stack.IsEmpty) stack = stack.Pop(out direct[i]);
        Origin? built = constructs ? NewObject(callee.DeclaringType) : null;
        if (built is not null) direct[0] = [new Fact(built, IsAddress: false)];
        Value[] arguments = [.. direct.Select(value => Through(value, places))];

        MethodDefinition? known = _assemblies.Find(callee);
        Value result;
        if (callee.Name == "Invoke" && hasReceiver && _assemblies.IsDelegate(callee.DeclaringType))
            (result, places) = Invoke(callee, arguments, direct, stack, places);
        else if (known is null || (!known.HasBody && !known.IsAbstract && !known.IsPInvokeImpl))
            (result, places) = Foreign(callee, hasReceiver, arguments, direct, stack, places);
        else if (known.IsPInvokeImpl)
            result = Native(callee, arguments, stack, places);
        else
        {
            Note(known);
            if (callee.Name == "DetachFromDisposeScope") Detach(arguments[0]);
            IEnumerable<MethodDefinition> run = _flow.Instructions[_at].OpCode.Code == Code.Callvirt ? _assemblies.Implementations(known) : [known];
            (result, places) = Apply([.. run], callee, arguments, direct, stack, places);
            if (!IsQuiet(callee)) UseAddresses(Union(arguments), stack, places, callee, returns: callee.ReturnType.IsAddress(callee));
            // The handle is no longer the tensor's, which therefore frees nothing.
            if (callee.Name is "MoveHandle" or "DecoupleFromNativeHandle") result = Facts.None;
        }
        if (built is not null) result = [new Fact(built, IsAddress: false)];
        if (built is not null && built.Kind == OriginKind.Container && callee.DeclaringType.IsAddress(callee)) result = built.Contents.ToImmutableHashSet();
        if (constructs || callee.ReturnType.MetadataType != MetadataType.Void) stack = stack.Push(result);
        return (stack, places);
    }

    private (Value, ImmutableArray<Value>) Apply(MethodDefinition[] run, MethodReference callee, Value[] arguments, Value[] direct, ImmutableStack<Value> stack, ImmutableArray<Value> places)
    {
        Value result = Facts.None;
        bool anyBody = false;
        foreach (MethodDefinition implementation in run)
        {
            if (!implementation.HasBody) continue;
            anyBody = true;
            MethodSummary summary = _summaries(implementation);
            foreach (int lent in summary.Lent)
                if (lent < arguments.Length) Lend(arguments[lent], callee, stack, places);
            foreach ((int from, int to) in summary.Stored)
            {
                if (from >= arguments.Length) continue;
                if (to == MethodSummary.Elsewhere) Escape(arguments[from], places);
                else if (to < direct.Length) places = Put(direct[to], null, arguments[from], places);
            }
            foreach ((int parameter, bool isAddress) in summary.Returned)
            {
                if (parameter >= arguments.Length) continue;
                // A reference to a variable that is handed back stays one.
                Value given = callee.ReturnType is ByReferenceType ? direct[parameter] : arguments[parameter];
                result = result.Union(isAddress ? given.Expanded().AsAddresses() : given);
            }
            if (summary.ReturnsNewScalar) result = result.Add(new Fact(Made(OriginKind.Scalar), IsAddress: false));
            if (summary.ReturnsNewTensor) result = result.Add(new Fact(Made(OriginKind.Tensor), IsAddress: false));
        }
        if (!anyBody) result = Fresh(callee.ReturnType.Within(callee));
        return (OfType(result, callee.ReturnType.Within(callee)), places);
    }

    // A method that returns a tensor returns no number, and the other way round, whatever runs in its place.
    private Value OfType(Value result, TypeReference type)
    {
        if (type.IsPlain()) return Facts.None;
        if (_assemblies.Is(type, TypeFacts.Tensor)) return [.. result.Where(fact => fact.Origin.Kind != OriginKind.Scalar)];
        return _assemblies.Is(type, TypeFacts.Scalar) ? [.. result.Where(fact => fact.Origin.Kind != OriginKind.Tensor)] : result;
    }

    private (Value, ImmutableArray<Value>) Invoke(MethodReference callee, Value[] arguments, Value[] direct, ImmutableStack<Value> stack, ImmutableArray<Value> places)
    {
        MethodDefinition[] functions = [.. Functions(arguments[0])];
        if (functions.Length == 0) return (Fresh(callee.ReturnType.Within(callee)), places);
        Value result = Facts.None;
        foreach (MethodDefinition function in functions)
        {
            Value[] given = function.HasThis ? arguments : arguments[1..], places0 = function.HasThis ? direct : direct[1..];
            (Value more, places) = Apply([function], callee, given, places0, stack, places);
            result = result.Union(more);
        }
        return (result, places);
    }

    // The base library: it puts arguments into the object called, hands out what that holds, and calls delegates.
    private (Value, ImmutableArray<Value>) Foreign(MethodReference callee, bool hasReceiver, Value[] arguments, Value[] direct, ImmutableStack<Value> stack, ImmutableArray<Value> places)
    {
        // What is never finalised is as good as held.
        if (callee is { Name: "SuppressFinalize", DeclaringType.FullName: "System.GC" }) Escape(arguments[0], places);
        bool isNative = callee.DeclaringType.MetadataType is MetadataType.IntPtr or MetadataType.UIntPtr;
        bool returnsAddress = callee.ReturnType.IsAddress(callee) || callee.DeclaringType.IsAddress(callee);
        if (hasReceiver)
        {
            // A span cannot be kept.
            Value others = Union([.. arguments[1..].Where((_, i) => callee.Parameters[i].ParameterType is not GenericInstanceType { Name: "Span`1" or "ReadOnlySpan`1" })]);
            if (others.Count > 0) places = Put(direct[0], null, others, places);
        }
        else if (callee.ReturnType.MetadataType == MetadataType.Void)
        {
            Value all = Union(arguments);
            foreach (Value one in direct)
                foreach (Fact fact in one)
                    if (fact.Origin.Kind == OriginKind.Place) places = places.SetItem(fact.Origin.Number, places[fact.Origin.Number].Union(all));
        }
        Value held = Union(arguments);
        if (!isNative && !IsQuiet(callee)) UseAddresses(held, stack, places, callee, returnsAddress || callee.ReturnType is ByReferenceType);
        Value result = held;
        foreach (MethodDefinition function in Functions(held))
        {
            MethodSummary summary = _summaries(function);
            if (summary.ReturnsNewScalar) result = result.Add(new Fact(Made(OriginKind.Scalar), IsAddress: false));
            if (summary.ReturnsNewTensor) result = result.Add(new Fact(Made(OriginKind.Tensor), IsAddress: false));
        }
        if (callee.ReturnType is ByReferenceType) return (Union(direct), places);
        if (callee.ReturnType.Within(callee).IsPlain()) return (Facts.None, places);
        return (callee.ReturnType.IsAddress(callee) ? result.Expanded().AsAddresses() : result, places);
    }

    private Value Native(MethodReference callee, Value[] arguments, ImmutableStack<Value> stack, ImmutableArray<Value> places)
    {
        Value read = Union([.. arguments.Select(argument => argument.Expanded())]);
        Lend([.. read.Where(fact => fact.IsAddress)], callee, stack, places);
        return callee.ReturnType.IsAddress(callee) ? [.. read.Where(fact => fact.IsAddress)] : Facts.None;
    }

    private static bool IsQuiet(MethodReference callee) => callee.Name is "get_Length" or "KeepAlive" or ".ctor" or "op_Equality" or "op_Inequality" or "op_Explicit" or "get_IsEmpty";

    private Value Fresh(TypeReference type)
    {
        if (_assemblies.Is(type, TypeFacts.Tensor)) return [new Fact(Made(OriginKind.Tensor), IsAddress: false)];
        if (_assemblies.Is(type, TypeFacts.Scalar)) return [new Fact(Made(OriginKind.Scalar), IsAddress: false)];
        return Facts.None;
    }

    private Origin NewObject(TypeReference type) => Made(
        _assemblies.Is(type, TypeFacts.Tensor) ? OriginKind.Tensor : _assemblies.Is(type, TypeFacts.Scalar) ? OriginKind.Scalar : OriginKind.Container);

    private Origin Made(OriginKind kind, MethodDefinition? function = null)
    {
        if (!_made.TryGetValue((_at, kind), out Origin? origin)) _made.Add((_at, kind), origin = new Origin(kind, _at, function));
        return origin;
    }

    private static IEnumerable<MethodDefinition> Functions(Value value) => value.Expanded().Select(fact => fact.Origin.Function).OfType<MethodDefinition>().Distinct();

    private static Value Union(ReadOnlySpan<Value> values)
    {
        Value all = Facts.None;
        foreach (Value value in values) all = all.Union(value);
        return all;
    }

    // What the addresses of variables stand for.
    private static Value Through(Value value, ImmutableArray<Value> places)
    {
        if (!value.Any(fact => fact.Origin.Kind == OriginKind.Place)) return value;
        return Union([.. value.Select(fact => fact.Origin.Kind == OriginKind.Place ? places[fact.Origin.Number] : [fact])]);
    }

    private Value Field(Value target, FieldReference field, ImmutableArray<Value> places)
    {
        if (_flow.Instructions[_at].OpCode.Code == Code.Ldflda && target.Any(fact => fact.Origin.Kind == OriginKind.Place)) return target;
        TypeReference type = field.FieldType.Within(field);
        if (type.IsPlain()) return Facts.None;
        Value result = Facts.None;
        foreach (Fact fact in Through(target, places)) result = result.Union(fact.Origin.Read(FieldKey(field)) ?? [fact]);
        return type.IsAddress(field) ? result.AsAddresses() : result;
    }

    private static string FieldKey(FieldReference field) => field.Name;

    private ImmutableArray<Value> Put(Value target, string? field, Value value, ImmutableArray<Value> places)
    {
        if (value.Count == 0) return places;
        bool known = false;
        foreach (Fact fact in target)
        {
            known = true;
            Origin origin = fact.Origin;
            switch (origin.Kind)
            {
                case OriginKind.Place:
                    places = places.SetItem(origin.Number, places[origin.Number].Union(value));
                    foreach (Fact held in places[origin.Number])
                        if (held.Origin.Kind == OriginKind.Container && !value.Contains(held)) _contentsChanged |= held.Origin.Put(field, value);
                    break;
                case OriginKind.Container:
                    _contentsChanged |= origin.Put(field, value);
                    if (origin.Escaped) Escape(value, places);
                    break;
                case OriginKind.Parameter:
                    foreach (Fact held in value.Expanded())
                        if (held.Origin.Kind == OriginKind.Parameter && held.Origin != origin) _stored.Add((held.Origin.Number, origin.Number));
                    _contentsChanged |= origin.Put(field, [.. value.Where(held => held.Origin.Kind == OriginKind.Parameter)]);
                    Escape([.. value.Where(held => held.Origin.Kind != OriginKind.Parameter && !held.IsAddress)], places);
                    break;
            }
        }
        if (!known) Escape(value, places);
        return places;
    }

    private void Escape(Value value, ImmutableArray<Value> places)
    {
        foreach (Fact fact in Through(value, places))
        {
            if (fact.IsAddress) continue;
            if (fact.Origin.Kind == OriginKind.Parameter) _stored.Add((fact.Origin.Number, MethodSummary.Elsewhere));
            _contentsChanged |= fact.Origin.Escape();
        }
    }

    private static void Detach(Value value)
    {
        foreach (Fact fact in value) fact.Origin.Detached = true;
    }

    private void Return(Value value)
    {
        bool plain = _method.ReturnType.IsPlain();
        foreach (Fact fact in value.Expanded())
        {
            if (plain) continue;
            switch (fact.Origin.Kind)
            {
                case OriginKind.Parameter:
                    _returned.Add((fact.Origin.Number, fact.IsAddress));
                    break;
                case OriginKind.Scalar when !fact.IsAddress && !fact.Origin.Escaped:
                    _returnsScalar = true;
                    break;
                case OriginKind.Tensor when !fact.IsAddress && !fact.Origin.Escaped:
                    _returnsTensor = true;
                    break;
            }
        }
    }

    // Managed code that reads through an address has the same fault as native code.
    private void UseAddresses(Value value, ImmutableStack<Value> stack, ImmutableArray<Value> places, MethodReference? callee, bool returns = false)
    {
        if (!_reporting || returns) return;
        Value addresses = [.. value.Expanded().Where(fact => fact.IsAddress)];
        if (addresses.Count > 0 && callee is not null) Lend(addresses, callee, stack, places);
    }

    private void Lend(Value value, MethodReference callee, ImmutableStack<Value> stack, ImmutableArray<Value> places)
    {
        if (!_reporting) return;
        HashSet<Origin>? kept = null;
        foreach (Fact fact in value.Expanded())
        {
            Origin origin = fact.Origin;
            if (origin.Escaped || origin.Kind is OriginKind.Container or OriginKind.Function or OriginKind.Place) continue;
            kept ??= Kept(stack, places);
            if (kept.Contains(origin)) continue;
            if (origin.Kind == OriginKind.Parameter) _lent.Add(origin.Number);
            else Lose(origin, callee);
        }
    }

    private HashSet<Origin> Kept(ImmutableStack<Value> stack, ImmutableArray<Value> places)
    {
        Value held = Union([.. stack]);
        for (int place = 0; place < places.Length; place++)
            if (_flow.IsLiveAfter(_at, place)) held = held.Union(places[place]);
        return [.. Through(held, places).Expanded().Where(fact => !fact.IsAddress).Select(fact => fact.Origin)];
    }

    private void Lose(Origin origin, MethodReference callee)
    {
        bool canBeHeld = origin.Kind == OriginKind.Tensor && !origin.Detached;
        if (canBeHeld && _inScope[_at]) return;
        var loss = new Loss(origin.Kind, callee, _flow.Instructions[_at], canBeHeld);
        if (!_losses.Contains(loss)) _losses.Add(loss);
    }

    private void Note(MethodDefinition callee)
    {
        if (_reporting) _calls.Add(new KnownCall(callee, _flow.Instructions[_at], _inScope[_at]));
    }

    // "using var scope = NewDisposeScope()": the try block whose end disposes the variable.
    private void MarkScopes()
    {
        for (int i = 0; i + 1 < _flow.Instructions.Length; i++)
        {
            Instruction opens = _flow.Instructions[i], stores = _flow.Instructions[i + 1];
            if (opens.Operand is not MethodReference callee || callee.ReturnType.FullName != TypeFacts.DisposeScope || !ControlFlow.Writes(stores)) continue;
            int scope = _flow.PlaceOf(stores);
            foreach (ExceptionHandler handler in _flow.Handlers.Where(handler => handler.HandlerType == ExceptionHandlerType.Finally))
            {
                if (!_flow.Instructions.Where((_, at) => _flow.IsWithin(at, handler.HandlerStart, handler.HandlerEnd)).Any(instruction => _flow.PlaceOf(instruction) == scope)) continue;
                for (int at = 0; at < _inScope.Length; at++) _inScope[at] |= _flow.IsWithin(at, handler.TryStart, handler.TryEnd);
            }
        }
    }

    private TypeReference ParameterType(int number)
    {
        if (!_method.HasThis) return _method.Parameters[number].ParameterType;
        return number == 0 ? _method.DeclaringType : _method.Parameters[number - 1].ParameterType;
    }

    private static int Pops(StackBehaviour behaviour) => behaviour switch
    {
        StackBehaviour.Pop0 => 0,
        StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref => 1,
        StackBehaviour.Pop1_pop1 or StackBehaviour.Popi_pop1 or StackBehaviour.Popi_popi or StackBehaviour.Popi_popi8 or StackBehaviour.Popi_popr4
            or StackBehaviour.Popi_popr8 or StackBehaviour.Popref_pop1 or StackBehaviour.Popref_popi => 2,
        StackBehaviour.Popi_popi_popi or StackBehaviour.Popref_popi_popi or StackBehaviour.Popref_popi_popi8 or StackBehaviour.Popref_popi_popr4
            or StackBehaviour.Popref_popi_popr8 or StackBehaviour.Popref_popi_popref => 3,
        _ => 0,
    };

    private static int Pushes(StackBehaviour behaviour) => behaviour switch
    {
        StackBehaviour.Push0 => 0,
        StackBehaviour.Push1_push1 => 2,
        StackBehaviour.Varpush => 0,
        _ => 1,
    };
}
