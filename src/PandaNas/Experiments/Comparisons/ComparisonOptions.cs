using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Experiments.Options;

namespace PandaNas.Experiments.Comparisons;

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
public sealed record ComparisonOptions
{
    /// <summary>The methods; differences are to the first.</summary>
    public ImmutableArray<string> Methods { get; init; } = [];

    /// <summary>The seeds with which every method is trained.</summary>
    public ImmutableArray<long> Seeds { get; init; } = [0, 1, 2];

    /// <summary>What every method gets the same of.</summary>
    public Equality Equal { get; init; }

    /// <summary>What is ranked and against what, the same for all runs.</summary>
    public RankingOptions Ranking { get; init; } = new();

    /// <summary>Reads a list of methods.</summary>
    /// <exception cref="BadOptionException">A method is unknown or named twice.</exception>
    public static ImmutableArray<string> ParseMethods(string text, Catalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        try
        {
            return ParseList("methods", text, name => catalog.FindMethod(name).Name);
        }
        catch (BadOptionException error) when (!error.Message.StartsWith("methods: ", StringComparison.Ordinal))
        {
            throw new BadOptionException($"methods: {error.Message}", error);
        }
    }

    /// <summary>Reads a list of seeds.</summary>
    /// <exception cref="BadOptionException">A seed is no whole number or named twice.</exception>
    public static ImmutableArray<long> ParseSeeds(string text) => ParseList("seeds", text, item =>
        long.TryParse(item, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seed)
            ? seed
            : throw new BadOptionException($"seeds: '{item}' is not a whole number; give a list such as 0,1,2"));

    /// <summary>Reads what shall be equal.</summary>
    /// <exception cref="BadOptionException">It is unknown.</exception>
    public static Equality ParseEqual(string text) => text switch
    {
        "epochs" => Equality.Epochs,
        "passes" => Equality.Passes,
        "seconds" => Equality.Seconds,
        _ => throw new BadOptionException($"equal: '{text}' is unknown. Possible: epochs, passes, seconds"),
    };

    /// <summary>Throws if results of other options must not be mixed with those of these. Where the truth lies may change.</summary>
    /// <param name="stored">The options with which the comparison was started.</param>
    /// <param name="folder">The comparison's folder, for the message.</param>
    /// <exception cref="BadOptionException">An option differs; the message names the first.</exception>
    public void CheckContinues(ComparisonOptions stored, string folder)
    {
        ArgumentNullException.ThrowIfNull(stored);
        foreach (((string flag, string wanted), (_, string was)) in Texts().Zip(stored.Texts()))
            if (wanted != was)
                throw new BadOptionException($"--{flag} is {wanted}, but '{folder}' was started with {was}: leave it out to continue the comparison, or start another one with --out");
    }

    private IEnumerable<(string Flag, string Value)> Texts() =>
    [
        ("methods", string.Join(',', Methods)),
        ("seeds", string.Join(',', Seeds.Select(seed => seed.ToString(CultureInfo.InvariantCulture)))),
        ("equal", Equal.ToString().ToLowerInvariant()),
        ("architectures", Ranking.Architectures),
        ("unique", Ranking.Unique ? "true" : "false"),
        ("images", Ranking.Images.ToString(CultureInfo.InvariantCulture)),
        ("ranking-seed", Ranking.Seed.ToString(CultureInfo.InvariantCulture)),
        ("truth", Ranking.Truth is null ? "none" : "a table"),
        ("truth-column", Ranking.TruthColumn ?? "the data set's"),
        ("min-truth", Ranking.MinTruth?.ToString("R", CultureInfo.InvariantCulture) ?? "none"),
        ("top-k", Ranking.TopK),
    ];

    private static ImmutableArray<T> ParseList<T>(string flag, string text, Func<string, T> parse)
    {
        ArgumentNullException.ThrowIfNull(text);
        ImmutableArray<T> items = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(parse)];
        return items.GroupBy(item => item).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new BadOptionException($"{flag}: '{twice.Key}' is named twice")
            : items;
    }
}
