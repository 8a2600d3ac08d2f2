using System.Collections;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace PandaNas.TorchCalls;

/// <summary>Which instruction may follow which in a method, and which variables are still read after each.</summary>
internal sealed class ControlFlow
{
    private readonly Dictionary<Instruction, int> _index = [];
    private readonly int[][] _successors;
    private readonly BitArray[] _liveAfter;
    private readonly int _arguments;

    public ControlFlow(MethodBody body)
    {
        Instructions = [.. body.Instructions];
        for (int i = 0; i < Instructions.Length; i++) _index.Add(Instructions[i], i);
        Handlers = [.. body.ExceptionHandlers];
        _arguments = body.Method.Parameters.Count + (body.Method.HasThis ? 1 : 0);
        Places = _arguments + body.Variables.Count;
        _successors = [.. Instructions.Select(Next)];
        _liveAfter = Liveness();
    }

    public Instruction[] Instructions { get; }

    public ExceptionHandler[] Handlers { get; }

    /// <summary>How many arguments and local variables there are; arguments come first.</summary>
    public int Places { get; }

    public int IndexOf(Instruction instruction) => _index[instruction];

    /// <summary>What may come next, exceptions apart.</summary>
    public IReadOnlyList<int> Successors(int instruction) => _successors[instruction];

    /// <summary>Whether a variable may be read after an instruction before it is written.</summary>
    public bool IsLiveAfter(int instruction, int place) => _liveAfter[instruction][place];

    /// <summary>Whether an instruction lies between two others, the second excluded; null is the end of the method.</summary>
    public bool IsWithin(int instruction, Instruction from, Instruction? to) =>
        instruction >= _index[from] && (to is null || instruction < _index[to]);

    /// <summary>The variable that an instruction touches; -1 if none.</summary>
    public int PlaceOf(Instruction instruction) => instruction.Operand switch
    {
        VariableDefinition variable => _arguments + variable.Index,
        ParameterDefinition parameter => parameter.Sequence,
        _ => instruction.OpCode.Code switch
        {
            >= Code.Ldarg_0 and <= Code.Ldarg_3 => instruction.OpCode.Code - Code.Ldarg_0,
            >= Code.Ldloc_0 and <= Code.Ldloc_3 => _arguments + (instruction.OpCode.Code - Code.Ldloc_0),
            >= Code.Stloc_0 and <= Code.Stloc_3 => _arguments + (instruction.OpCode.Code - Code.Stloc_0),
            _ => -1,
        },
    };

    public static bool Writes(Instruction instruction) =>
        instruction.OpCode.Code is (>= Code.Stloc_0 and <= Code.Stloc_3) or Code.Stloc or Code.Stloc_S or Code.Starg or Code.Starg_S;

    /// <summary>Which instructions run in a dispose scope of the method: <c>using var scope = NewDisposeScope()</c>.</summary>
    public bool[] InDisposeScope()
    {
        var inside = new bool[Instructions.Length];
        foreach ((Instruction opens, Instruction stores) in Instructions.Zip(Instructions[1..]))
        {
            bool opensScope = opens.Operand is MethodReference callee && callee.ReturnType.FullName == TypeFacts.DisposeScope;
            if (!opensScope || !Writes(stores)) continue;
            // The try block whose end disposes the variable.
            int scope = PlaceOf(stores);
            foreach (ExceptionHandler handler in Handlers.Where(handler => handler.HandlerType == ExceptionHandlerType.Finally))
            {
                if (!Within(handler.HandlerStart, handler.HandlerEnd).Any(at => PlaceOf(Instructions[at]) == scope)) continue;
                foreach (int at in Within(handler.TryStart, handler.TryEnd)) inside[at] = true;
            }
        }
        return inside;
    }

    private IEnumerable<int> Within(Instruction from, Instruction? to) =>
        Enumerable.Range(0, Instructions.Length).Where(at => IsWithin(at, from, to));

    private int[] Next(Instruction instruction)
    {
        switch (instruction.OpCode.FlowControl)
        {
            case FlowControl.Return when instruction.OpCode.Code == Code.Endfinally:
                int at = IndexOf(instruction);
                var ended = Handlers.Where(handler => IsWithin(at, handler.HandlerStart, handler.HandlerEnd));
                return [.. ended.SelectMany(LeaveTargets).Distinct()];
            case FlowControl.Return or FlowControl.Throw:
                return [];
            case FlowControl.Branch when instruction.OpCode.Code is Code.Leave or Code.Leave_S:
                var target = (Instruction)instruction.Operand;
                int[] final = [.. Left(instruction, target).Select(handler => IndexOf(handler.HandlerStart)).Take(1)];
                return final.Length > 0 ? final : [IndexOf(target)];
            case FlowControl.Branch:
                return [IndexOf((Instruction)instruction.Operand)];
            case FlowControl.Cond_Branch:
                IEnumerable<Instruction> targets = instruction.Operand is Instruction[] many ? many : [(Instruction)instruction.Operand];
                return [.. targets.Append(instruction.Next).Select(IndexOf).Distinct()];
            default:
                return instruction.Next is null ? [] : [IndexOf(instruction.Next)];
        }
    }

    // Finally blocks that a leave runs, from the inside out.
    private IEnumerable<ExceptionHandler> Left(Instruction leave, Instruction target) => Handlers.Where(handler =>
        handler.HandlerType == ExceptionHandlerType.Finally
        && IsWithin(IndexOf(leave), handler.TryStart, handler.TryEnd) && !IsWithin(IndexOf(target), handler.TryStart, handler.TryEnd));

    private IEnumerable<int> LeaveTargets(ExceptionHandler handler)
    {
        foreach (Instruction leave in Instructions)
        {
            if (leave.OpCode.Code is not (Code.Leave or Code.Leave_S)) continue;
            var target = (Instruction)leave.Operand;
            ExceptionHandler[] left = [.. Left(leave, target)];
            int at = Array.IndexOf(left, handler);
            if (at >= 0) yield return at + 1 < left.Length ? IndexOf(left[at + 1].HandlerStart) : IndexOf(target);
        }
    }

    private BitArray[] Liveness()
    {
        var before = new BitArray[Instructions.Length];
        var after = new BitArray[Instructions.Length];
        for (int i = 0; i < Instructions.Length; i++) (before[i], after[i]) = (new BitArray(Places), new BitArray(Places));
        bool changed = true;
        while (changed)
        {
            changed = false;
            for (int i = Instructions.Length - 1; i >= 0; i--)
            {
                foreach (int next in _successors[i]) after[i].Or(before[next]);
                // An exception may lead from here to the handler.
                foreach (ExceptionHandler handler in Handlers)
                    if (IsWithin(i, handler.TryStart, handler.TryEnd)) after[i].Or(before[IndexOf(handler.HandlerStart)]);
                var now = new BitArray(after[i]);
                int place = PlaceOf(Instructions[i]);
                if (place >= 0) now[place] = !Writes(Instructions[i]);
                if (Same(now, before[i])) continue;
                before[i] = now;
                changed = true;
            }
        }
        return after;
    }

    private static bool Same(BitArray one, BitArray other)
    {
        for (int i = 0; i < one.Length; i++)
            if (one[i] != other[i]) return false;
        return true;
    }
}
