using System.Text.Json.Serialization;
using PandaNas.Ranking.Rankers;

namespace PandaNas.Experiments.Options;

/// <summary>What is ranked, on how many images, and against what.</summary>
/// <example><code>new RankOptions { Architectures = 10, Images = 1000 }</code></example>
public sealed record RankOptions : OptionSet
{
    /// <summary>Has the scores of the ranker if some are your own.</summary>
    [JsonIgnore]
    public Catalog Catalog { get; init; } = Catalog.Default;

    /// <summary>All architectures, a number of random ones, or a file with one per line.</summary>
    [Option("architectures", "all, a number of random ones, or a file with one per line",
        Group = OptionGroup.Ranking, IsUsual = true, Value = "all|N|FILE")]
    public ArchitectureChoice Architectures { get => Get<ArchitectureChoice>(600); init => Set(value); }

    /// <summary>Whether only the first of architectures that are isomorphic is ranked.</summary>
    [Option("unique", "of these, only the first of isomorphic ones (6,466 of all of NAS-Bench-201)", Group = OptionGroup.Ranking)]
    public bool Unique { get => Get(false); init => Set(value); }

    /// <summary>How many ranking images to use; 0 is all.</summary>
    [Option("images", "images that score each; 0 is all that rank",
        Group = OptionGroup.Ranking, IsUsual = true, Unit = "images", Least = 0)]
    public int Images { get => Get(0); init => Set(value); }

    /// <summary>Decides the random architectures, the images and the bootstrap.</summary>
    [Option("seed", "decides the random architectures, images and bootstrap", Group = OptionGroup.Ranking, IsUsual = true)]
    public long Seed { get => Get(0L); init => Set(value); }

    /// <summary>
    /// What orders architectures: a score, or a weighted sum of log ranks by several such as <c>accuracy+live-params+0.5*jacov</c>; null is
    /// what is known to rank best in the space, and where supernets are compared the accuracy. The scores are
    /// <see cref="Catalog.ScoreNames"/>.
    /// </summary>
    [Option("ranker", "what orders them: a score, or a sum of log ranks such as accuracy+live-params+0.5*jacov; scores: {names}",
        Group = OptionGroup.Ranking, IsUsual = true, Value = "RANKER", Names = NameKind.Score,
        Otherwise = "the space's own; in compare and stability accuracy")]
    public string? Ranker { get => Get<string?>(null); init => Set(value); }

    /// <summary>
    /// How many random architectures ranks are taken against; of scores that compute networks a tenth of them. Of no effect on the ranker
    /// <c>accuracy</c>.
    /// </summary>
    [Option("reference", "random architectures that ranks are taken against, a tenth of them for scores that compute networks",
        Group = OptionGroup.Ranking, Least = 10, Most = 100_000)]
    public int Reference { get => Get(1_000); init => Set(value); }

    /// <summary>
    /// How many initial networks score, where scores compute such: each has weights and images of its own, and the logarithms of their
    /// ranks are averaged. More of them order better and take as much longer.
    /// </summary>
    [Option("initial-networks", "networks at initial weights whose ranks are averaged, for scores that compute such",
        Group = OptionGroup.Ranking, Unit = "networks", Least = 1, Most = 100)]
    public int InitialNetworks { get => Get(1); init => Set(value); }

    /// <summary>CSV file with an <c>architecture</c> column and stand-alone accuracies in percent; null ranks without truth.</summary>
    [Option("truth", "CSV file with an 'architecture' column and stand-alone accuracies in percent",
        Group = OptionGroup.Ranking, IsUsual = true, Value = "FILE")]
    public string? Truth
    {
        get => Get<string?>(null);
        init => Set(value, path => string.IsNullOrEmpty(path) ? path : Path.GetFullPath(path));
    }

    /// <summary>The truth's column; null is the one named as the data set.</summary>
    [Option("truth-column", "its column", Group = OptionGroup.Ranking, Otherwise = "the one named as the data set")]
    public string? TruthColumn { get => Get<string?>(null); init => Set(value); }

    /// <summary>Whether a column that belongs to another data set may be used.</summary>
    [Option("allow-mismatch", "allow a truth of another data set", Group = OptionGroup.Ranking, MayChange = true)]
    public bool AllowMismatch { get => Get(false); init => Set(value); }

    /// <summary>The least true accuracy, in percent, of architectures that are ranked; null ranks all.</summary>
    [Option("min-truth", "of these, only those whose true accuracy is at least so many percent",
        Group = OptionGroup.Ranking, Unit = "percent")]
    public double? MinTruth { get => Get<double?>(null); init => Set(value); }

    /// <summary>The K of BR@K, WR@K, P@TopK and tau within the top K, numbers or shares such as 5%, joined by commas.</summary>
    [Option("top-k", "the K of BR@K, WR@K, P@TopK and tau within the top K: numbers, or shares such as 5%",
        Group = OptionGroup.Ranking, Value = "LIST")]
    public string TopK
    {
        get => Get("1,10,50");
        init => Set(value, text =>
        {
            TopSizes.Parse(text);
            return text;
        });
    }

    /// <summary>
    /// Stages with fewer images that come first, such as 200:25% for 200 images and the best quarter; null scores all on all images.
    /// </summary>
    [Option("screen", "score on fewer images first, and only the promising ones on more",
        Group = OptionGroup.Ranking, Value = "IMAGES:SHARE%,…", Otherwise = "all on all")]
    public string? Screen
    {
        get => Get<string?>(null);
        init => Set(value, text =>
        {
            ScreeningPlan.Of(text);
            return text;
        });
    }

    /// <summary>The ranker; where none is named the accuracy, by which supernets are judged.</summary>
    internal RankerFormula Formula => Catalog.FindRanker(Ranker ?? RankerFormula.Usual);

    /// <summary>The options with the ranker of a supernet's space where they name none.</summary>
    /// <exception cref="BadOptionException">
    /// The ranker takes a trained supernet, and this one is not; or it takes no images to screen on.
    /// </exception>
    internal RankOptions For(SupernetOptions supernet)
    {
        RankOptions options = this with { Ranker = supernet.RankerOf(Ranker) };
        return options.Screen is null || options.Formula.NeedsSupernet
            ? options
            : throw new BadOptionException(
                "screen",
                $"{Mention.Option("screen")} scores on fewer images first, but the ranker {options.Formula} scores on none: leave it out");
    }

    /// <inheritdoc/>
    internal override string IdentityOf(OptionDescription option) =>
        option.Name != nameof(Truth) ? base.IdentityOf(option) : Truth is null ? "none" : "a table";

    /// <inheritdoc/>
    private protected override void Check()
    {
        OptionDescription.Of(GetType(), nameof(Ranker)).Naming(() => Formula);
        if (MinTruth is not null && Truth is null)
            throw new BadOptionException(
                "min-truth", $"{Mention.Option("min-truth")} needs a truth: give the table with {Mention.Option("truth")}");
    }
}
