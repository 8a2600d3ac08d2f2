using System.CommandLine;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Stages;

namespace PandaNas.Cli;

/// <summary>The flags that say which architectures are ranked, on which images and against what.</summary>
internal sealed class RankingFlags
{
    private static readonly RankingOptions Standard = new();

    private readonly List<(Option Flag, Func<ParseResult, RankingOptions, RankingOptions> Write)> _flags = [];

    private RankingFlags()
    {
    }

    /// <summary>The flags of verbs that measure rankings against a truth.</summary>
    /// <param name="command">Receives the flags.</param>
    /// <param name="seed">The name of the seed's flag.</param>
    public static RankingFlags AddAll(Command command, string seed)
    {
        RankingFlags flags = Make(seed);
        flags.Add(
            new Option<string?>("--truth") { Description = "CSV file with an 'architecture' column and stand-alone accuracies in percent", HelpName = "FILE" },
            (options, value) => options with { Truth = value is null ? null : Absolute(value) });
        flags.Add(
            new Option<string?>("--truth-column") { Description = "its column [default: the one named as the data set]", HelpName = "NAME" },
            (options, value) => options with { TruthColumn = value });
        flags.Add(
            new Option<bool>("--allow-mismatch") { Description = "allow a truth of another data set" },
            (options, value) => options with { AllowMismatch = value });
        flags.Add(
            new Option<double?>("--min-truth") { Description = "of these, only those whose true accuracy is at least X percent", HelpName = "X" },
            (options, value) => options with { MinTruth = value });
        flags.Add(
            new Option<string>("--top-k")
            {
                Description = "the K of BR@K, WR@K, P@TopK and tau within the top K: numbers, or shares such as 5%",
                HelpName = "LIST",
                DefaultValueFactory = _ => Standard.TopK,
            },
            (options, value) => options with { TopK = value });
        flags.AddTo(command);
        return flags;
    }

    /// <summary>The flags of verbs that rank without a truth.</summary>
    public static RankingFlags AddWithoutTruth(Command command)
    {
        RankingFlags flags = Make("--seed");
        flags.AddTo(command);
        return flags;
    }

    /// <summary>The options with what the command line says explicitly.</summary>
    public RankingOptions Apply(ParseResult parsed, RankingOptions options)
    {
        foreach ((Option flag, Func<ParseResult, RankingOptions, RankingOptions> write) in _flags)
            if (parsed.GetResult(flag) is { Implicit: false }) options = write(parsed, options);
        TopSizes.Parse(options.TopK);
        return options;
    }

    private static RankingFlags Make(string seed)
    {
        var flags = new RankingFlags();
        flags.Add(
            new Option<string>("--architectures")
            {
                Description = "all, a number of random ones, or a file with one a line",
                HelpName = "all|N|FILE",
                DefaultValueFactory = _ => Standard.Architectures,
            },
            (options, value) => options with { Architectures = ArchitectureSelection.IsFile(value) ? Absolute(value) : value });
        flags.Add(
            new Option<bool>("--unique") { Description = "of these, only the first of isomorphic ones (6,466 of all of NAS-Bench-201)" },
            (options, value) => options with { Unique = value });
        flags.Add(
            new Option<int>("--images") { Description = "images that score each; 0 is all that rank", HelpName = "N" },
            (options, value) => options with { Images = value });
        flags.Add(
            new Option<long>(seed) { Description = "decides the random architectures, images and bootstrap", HelpName = "N" },
            (options, value) => options with { Seed = value });
        return flags;
    }

    // Options are stored, and must not depend on where somebody stood.
    private static string Absolute(string path) => path.Length == 0 ? path : Path.GetFullPath(path);

    private void Add<T>(Option<T> flag, Func<RankingOptions, T, RankingOptions> write) =>
        _flags.Add((flag, (parsed, options) => write(options, parsed.GetValue(flag)!)));

    private void AddTo(Command command)
    {
        foreach ((Option flag, _) in _flags) command.Add(flag);
    }
}
