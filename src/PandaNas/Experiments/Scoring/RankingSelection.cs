using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PandaNas.Experiments.Options;
using PandaNas.Ranking;
using PandaNas.Runtime.Files;
using PandaNas.Spaces;

namespace PandaNas.Experiments.Scoring;

/// <summary>The architectures that are ranked, with their true accuracies if there is a truth.</summary>
/// <param name="Architectures">The architectures, at least one.</param>
/// <param name="Truths">The true accuracy of each, in percent; null without a truth.</param>
/// <param name="TruthColumn">The truth's column; null without a truth.</param>
internal sealed record RankingSelection(ImmutableArray<Architecture> Architectures, ImmutableArray<double>? Truths, string? TruthColumn)
{
    private static readonly FileKind TruthKind =
        new("a CSV file with a column 'architecture'", 100_000_000, "Check the path.") { MayBeEmpty = true };

    /// <summary>Selects what the options ask for.</summary>
    /// <param name="options">What is ranked, and against what.</param>
    /// <param name="space">The space of the architectures.</param>
    /// <param name="dataSet">The data set of the predictions, to which the truth must belong.</param>
    /// <exception cref="BadOptionException">The options do not fit each other or the space, or leave no architecture.</exception>
    /// <exception cref="BadDataException">A file is missing or damaged, or the truth has no row for an architecture.</exception>
    public static RankingSelection Choose(RankOptions options, SearchSpace space, string dataSet)
    {
        TruthTable? truth = options.Truth is null ? null : ReadTruth(options, space, dataSet);
        IEnumerable<Architecture> chosen = ArchitectureSelection.Select(space, options.Architectures, options.Seed);
        if (options.Unique) chosen = chosen.DistinctBy(space.IsomorphismKey, StringComparer.Ordinal);
        if (truth is null) return new RankingSelection([.. chosen], null, null);

        ImmutableArray<(Architecture Architecture, double Truth)> pairs =
        [
            .. chosen.Select(architecture => (architecture, TruthOf(architecture, truth, space, options)))
                .Where(pair => options.MinTruth is not { } least || pair.Item2 >= least),
        ];
        if (pairs.IsEmpty)
            throw new BadOptionException(string.Create(
                CultureInfo.InvariantCulture,
                $"{Mention.Option("min-truth")} is {options.MinTruth}, which no selected architecture reaches "
                + $"in column '{truth.Column}' of '{options.Truth}': choose a lower one"));
        return new RankingSelection([.. pairs.Select(pair => pair.Architecture)], [.. pairs.Select(pair => pair.Truth)], truth.Column);
    }

    /// <summary>
    /// SHA-256 over architectures and truths, so that results of another selection are never taken for those of this one.
    /// </summary>
    public string Fingerprint(SearchSpace space)
    {
        var text = new StringBuilder(TruthColumn).Append('\n');
        for (int i = 0; i < Architectures.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"{space.Format(Architectures[i])},{Truths?[i]:R}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static double TruthOf(Architecture architecture, TruthTable truth, SearchSpace space, RankOptions options) =>
        truth.TryGet(architecture, out double value)
            ? value
            : throw new BadDataException(
                $"'{options.Truth}' has no row for {space.Format(architecture)}: give a table that has every architecture ranked");

    private static TruthTable ReadTruth(RankOptions options, SearchSpace space, string dataSet)
    {
        string path = options.Truth!;
        IReadOnlyList<string> columns;
        using (TextReader header = InputFile.OpenText(path, TruthKind)) columns = TruthTable.Columns(header, path);
        string column = ChooseColumn(columns, dataSet, options);
        using TextReader reader = InputFile.OpenText(path, TruthKind);
        return TruthTable.Read(reader, path, space, column);
    }

    private static string ChooseColumn(IReadOnlyList<string> columns, string dataSet, RankOptions options)
    {
        try
        {
            return Ranking.TruthColumn.Choose(columns, dataSet, options.TruthColumn, options.AllowMismatch);
        }
        catch (BadDataException error)
        {
            throw new BadDataException($"'{options.Truth}': {error.Marked}", error);
        }
    }
}
