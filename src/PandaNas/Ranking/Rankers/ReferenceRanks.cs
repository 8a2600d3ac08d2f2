namespace PandaNas.Ranking.Rankers;

/// <summary>
/// Ranks scores against those of a fixed sample of n architectures, so that an architecture's rank does not depend on which others are
/// asked for.
/// </summary>
/// <remarks>
/// Ranks count from 1, the lowest score of the sample, to n; equal scores share their average rank, as in AZ-NAS (Lee and Ham 2024). A
/// score between two of the sample lies between their ranks as it lies between their scores. Below the lowest score v, of rank r, the rank
/// falls from r towards k + ½, and above the highest it grows towards n + ½, in hyperbolas of the mean gap g between different scores of
/// the sample: r − (r − k − ½)·t/(1 + t), t = (v − x)/g. Scores that are not finite are below all others: k of the sample share the
/// rank (k + 1)/2, which is ½ where the sample has none. So the rank grows strictly with the score, as far as numbers can tell it apart.
/// </remarks>
internal sealed class ReferenceRanks
{
    private const double Half = 0.5;

    // Different finite scores of the sample, ascending, and the average rank of each.
    private readonly double[] _scores, _ranks;
    private readonly double _gap;

    /// <summary>Takes the scores of the sample.</summary>
    /// <param name="scores">One or more.</param>
    public ReferenceRanks(IReadOnlyCollection<double> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentOutOfRangeException.ThrowIfZero(scores.Count);
        Count = scores.Count;
        double[] sorted = [.. scores.Where(double.IsFinite).Order()];
        NotFinite = Count - sorted.Length;
        List<double> different = [], ranks = [];
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start]) end++;
            different.Add(sorted[start]);
            ranks.Add(NotFinite + (start + 1 + end) * Half);
        }
        (_scores, _ranks) = ([.. different], [.. ranks]);
        _gap = _scores.Length > 1 ? (_scores[^1] - _scores[0]) / (_scores.Length - 1) : 1;
    }

    /// <summary>n.</summary>
    public int Count { get; }

    /// <summary>How many of the sample have no finite score.</summary>
    public int NotFinite { get; }

    /// <summary>The rank of a score, in [½, n + ½].</summary>
    public double RankOf(double score)
    {
        if (!double.IsFinite(score)) return NotFinite > 0 ? (NotFinite + 1) * Half : Half;
        if (_scores.Length == 0) return Count + Half;
        if (score < _scores[0]) return _ranks[0] - (_ranks[0] - NotFinite - Half) * Share((_scores[0] - score) / _gap);
        if (score > _scores[^1]) return _ranks[^1] + (Count + Half - _ranks[^1]) * Share((score - _scores[^1]) / _gap);
        int at = Array.BinarySearch(_scores, score);
        if (at >= 0) return _ranks[at];
        int above = ~at;
        double share = (score - _scores[above - 1]) / (_scores[above] - _scores[above - 1]);
        return _ranks[above - 1] + share * (_ranks[above] - _ranks[above - 1]);
    }

    /// <summary>The rank as a share of the highest, in (0, 1].</summary>
    public double RelativeRankOf(double score) => RankOf(score) / (Count + Half);

    // t/(1 + t), also where t is infinite.
    private static double Share(double t) => 1 - 1 / (1 + t);
}
