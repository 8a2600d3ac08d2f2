using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace PandaNas.Experiments.Options;

/// <summary>
/// Options as a set that knows where each value comes from: given explicitly, from a file, from a preset, from the run that it continues,
/// or the default. What is nearer to the user wins, in whatever order it was given. Values out of their range are refused when they are
/// given; names and what excludes each other before any work.
/// </summary>
public abstract record OptionSet
{
    private ImmutableArray<ImmutableDictionary<string, object?>> _layers =
        [.. Enumerable.Repeat(ImmutableDictionary<string, object?>.Empty, Enum.GetValues<Layer>().Length)];

    /// <summary>Where values come from, nearest to the user last.</summary>
    private protected enum Layer
    {
        Stored,
        Preset,
        File,
        Explicit,
    }

    /// <summary>Whether both sets have the same values, wherever they come from.</summary>
    public virtual bool Equals(OptionSet? other) =>
        other is not null && GetType() == other.GetType()
            && OptionDescription.AllOf(GetType()).All(option => option.Text(this) == option.Text(other));

    /// <summary>A hash of the values.</summary>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (OptionDescription option in OptionDescription.AllOf(GetType())) hash.Add(option.Text(this), StringComparer.Ordinal);
        return hash.ToHashCode();
    }

    /// <summary>Throws unless every name is known and no two options exclude each other.</summary>
    /// <exception cref="BadOptionException">An option is impossible; the message names it, its value and what was expected.</exception>
    /// <exception cref="BadDataException">A file that an option names cannot be used.</exception>
    public void Validate()
    {
        foreach (OptionDescription option in OptionDescription.AllOf(GetType())) option.CheckName(this, NamesOf);
        Check();
    }

    /// <summary>Throws where options exclude each other.</summary>
    private protected virtual void Check()
    {
    }

    /// <summary>The names that options may have.</summary>
    private protected virtual IReadOnlyList<string> NamesOf(NameKind kind) => OptionNames.Of(kind);

    /// <summary>What two values of an option must have in common to be the same; their text unless they are files.</summary>
    internal virtual string IdentityOf(OptionDescription option) => option.Text(this);

    /// <summary>The same options in a form that can be stored: nothing depends on where the process stands.</summary>
    internal virtual OptionSet Normalized() => this;

    /// <summary>The same options with every value explicit, so that changing one changes no other.</summary>
    internal OptionSet WithAllExplicit() => this with
    {
        _layers = _layers.SetItem(
            (int)Layer.Explicit,
            OptionDescription.AllOf(GetType()).ToImmutableDictionary(option => option.Name, option => option.Read(this))),
    };

    /// <summary>The options over those of a layer below.</summary>
    /// <param name="layer">Where the values come from.</param>
    /// <param name="values">A set with these given explicitly.</param>
    /// <param name="takes">Which of them count.</param>
    private protected OptionSet Over(Layer layer, OptionSet values, Func<OptionDescription, bool> takes)
    {
        ImmutableDictionary<string, object?> given = values._layers[(int)Layer.Explicit];
        return this with
        {
            _layers = _layers.SetItem((int)layer, OptionDescription.AllOf(GetType())
                .Where(option => given.ContainsKey(option.Name) && takes(option))
                .ToImmutableDictionary(option => option.Name, option => given[option.Name])),
        };
    }

    /// <summary>The value of an option.</summary>
    /// <param name="standard">The default.</param>
    /// <param name="unless">A property that takes this one's value away where only it is given.</param>
    /// <param name="otherwise">The value then.</param>
    /// <param name="name">The property.</param>
    private protected T Get<T>(T standard, string? unless = null, T? otherwise = default, [CallerMemberName] string name = "")
    {
        for (int layer = _layers.Length - 1; layer >= 0; layer--)
        {
            if (_layers[layer].TryGetValue(name, out object? value)) return (T)value!;
            if (unless is not null && _layers[layer].ContainsKey(unless)) return otherwise!;
        }
        return standard;
    }

    /// <summary>Gives an option a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="normalize">Makes it one that does not depend on where the process stands, or refuses it.</param>
    /// <param name="name">The property.</param>
    /// <exception cref="BadOptionException">It is out of its range.</exception>
    private protected void Set<T>(T value, Func<T, T>? normalize = null, [CallerMemberName] string name = "")
    {
        OptionDescription option = OptionDescription.Of(GetType(), name);
        object? kept = option.Checked(normalize is null ? value : option.Naming(() => normalize(value)));
        _layers = _layers.SetItem((int)Layer.Explicit, _layers[(int)Layer.Explicit].SetItem(name, kept));
    }

    /// <summary>Puts the values that another set has explicitly into a layer of this one, as part of an initializer.</summary>
    private protected void Lay(Layer layer, OptionSet values, Func<OptionDescription, bool> takes) =>
        _layers = Over(layer, values, takes)._layers;
}

/// <summary>What keeps the type of a set.</summary>
internal static class OptionSets
{
    /// <summary>The options with one more value that is given as text.</summary>
    /// <exception cref="BadOptionException">It is impossible.</exception>
    public static T With<T>(this T options, string key, string text)
        where T : OptionSet => OptionDescription.OfKey(options.GetType(), key).WithText(options, text);

    /// <summary>The options after their check, every value explicit, so that changing one changes no other.</summary>
    /// <exception cref="BadOptionException">An option is impossible; the message names it, its value and what was expected.</exception>
    public static T Settle<T>(this T options)
        where T : OptionSet
    {
        options.Validate();
        return (T)options.Normalized().WithAllExplicit();
    }

    /// <summary>Throws if options would compute something else than those with which a folder was begun.</summary>
    /// <exception cref="BadOptionException">One would; the message names it.</exception>
    public static void RequireContinues<T>(this T options, T stored, string folder)
        where T : OptionSet
    {
        if (stored.FirstDifference(options) is not { } option) return;
        throw new BadOptionException(
            option.Key,
            $"{option.Mentioned} is {option.Standard(options)}, but '{folder}' was started with {option.Standard(stored)}: "
            + $"leave it out to continue, or start another one with {Mention.Option("out", "another folder")}");
    }

    /// <summary>The first option by which two sets would compute different things; null when there is none.</summary>
    public static OptionDescription? FirstDifference<T>(this T one, T other)
        where T : OptionSet =>
        OptionDescription.AllOf(one.GetType()).FirstOrDefault(
            option => option is { IsStored: true, MayChange: false } && one.IdentityOf(option) != other.IdentityOf(option));
}
