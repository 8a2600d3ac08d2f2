using Mono.Cecil;
using Value = System.Collections.Immutable.ImmutableHashSet<PandaNas.TorchCalls.Fact>;

namespace PandaNas.TorchCalls;

/// <content>What native code may read although nothing holds it any more.</content>
internal sealed partial class MethodAnalysis
{
    // Managed code that reads through an address has the same fault as native code.
    private void UseAddresses(Value value, MethodReference callee, bool returns)
    {
        if (!_reporting || returns) return;
        Value addresses = [.. value.Expanded().Where(fact => fact.IsAddress)];
        if (addresses.Count > 0) Lend(addresses, callee);
    }

    private void Lend(Value value, MethodReference callee)
    {
        if (!_reporting) return;
        HashSet<Origin>? kept = null;
        foreach (Fact fact in value.Expanded())
        {
            Origin origin = fact.Origin;
            if (origin.Escaped || origin.Kind is OriginKind.Container or OriginKind.Function or OriginKind.Place) continue;
            kept ??= Kept();
            if (kept.Contains(origin)) continue;
            if (origin.Kind == OriginKind.Parameter) _lent.Add(origin.Number);
            else Lose(origin, callee);
        }
    }

    private HashSet<Origin> Kept()
    {
        Value held = Union([.. _stack]);
        for (int place = 0; place < _places.Length; place++)
            if (_flow.IsLiveAfter(_at, place)) held = held.Union(_places[place]);
        return [.. Through(held).Expanded().Where(fact => !fact.IsAddress).Select(fact => fact.Origin)];
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
}
