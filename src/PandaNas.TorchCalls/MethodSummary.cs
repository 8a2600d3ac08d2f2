using System.Collections.Immutable;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace PandaNas.TorchCalls;

/// <summary>What callers of a method must know.</summary>
internal sealed record MethodSummary
{
    public const int Elsewhere = -1;

    public static readonly MethodSummary Nothing = new();

    /// <summary>Parameters that native code reads although the method no longer holds them: the caller has to.</summary>
    public ImmutableHashSet<int> Lent { get; init; } = [];

    /// <summary>Parameters that end up in another one, or <see cref="Elsewhere"/>.</summary>
    public ImmutableHashSet<(int From, int To)> Stored { get; init; } = [];

    /// <summary>Parameters that the result is or holds (or is an address of).</summary>
    public ImmutableHashSet<(int Parameter, bool IsAddress)> Returned { get; init; } = [];

    public bool ReturnsNewScalar { get; init; }

    public bool ReturnsNewTensor { get; init; }

    /// <summary>What the method itself loses.</summary>
    public ImmutableArray<Loss> Losses { get; init; } = [];

    /// <summary>The methods that it calls, and those that it makes delegates of.</summary>
    public ImmutableArray<KnownCall> Calls { get; init; } = [];

    public bool SameForCallers(MethodSummary other) =>
        Lent.SetEquals(other.Lent) && Stored.SetEquals(other.Stored) && Returned.SetEquals(other.Returned)
        && ReturnsNewScalar == other.ReturnsNewScalar && ReturnsNewTensor == other.ReturnsNewTensor;
}

/// <summary>An object that may be freed while a call reads it.</summary>
/// <param name="Kind">Scalar or tensor.</param>
/// <param name="Callee">The method called.</param>
/// <param name="At">Where.</param>
/// <param name="HeldByScope">Whether a dispose scope of a caller would hold it.</param>
internal sealed record Loss(OriginKind Kind, MethodReference Callee, Instruction At, bool HeldByScope);

/// <summary>A call of a method whose code is at hand.</summary>
/// <param name="Callee">The method called.</param>
/// <param name="At">Where.</param>
/// <param name="InScope">Whether in a dispose scope of the caller's own.</param>
internal sealed record KnownCall(MethodDefinition Callee, Instruction At, bool InScope)
{
    public bool MakesDelegate => At.OpCode.Code is Code.Ldftn or Code.Ldvirtftn;
}
