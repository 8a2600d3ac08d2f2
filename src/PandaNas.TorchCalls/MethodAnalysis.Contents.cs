using Mono.Cecil;
using Mono.Cecil.Cil;
using Value = System.Collections.Immutable.ImmutableHashSet<PandaNas.TorchCalls.Fact>;

namespace PandaNas.TorchCalls;

/// <content>What objects and variables hold, and what outlives the method.</content>
internal sealed partial class MethodAnalysis
{
    // What the addresses of variables stand for.
    private Value Through(Value value)
    {
        if (!value.Any(fact => fact.Origin.Kind == OriginKind.Place)) return value;
        return Union([.. value.Select(fact => fact.Origin.Kind == OriginKind.Place ? _places[fact.Origin.Number] : [fact])]);
    }

    private static Value Union(ReadOnlySpan<Value> values)
    {
        Value all = Facts.None;
        foreach (Value value in values) all = all.Union(value);
        return all;
    }

    private Value Field(Value target, FieldReference field)
    {
        if (_flow.Instructions[_at].OpCode.Code == Code.Ldflda && target.Any(fact => fact.Origin.Kind == OriginKind.Place)) return target;
        TypeReference type = field.FieldType.Within(field);
        if (type.IsPlain()) return Facts.None;
        Value result = Facts.None;
        foreach (Fact fact in Through(target)) result = result.Union(fact.Origin.Read(field.Name) ?? [fact]);
        return type.IsAddress(field) ? result.AsAddresses() : result;
    }

    private void Put(Value target, string? field, Value value)
    {
        if (value.Count == 0) return;
        if (target.Count == 0) Escape(value);
        foreach (Fact fact in target)
        {
            Origin origin = fact.Origin;
            switch (origin.Kind)
            {
                case OriginKind.Place:
                    _places = _places.SetItem(origin.Number, _places[origin.Number].Union(value));
                    foreach (Fact held in _places[origin.Number])
                        if (held.Origin.Kind == OriginKind.Container && !value.Contains(held))
                            _contentsChanged |= held.Origin.Put(field, value);
                    break;
                case OriginKind.Container:
                    _contentsChanged |= origin.Put(field, value);
                    if (origin.Escaped) Escape(value);
                    break;
                case OriginKind.Parameter:
                    foreach (Fact held in value.Expanded())
                        if (held.Origin.Kind == OriginKind.Parameter && held.Origin != origin)
                            _stored.Add((held.Origin.Number, origin.Number));
                    _contentsChanged |= origin.Put(field, [.. value.Where(held => held.Origin.Kind == OriginKind.Parameter)]);
                    Escape([.. value.Where(held => held.Origin.Kind != OriginKind.Parameter && !held.IsAddress)]);
                    break;
            }
        }
    }

    private void Escape(Value value)
    {
        foreach (Fact fact in Through(value))
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
        if (_method.ReturnType.IsPlain()) return;
        foreach (Fact fact in value.Expanded())
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
