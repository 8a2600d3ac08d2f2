using System.Collections.Immutable;
using System.Globalization;

namespace PandaNas.Ranking.Rankers;

/// <summary>A score and its weight in a ranker.</summary>
/// <param name="Score">The score.</param>
/// <param name="Weight">Above 0, or 0 for a score that is looked at only.</param>
internal sealed record RankerTerm(ArchitectureScore Score, double Weight);

/// <summary>
/// What architectures are ordered by: a score, or the weighted sum of the logarithms of ranks by several. As users write it:
/// <c>accuracy+live-params+0.5*jacov</c>.
/// </summary>
/// <param name="Terms">The scores, each once; at least one.</param>
internal sealed record RankerFormula(ImmutableArray<RankerTerm> Terms)
{
    /// <summary>The name of the score that orders architectures where nothing is known to do it better.</summary>
    public const string Usual = "accuracy";

    private const string Example = "accuracy+live-params+0.5*jacov";

    /// <summary>Whether it is the accuracy alone, which needs no ranks.</summary>
    public bool IsAccuracy => Terms is [{ Score.Name: Usual }];

    /// <summary>Whether it takes a trained supernet.</summary>
    public bool NeedsSupernet => Terms.Any(term => term.Score.IsOfSupernet);

    /// <summary>What is left of it without a trained supernet; null where nothing is.</summary>
    public RankerFormula? WithoutSupernet =>
        Terms.RemoveAll(term => term.Score.IsOfSupernet) is { IsEmpty: false } left ? new RankerFormula(left) : null;

    /// <summary>Reads a ranker.</summary>
    /// <param name="text">Scores joined by plus signs, each alone or as WEIGHT*SCORE. A score of weight 0 is left out.</param>
    /// <param name="scores">The scores that there are.</param>
    /// <exception cref="BadOptionException">It is none; the message names the nearest score.</exception>
    public static RankerFormula Parse(string text, IReadOnlyList<ArchitectureScore> scores)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(scores);
        RankerTerm[] terms = [.. text.Split('+', StringSplitOptions.TrimEntries).Select(term => ParseTerm(term, scores))];
        if (terms.GroupBy(term => term.Score.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new BadOptionException($"'{text}' names {twice.Key} twice: give it once, with a weight, for example 2*{twice.Key}");
        ImmutableArray<RankerTerm> weighty = [.. terms.Where(term => term.Weight > 0)];
        return weighty.IsEmpty
            ? throw new BadOptionException($"the weights of '{text}' are all 0: give at least one score a weight above 0")
            : new RankerFormula(weighty);
    }

    /// <summary>The same ranker, which looks at other scores too.</summary>
    public RankerFormula Looking(IEnumerable<ArchitectureScore> others) =>
        new(Terms.AddRange(others.Select(score => new RankerTerm(score, 0))));

    /// <summary>The ranker as <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Join('+', Terms.Where(term => term.Weight > 0).Select(term => term.Weight == 1
        ? term.Score.Name
        : string.Create(CultureInfo.InvariantCulture, $"{term.Weight:R}*{term.Score.Name}")));

    private static RankerTerm ParseTerm(string text, IReadOnlyList<ArchitectureScore> scores)
    {
        string[] names = [.. scores.Select(score => score.Name)];
        string[] parts = text.Split('*', StringSplitOptions.TrimEntries);
        double weight = 1;
        if (parts.Length > 2
            || (parts.Length == 2 && !double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out weight)))
            throw new BadOptionException(
                $"'{text}' is neither a score nor WEIGHT*SCORE: write for example {Example}. Scores: {string.Join(", ", names)}");
        if (!(weight >= 0 && double.IsFinite(weight)))
            throw new BadOptionException(
                $"the weight of '{text}' is {parts[0]}: expected a number of at least 0; more of a score is better");
        return scores.FirstOrDefault(score => score.Name == parts[^1]) is { } found
            ? new RankerTerm(found, weight)
            : throw new BadOptionException(
                $"'{parts[^1]}' is no score. Did you mean '{NearestName.Of(parts[^1], names)}'? Possible: {string.Join(", ", names)}, "
                + $"and weighted sums of their log ranks such as {Example}");
    }
}
