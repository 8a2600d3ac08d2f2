using System.Collections.Immutable;

namespace PandaNas.Experiments.Options;

/// <summary>What every method of a comparison gets the same of.</summary>
public enum Equality
{
    /// <summary>Epochs. Methods that train several paths a step then compute more.</summary>
    Epochs,

    /// <summary>Forward-backward passes over a path: the cheapest method trains the epochs of the options, others fewer.</summary>
    Passes,

    /// <summary>Seconds of training on this machine: epochs are set by a measured epoch of each method.</summary>
    Seconds,
}

/// <summary>Which methods are compared, over which seeds, and how they are ranked.</summary>
/// <example><code>new ComparisonOptions { Methods = ["spos", "panda"], Ranking = new() { Images = 1000 } }</code></example>
public sealed record ComparisonOptions : OptionSet
{
    /// <summary>The methods; differences are to the first.</summary>
    [Option("methods", "methods, the reference first: {names}",
        Group = OptionGroup.Comparison, IsUsual = true, Value = "LIST", Names = NameKind.Method)]
    public ImmutableArray<string> Methods { get => Get<ImmutableArray<string>>([]); init => Set(value); }

    /// <summary>The seeds with which every method is trained.</summary>
    [Option("seeds", "seeds with which each is trained", Group = OptionGroup.Comparison, IsUsual = true, Value = "LIST")]
    public ImmutableArray<long> Seeds { get => Get<ImmutableArray<long>>([0, 1, 2]); init => Set(value); }

    /// <summary>What every method gets the same of.</summary>
    [Option("equal", "what every method gets the same of", Group = OptionGroup.Comparison, IsUsual = true)]
    public Equality Equal { get => Get(Equality.Epochs); init => Set(value); }

    /// <summary>What is ranked and against what, the same for all runs.</summary>
    public RankOptions Ranking { get; init; } = new();

    /// <summary>What the methods are names of.</summary>
    internal Catalog Catalog { get; init; } = Catalog.Default;

    /// <summary>Throws if results of other options must not be mixed with those of these. Where the truth lies may change.</summary>
    /// <param name="stored">The options with which the comparison was started.</param>
    /// <param name="folder">The comparison's folder, for the message.</param>
    /// <exception cref="BadOptionException">An option differs; the message names the first.</exception>
    internal void RequireContinues(ComparisonOptions stored, string folder)
    {
        OptionSets.RequireContinues(this, stored, folder);
        Ranking.RequireContinues(stored.Ranking, folder);
    }

    /// <inheritdoc/>
    private protected override IReadOnlyList<string> NamesOf(NameKind kind) =>
        kind == NameKind.Method ? Catalog.MethodNames : base.NamesOf(kind);

    /// <inheritdoc/>
    private protected override void Check()
    {
        if (Methods.IsEmpty)
            throw new BadOptionException(
                "methods",
                $"{Mention.Option("methods")} is missing: name those to compare, the reference first. "
                + $"Possible: {string.Join(", ", NamesOf(NameKind.Method))}");
        if (Seeds.IsEmpty) throw new BadOptionException("seeds", $"{Mention.Option("seeds")} is missing: give a list such as 0,1,2");
        if (Ranking.Screen is not null)
            throw new BadOptionException(
                "screen", $"{Mention.Option("screen")} is set, but a comparison scores all architectures on all images: leave it out");
        RequireOnce("methods", Methods);
        RequireOnce("seeds", Seeds);
        Ranking.Validate();
    }

    private static void RequireOnce<T>(string key, ImmutableArray<T> items)
    {
        if (items.GroupBy(item => item).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new BadOptionException(key, $"{Mention.Option(key)}: '{twice.Key}' is named twice");
    }
}
