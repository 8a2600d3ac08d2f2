namespace PandaNas.Supernets.Layers;

/// <summary>An input of a node.</summary>
/// <typeparam name="T">What the computation computes with.</typeparam>
/// <param name="Value">N×C×H×W.</param>
/// <param name="Norm">The batch norm that is still to be applied to it, if any.</param>
internal readonly record struct Term<T>(T Value, BatchNorm? Norm = null) where T : class;

/// <summary>What later layers read of a node.</summary>
[Flags]
internal enum Reads
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The sum itself.</summary>
    Raw = 1,

    /// <summary>Its activation.</summary>
    Activated = 2,

    /// <summary>Both.</summary>
    Both = Raw | Activated,
}

/// <summary>The value of a node in the forms that were asked for.</summary>
/// <typeparam name="T">What the computation computes with.</typeparam>
internal sealed class Features<T>(T? raw, T? activated) where T : class
{
    /// <summary>The sum.</summary>
    public T Raw => raw ?? throw new InvalidOperationException("the node was computed for readers of its activation only");

    /// <summary>min(max(sum, 0), ceiling).</summary>
    public T Activated => activated ?? throw new InvalidOperationException("the node was computed for readers of its sum only");

    /// <summary>One of them, for what they have in common: shape, type and device.</summary>
    public T Any => (raw ?? activated)!;

    /// <summary>Those that were computed, each once.</summary>
    public IReadOnlyList<T> Values => raw is null || activated is null || ReferenceEquals(raw, activated) ? [Any] : [raw, activated];
}
