using System.Collections.Immutable;
using System.Reflection;

namespace PandaNas.Supernets.Operations;

/// <summary>
/// A kind of operation that layers of a space can take. Made by the methods of this class; two of the same name in a space must be the
/// same. Every kind has a file that says all there is to know of it: how it is made in code and in files, what it can change, and what it
/// computes.
/// </summary>
public abstract partial record Operation
{
    /// <summary>
    /// The smallest side in pixels of what convolutions read: of single pixels libtorch's 3×3 ones are wrong (docs/dependencies.md).
    /// </summary>
    internal const int SmallestSide = 2;

    private protected Operation(string name, ShapeChange changes)
    {
        Name = SpaceName.Check(name, "operation");
        Changes = changes;
    }

    // Asked for when all of them are there: each is declared in its operation's file.
    private static readonly Lazy<ImmutableSortedDictionary<string, OperationType>> KnownTypes = new(() => typeof(Operation)
        .GetProperties(BindingFlags.Static | BindingFlags.NonPublic)
        .Where(property => property.PropertyType == typeof(OperationType))
        .Select(property => (OperationType)property.GetValue(null)!)
        .ToImmutableSortedDictionary(type => type.Name, type => type, StringComparer.Ordinal));

    /// <summary>The types of operation that a file can name, by their names.</summary>
    internal static ImmutableSortedDictionary<string, OperationType> Types => KnownTypes.Value;

    /// <summary>Its name in the space: a letter, then letters, digits, '_' and '.'.</summary>
    public string Name { get; }

    /// <summary>What it can change of its input's shape.</summary>
    public ShapeChange Changes { get; }

    /// <summary>Whether its output is its input.</summary>
    internal virtual bool IsSkip => false;

    /// <summary>Whether its output is zero.</summary>
    internal virtual bool CarriesNothing => false;

    /// <summary>
    /// What operations have in common that share weights at one place of a supernet with <see cref="EntangledKernels"/>; null for one
    /// that shares none.
    /// </summary>
    internal virtual object? EntangledKind => null;

    /// <summary>Whether it can compute from one shape to the other.</summary>
    internal virtual bool Fits(int inputs, int outputs, int stride) =>
        (inputs == outputs || Changes.HasFlag(ShapeChange.Channels)) && (stride == 1 || Changes.HasFlag(ShapeChange.Size));

    /// <summary>Learnable scalars of one of that shape in a plain network.</summary>
    /// <exception cref="OverflowException">They are above 2⁶³ − 1.</exception>
    internal long Weights(OperationShape shape)
    {
        if (CarriesNothing) return 0;
        using var store = WeightStore.OnlyCounting();
        var options = new NetworkOptions(InputChannels: 3, shape.InputSize, Classes: 2, Channels: 0, Cells: 0);
        Make(new OperationSetting(new NetworkSetting(store, options, IsStandalone: true, Only: null), Name, shape));
        return store.Counted;
    }

    /// <summary>Makes one.</summary>
    internal abstract IMadeOperation Make(OperationSetting setting);

    private static int Kernel(int kernel, int smallest) =>
        kernel % 2 == 1 && kernel >= smallest && kernel <= 15
            ? kernel
            : throw new SpaceDefinitionException("kernel", $"is {kernel}: expected an odd number from {smallest} to 15");

    private static int InRange(int value, int smallest, int largest, string key) =>
        value >= smallest && value <= largest
            ? value
            : throw new SpaceDefinitionException(key, $"is {value}: expected {smallest} to {largest}");
}

/// <summary>A type of operation in files.</summary>
/// <param name="Name">What <c>type</c> says there.</param>
/// <param name="Keys">The numbers that it takes, and what each is where the file leaves it out; null where it must be there.</param>
/// <param name="Make">Makes an operation of its name and those numbers, in the order of the keys.</param>
internal sealed record OperationType(string Name, ImmutableArray<(string Name, int? Usual)> Keys, Func<string, int[], Operation> Make);
