using System.Collections.Immutable;
using Mono.Cecil;

namespace PandaNas.TorchCalls;

/// <summary>What an object is, as far as the check of one method can tell.</summary>
internal enum OriginKind
{
    /// <summary>What a caller gave; its number counts <c>this</c>.</summary>
    Parameter,

    /// <summary>A number for torch, made in this method.</summary>
    Scalar,

    /// <summary>A tensor made in this method.</summary>
    Tensor,

    /// <summary>Another object made in this method, which may hold the former.</summary>
    Container,

    /// <summary>A method that a delegate calls.</summary>
    Function,

    /// <summary>The place of a local variable or argument.</summary>
    Place,
}

/// <summary>An object that a method sees.</summary>
internal sealed class Origin(OriginKind kind, int number, MethodDefinition? function = null)
{
    private const string Anywhere = "*";

    private readonly Dictionary<string, ImmutableHashSet<Fact>> _contents = [];

    public OriginKind Kind { get; } = kind;

    /// <summary>Of the parameter, of the variable, or the offset of the instruction that made it.</summary>
    public int Number { get; } = number;

    public MethodDefinition? Function { get; } = function;

    /// <summary>Whether something outlives the method that holds it.</summary>
    public bool Escaped { get; private set; }

    /// <summary>Whether it was taken out of its dispose scope.</summary>
    public bool Detached { get; set; }

    /// <summary>All that it holds.</summary>
    public IEnumerable<Fact> Contents => _contents.Values.SelectMany(facts => facts);

    /// <summary>What a field of it holds; null if nothing was seen to be put there.</summary>
    public ImmutableHashSet<Fact>? Read(string? field) =>
        field is not null && !_contents.ContainsKey(Anywhere) ? _contents.GetValueOrDefault(field) : null;

    /// <summary>Puts facts into a field, or anywhere. Returns whether that is new.</summary>
    public bool Put(string? field, ImmutableHashSet<Fact> facts)
    {
        ImmutableHashSet<Fact> before = _contents.GetValueOrDefault(field ?? Anywhere, []);
        ImmutableHashSet<Fact> after = before.Union(facts.Where(fact => fact.Origin != this));
        if (after.Count == before.Count) return false;
        _contents[field ?? Anywhere] = after;
        return true;
    }

    /// <summary>Notes that it, and all that it holds, outlives the method. Returns whether that is new.</summary>
    public bool Escape()
    {
        if (Escaped) return false;
        Escaped = true;
        foreach (Fact fact in Contents.ToArray()) fact.Origin.Escape();
        return true;
    }
}

/// <summary>What a value has to do with an object.</summary>
/// <param name="Origin">The object.</param>
/// <param name="IsAddress">Whether the value is a native handle or address, which does not keep it alive, and no reference.</param>
internal readonly record struct Fact(Origin Origin, bool IsAddress);

/// <summary>Sets of facts.</summary>
internal static class Facts
{
    public static readonly ImmutableHashSet<Fact> None = [];

    /// <summary>The same objects, seen through addresses only.</summary>
    public static ImmutableHashSet<Fact> AsAddresses(this ImmutableHashSet<Fact> facts) =>
        facts.Count == 0 ? facts
            : [.. facts.Where(fact => fact.Origin.Kind != OriginKind.Function).Select(fact => fact with { IsAddress = true })];

    /// <summary>With all that the objects hold.</summary>
    public static ImmutableHashSet<Fact> Expanded(this ImmutableHashSet<Fact> facts)
    {
        if (facts.All(fact => !fact.Origin.Contents.Any())) return facts;
        var all = facts.ToBuilder();
        var pending = new Stack<Fact>(facts);
        while (pending.TryPop(out Fact fact))
            foreach (Fact held in fact.Origin.Contents)
            {
                Fact seen = held with { IsAddress = held.IsAddress || fact.IsAddress };
                if (all.Add(seen)) pending.Push(seen);
            }
        return all.ToImmutable();
    }
}
