using Mono.Cecil;
using Mono.Cecil.Cil;
using Value = System.Collections.Immutable.ImmutableHashSet<PandaNas.TorchCalls.Fact>;

namespace PandaNas.TorchCalls;

/// <content>What each instruction does to variables and stack.</content>
internal sealed partial class MethodAnalysis
{
    private State Step(State state)
    {
        (_places, _stack) = (state.Places, state.Stack);
        Instruction instruction = _flow.Instructions[_at];
        int place = _flow.PlaceOf(instruction);
        switch (instruction.OpCode.Code)
        {
            case Code.Ldloca or Code.Ldloca_S or Code.Ldarga or Code.Ldarga_S:
                Push([new Fact(_variables[place], IsAddress: false)]);
                break;
            case var _ when place >= 0 && ControlFlow.Writes(instruction):
                _places = _places.SetItem(place, Pop());
                break;
            case var _ when place >= 0:
                Push(_places[place]);
                break;
            case Code.Dup:
                Push(_stack.IsEmpty ? Facts.None : _stack.Peek());
                break;
            case Code.Call or Code.Callvirt or Code.Newobj:
                Call((MethodReference)instruction.Operand);
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
                Push(function is null ? Facts.None : New(OriginKind.Function, function));
                break;
            case Code.Ldfld or Code.Ldflda:
                Push(Field(Pop(), (FieldReference)instruction.Operand));
                break;
            case Code.Stfld:
                Value stored = Pop(), target = Pop();
                Put(target, ((FieldReference)instruction.Operand).Name, stored);
                break;
            case Code.Stsfld:
                Escape(Pop());
                break;
            case Code.Newarr:
                Pop();
                Push(New(OriginKind.Container));
                break;
            case >= Code.Ldelem_I1 and <= Code.Ldelem_Any:
                Pop();
                Value elements = Through(Pop()).Expanded();
                Push(instruction.OpCode.Code switch
                {
                    Code.Ldelem_Ref or Code.Ldelem_Any => elements,
                    Code.Ldelem_I => elements.AsAddresses(),
                    _ => Facts.None,
                });
                break;
            case Code.Ldelema:
                Pop();
                Push(Pop());
                break;
            case (>= Code.Stelem_I and <= Code.Stelem_Ref) or Code.Stelem_Any:
                Value element = Pop();
                Pop();
                Put(Pop(), null, element);
                break;
            case (>= Code.Ldind_I1 and <= Code.Ldind_Ref) or Code.Ldobj:
                Value address = Through(Pop());
                Push(instruction.OpCode.Code is Code.Ldind_I or Code.Ldind_Ref or Code.Ldobj ? address : Facts.None);
                break;
            case (>= Code.Stind_Ref and <= Code.Stind_R8) or Code.Stind_I or Code.Stobj:
                Value written = Pop(), where = Pop();
                Put(where, null, written);
                break;
            case Code.Initobj:
                foreach (Fact fact in Pop())
                    if (fact.Origin.Kind == OriginKind.Place) _places = _places.SetItem(fact.Origin.Number, Facts.None);
                break;
            case Code.Castclass or Code.Isinst or Code.Box or Code.Unbox_Any or Code.Unbox:
            case (>= Code.Conv_I1 and <= Code.Conv_U8) or Code.Conv_I or Code.Conv_U:
                break;
            case Code.Add or Code.Sub:
                Value right = Pop();
                Push(right.Union(Pop()));
                break;
            case Code.Ret:
                if (_method.ReturnType.MetadataType != MetadataType.Void) Return(Through(Pop()));
                break;
            default:
                for (int i = StackEffect.Pops(instruction.OpCode.StackBehaviourPop); i > 0; i--) Pop();
                for (int i = StackEffect.Pushes(instruction.OpCode.StackBehaviourPush); i > 0; i--) Push(Facts.None);
                break;
        }
        return new State(_places, _stack);
    }

    private Value Pop()
    {
        if (_stack.IsEmpty) return Facts.None;
        _stack = _stack.Pop(out Value top);
        return top;
    }

    private void Push(Value value) => _stack = _stack.Push(value);
}
