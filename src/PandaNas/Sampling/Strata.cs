using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// A division of a space's architectures into parts by a measure of them, such as their depth. Which parts there are is decided by 2,000
/// uniform architectures, always the same: one for each value of the measure, or eight equally wide ones where it has more values. The two
/// lowest of three and more values are one, since the lowest has paths without weights of their own (in NAS-Bench-201 so the published
/// groups {0, 1}, {2}, {3}), and a part of less than a fiftieth of the 2,000 joins its smaller neighbour. An architecture that has no
/// measure is in no part.
/// </summary>
internal sealed class Strata
{
    private const int Seen = 2_000, MostParts = 8, LeastSeen = Seen / 50;

    private readonly SearchSpace _space;
    private readonly Func<Architecture, double?> _measure;
    private readonly ImmutableArray<ImmutableArray<Architecture>> _seen;
    // The lowest measure of every part but the first.
    private readonly ImmutableArray<double> _starts;

    private Strata(
        SearchSpace space, Func<Architecture, double?> measure, ImmutableArray<double> starts, IReadOnlyList<Architecture> seen)
    {
        (_space, _measure, _starts) = (space, measure, starts);
        ILookup<int?, Architecture> parts = seen.ToLookup(PartOf);
        _seen = [.. Enumerable.Range(0, Count).Select(part => parts[part].ToImmutableArray())];
    }

    /// <summary>How many parts there are, at least one; every one can be drawn from.</summary>
    public int Count => _starts.Length + 1;

    /// <summary>Divides a space.</summary>
    /// <param name="space">The space.</param>
    /// <param name="measures">
    /// The first by which architectures differ divides them; finite, or null for those that are in no part, whichever measures.
    /// </param>
    /// <exception cref="BadOptionException">No architecture of those seen has a measure.</exception>
    public static Strata Of(SearchSpace space, params ReadOnlySpan<Func<Architecture, double?>> measures)
    {
        var random = RandomStream.Derive(0, "strata");
        Architecture[] seen = [.. Enumerable.Range(0, Seen).Select(_ => UniformArchitectures.Draw(space, random))];
        foreach (Func<Architecture, double?> measure in measures)
        {
            double[] values = [.. seen.Select(measure).OfType<double>().Order()];
            if (values.Length == 0)
                throw new BadOptionException(
                    $"of {Seen} random architectures of {space.Name} none leads from the images to the classifier: "
                    + "choose a method that draws all alike, such as spos");
            if (values[0] < values[^1] || measure == measures[^1]) return new Strata(space, measure, Divide(values), seen);
        }
        throw new ArgumentException("there is no measure", nameof(measures));
    }

    /// <summary>The part that an architecture is in; null where it is in none.</summary>
    public int? PartOf(Architecture architecture) =>
        _measure(architecture) is { } measure ? PartOf(_starts, measure) : null;

    /// <summary>
    /// An architecture of a part: the first proposed that is in it, or, after many that are not, a uniform one of the part.
    /// </summary>
    /// <param name="part">The part.</param>
    /// <param name="propose">Draws any architecture.</param>
    /// <param name="random">Where uniform ones come from.</param>
    public Architecture Draw(int part, Func<Architecture> propose, RandomStream random)
    {
        const int mostProposals = 200;
        for (int i = 0; i < mostProposals; i++)
            if (propose() is var proposed && PartOf(proposed) == part) return proposed;
        while (true)
            if (UniformArchitectures.Draw(_space, random) is var drawn && PartOf(drawn) == part) return drawn;
    }

    /// <summary>How often every kind of operation is taken, in the mean over the parts; estimated, sums to 1.</summary>
    /// <param name="proposals">From what <see cref="Draw"/> takes its proposals; null is uniform.</param>
    public ImmutableArray<double> Shares(PathDistribution? proposals)
    {
        var shares = new double[_space.Operations.Length];
        foreach (ImmutableArray<Architecture> part in _seen)
        {
            double[] weights = [.. part.Select(path => proposals is null ? 1 : 1 / proposals.UniformRatio(path))];
            if (!(weights.Sum() > 0)) Array.Fill(weights, 1);
            double total = weights.Sum() * Count;
            foreach ((Architecture path, double weight) in part.Zip(weights))
            {
                int[] taken =
                    [.. Enumerable.Range(0, path.Candidates.Length).Select(choice => _space.OperationAt(path, choice)).OfType<int>()];
                foreach (int operation in taken) shares[operation] += weight / total / taken.Length;
            }
        }
        return [.. shares];
    }

    // The lowest measure of every part but the first, from sorted measures.
    private static ImmutableArray<double> Divide(double[] values)
    {
        double[] different = [.. values.Distinct()];
        List<double> starts = different.Length <= MostParts
            ? [.. different.Skip(different.Length > 2 ? 2 : 1)]
            : [.. Enumerable.Range(1, MostParts - 1).Select(part => values[0] + (values[^1] - values[0]) * part / MostParts)];
        while (starts.Count > 0)
        {
            var sizes = new int[starts.Count + 1];
            foreach (double value in values) sizes[PartOf(starts, value)]++;
            int smallest = Array.IndexOf(sizes, sizes.Min());
            if (sizes[smallest] >= LeastSeen) break;
            bool joinsNext = smallest == 0 || (smallest + 1 < sizes.Length && sizes[smallest + 1] < sizes[smallest - 1]);
            starts.RemoveAt(joinsNext ? smallest : smallest - 1);
        }
        return [.. starts];
    }

    private static int PartOf(IReadOnlyCollection<double> starts, double measure) => starts.Count(start => start <= measure);
}
