using Mono.Cecil;
using Mono.Cecil.Cil;
using Value = System.Collections.Immutable.ImmutableHashSet<PandaNas.TorchCalls.Fact>;

namespace PandaNas.TorchCalls;

/// <content>What calls do: of methods whose code is at hand, of delegates, of the base library, of native code.</content>
internal sealed partial class MethodAnalysis
{
    private readonly Dictionary<(int At, OriginKind Kind), Origin> _made = [];

    private void Call(MethodReference callee)
    {
        bool constructs = _flow.Instructions[_at].OpCode.Code == Code.Newobj;
        bool hasReceiver = callee.HasThis && !callee.ExplicitThis;
        var direct = new Value[callee.Parameters.Count + (hasReceiver ? 1 : 0)];
        for (int i = direct.Length - 1; i >= (constructs ? 1 : 0); i--) direct[i] = Pop();
        if (constructs) direct[0] = New(KindOf(callee.DeclaringType));
        Value[] arguments = Array.ConvertAll(direct, Through);

        MethodDefinition? known = _assemblies.Find(callee);
        Value result;
        if (callee.Name == "Invoke" && hasReceiver && _assemblies.IsDelegate(callee.DeclaringType))
            result = Invoke(callee, arguments, direct);
        else if (known is null || (!known.HasBody && !known.IsAbstract && !known.IsPInvokeImpl))
            result = Foreign(callee, hasReceiver, arguments, direct);
        else if (known.IsPInvokeImpl)
            result = Native(callee, arguments);
        else
        {
            Note(known);
            if (callee.Name == "DetachFromDisposeScope") Detach(arguments[0]);
            IEnumerable<MethodDefinition> run = _flow.Instructions[_at].OpCode.Code == Code.Callvirt
                ? _assemblies.Implementations(known)
                : [known];
            result = Apply(run, callee, arguments, direct);
            if (!IsQuiet(callee)) UseAddresses(Union(arguments), callee, returns: callee.ReturnType.IsAddress(callee));
            // The handle is no longer the tensor's, which therefore frees nothing.
            if (callee.Name is "MoveHandle" or "DecoupleFromNativeHandle") result = Facts.None;
        }
        if (constructs)
        {
            Origin built = direct[0].Single().Origin;
            bool isAddress = built.Kind == OriginKind.Container && callee.DeclaringType.IsAddress(callee);
            result = isAddress ? [.. built.Contents] : direct[0];
        }
        if (constructs || callee.ReturnType.MetadataType != MetadataType.Void) Push(result);
    }

    private Value Apply(IEnumerable<MethodDefinition> run, MethodReference callee, Value[] arguments, Value[] direct)
    {
        Value result = Facts.None;
        MethodDefinition[] bodies = [.. run.Where(implementation => implementation.HasBody)];
        foreach (MethodSummary summary in bodies.Select(_summaries))
        {
            foreach (int lent in summary.Lent)
                if (lent < arguments.Length) Lend(arguments[lent], callee);
            foreach ((int from, int to) in summary.Stored)
            {
                if (from >= arguments.Length) continue;
                if (to == MethodSummary.Elsewhere) Escape(arguments[from]);
                else if (to < direct.Length) Put(direct[to], null, arguments[from]);
            }
            foreach ((int parameter, bool isAddress) in summary.Returned)
            {
                if (parameter >= arguments.Length) continue;
                // A reference to a variable that is handed back stays one.
                Value given = callee.ReturnType is ByReferenceType ? direct[parameter] : arguments[parameter];
                result = result.Union(isAddress ? given.Expanded().AsAddresses() : given);
            }
            result = result.Union(MadeBy(summary));
        }
        if (bodies.Length == 0) result = Fresh(callee.ReturnType.Within(callee));
        return OfType(result, callee.ReturnType.Within(callee));
    }

    // A method that returns a tensor returns no number, and the other way round, whatever runs in its place.
    private Value OfType(Value result, TypeReference type)
    {
        if (type.IsPlain()) return Facts.None;
        if (_assemblies.Is(type, TypeFacts.Tensor)) return [.. result.Where(fact => fact.Origin.Kind != OriginKind.Scalar)];
        return _assemblies.Is(type, TypeFacts.Scalar) ? [.. result.Where(fact => fact.Origin.Kind != OriginKind.Tensor)] : result;
    }

    private Value Invoke(MethodReference callee, Value[] arguments, Value[] direct)
    {
        MethodDefinition[] functions = [.. Functions(arguments[0])];
        if (functions.Length == 0) return Fresh(callee.ReturnType.Within(callee));
        Value result = Facts.None;
        foreach (MethodDefinition function in functions)
        {
            // A method of an object finds that object in the place of the delegate.
            int skipped = function.HasThis ? 0 : 1;
            result = result.Union(Apply([function], callee, arguments[skipped..], direct[skipped..]));
        }
        return result;
    }

    // The base library: it puts arguments into the object called, hands out what that holds, and calls delegates.
    private Value Foreign(MethodReference callee, bool hasReceiver, Value[] arguments, Value[] direct)
    {
        // What is never finalised is as good as held.
        if (callee is { Name: "SuppressFinalize", DeclaringType.FullName: "System.GC" }) Escape(arguments[0]);
        bool isNative = callee.DeclaringType.MetadataType is MetadataType.IntPtr or MetadataType.UIntPtr;
        bool returnsAddress = callee.ReturnType.IsAddress(callee) || callee.DeclaringType.IsAddress(callee);
        if (hasReceiver)
        {
            // A span cannot be kept.
            bool CanBeKept(int parameter) =>
                callee.Parameters[parameter].ParameterType is not GenericInstanceType { Name: "Span`1" or "ReadOnlySpan`1" };
            Put(direct[0], null, Union([.. arguments[1..].Where((_, i) => CanBeKept(i))]));
        }
        else if (callee.ReturnType.MetadataType == MetadataType.Void)
        {
            Value all = Union(arguments);
            foreach (Value one in direct)
                foreach (Fact fact in one)
                    if (fact.Origin.Kind == OriginKind.Place)
                        _places = _places.SetItem(fact.Origin.Number, _places[fact.Origin.Number].Union(all));
        }
        Value held = Union(arguments);
        if (!isNative && !IsQuiet(callee)) UseAddresses(held, callee, returnsAddress || callee.ReturnType is ByReferenceType);
        Value result = Functions(held).Aggregate(held, (all, function) => all.Union(MadeBy(_summaries(function))));
        if (callee.ReturnType is ByReferenceType) return Union(direct);
        if (callee.ReturnType.Within(callee).IsPlain()) return Facts.None;
        return callee.ReturnType.IsAddress(callee) ? result.Expanded().AsAddresses() : result;
    }

    private Value Native(MethodReference callee, Value[] arguments)
    {
        Value read = Union([.. arguments.Select(argument => argument.Expanded())]);
        Value addresses = [.. read.Where(fact => fact.IsAddress)];
        Lend(addresses, callee);
        return callee.ReturnType.IsAddress(callee) ? addresses : Facts.None;
    }

    private static bool IsQuiet(MethodReference callee) =>
        callee.Name is "get_Length" or "KeepAlive" or ".ctor" or "op_Equality" or "op_Inequality" or "op_Explicit" or "get_IsEmpty";

    private Value Fresh(TypeReference type) => KindOf(type) is var kind and not OriginKind.Container ? New(kind) : Facts.None;

    private Value MadeBy(MethodSummary summary) =>
        (summary.ReturnsNewScalar ? New(OriginKind.Scalar) : Facts.None)
            .Union(summary.ReturnsNewTensor ? New(OriginKind.Tensor) : Facts.None);

    private OriginKind KindOf(TypeReference type) =>
        _assemblies.Is(type, TypeFacts.Tensor) ? OriginKind.Tensor
            : _assemblies.Is(type, TypeFacts.Scalar) ? OriginKind.Scalar : OriginKind.Container;

    private Value New(OriginKind kind, MethodDefinition? function = null)
    {
        if (!_made.TryGetValue((_at, kind), out Origin? origin)) _made.Add((_at, kind), origin = new Origin(kind, _at, function));
        return [new Fact(origin, IsAddress: false)];
    }

    private static IEnumerable<MethodDefinition> Functions(Value value) =>
        value.Expanded().Select(fact => fact.Origin.Function).OfType<MethodDefinition>().Distinct();
}
