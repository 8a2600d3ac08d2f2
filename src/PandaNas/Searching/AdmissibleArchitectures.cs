using System.Globalization;
using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>
/// The architectures that keep a problem's limits, and which of them were visited. A space of at most <see cref="SmallSpace"/>
/// architectures is checked whole, so that a draw never fails while one is left; in a larger one a draw gives up after
/// <see cref="MaxDraws"/> rejections.
/// </summary>
internal sealed class AdmissibleArchitectures
{
    /// <summary>The largest space that is checked whole.</summary>
    public const int SmallSpace = 100_000;

    /// <summary>Uniform draws in a row from a larger space after which it counts as exhausted, or the limits as impossible.</summary>
    public const int MaxDraws = 100_000;

    private readonly SearchProblem _problem;
    private readonly RandomStream _stream;
    private readonly HashSet<Architecture> _visited = [];
    // Numbers of the admissible architectures in random order; null in a large space.
    private readonly int[]? _shuffled;
    private int _next;

    /// <summary>Checks the limits; in a small space takes one shuffle from the stream.</summary>
    /// <exception cref="BadOptionException">A limit is out of its range or no architecture keeps the limits.</exception>
    public AdmissibleArchitectures(SearchProblem problem, RandomStream stream)
    {
        (_problem, _stream) = (problem, stream);
        problem.Limits.Validate();
        if (problem.Space.Size > SmallSpace) return;
        var cheapest = new Cheapest();
        _shuffled = [.. Enumerable.Range(0, (int)problem.Space.Size).Where(number => Admits(problem.Space.At(number), cheapest))];
        if (_shuffled.Length == 0) throw Unsatisfiable(cheapest, string.Create(CultureInfo.InvariantCulture, $"all {problem.Space.Size:N0} architectures"));
        stream.Shuffle<int>(_shuffled);
    }

    /// <summary>Marks the architecture as visited if it keeps the limits and was not visited yet; tells whether it did.</summary>
    public bool TryVisit(Architecture architecture) =>
        !_visited.Contains(architecture) && Admits(architecture, null) && _visited.Add(architecture);

    /// <summary>Draws, uniformly, an admissible architecture that was not visited yet and marks it; null when none is left.</summary>
    /// <exception cref="BadOptionException">In a large space: no draw kept the limits.</exception>
    public Architecture? TryDraw() => _shuffled is null ? TryDrawByRejection() : TryDrawShuffled(_shuffled);

    private Architecture? TryDrawShuffled(int[] shuffled)
    {
        while (_next < shuffled.Length)
        {
            Architecture architecture = _problem.Space.At(shuffled[_next++]);
            if (_visited.Add(architecture)) return architecture;
        }
        return null;
    }

    private Architecture? TryDrawByRejection()
    {
        var cheapest = new Cheapest();
        for (int draw = 0; draw < MaxDraws; draw++)
        {
            Architecture architecture = UniformArchitectures.Draw(_problem.Space, _stream);
            if (!_visited.Contains(architecture) && Admits(architecture, cheapest) && _visited.Add(architecture)) return architecture;
        }
        return _visited.Count > 0
            ? null
            : throw Unsatisfiable(cheapest, string.Create(CultureInfo.InvariantCulture, $"{MaxDraws:N0} architectures drawn uniformly"));
    }

    private bool Admits(Architecture architecture, Cheapest? cheapest)
    {
        if (_problem.Limits.IsNone) return true;
        Cost cost = _problem.CostOf(architecture);
        cheapest?.See(cost);
        return _problem.Limits.Admits(cost);
    }

    private BadOptionException Unsatisfiable(Cheapest cheapest, string seen) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"no architecture of {_problem.Space.Name} was found with {_problem.Limits}: among {seen} the fewest are {cheapest.Parameters:N0} parameters and {cheapest.MultiplyAdds:N0} multiply-adds. Raise the limits"));

    private sealed class Cheapest
    {
        public long Parameters { get; private set; } = long.MaxValue;

        public long MultiplyAdds { get; private set; } = long.MaxValue;

        public void See(Cost cost) =>
            (Parameters, MultiplyAdds) = (Math.Min(Parameters, cost.Parameters), Math.Min(MultiplyAdds, cost.MultiplyAdds));
    }
}
