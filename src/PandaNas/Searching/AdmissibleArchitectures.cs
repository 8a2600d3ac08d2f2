using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>
/// The architectures that keep a problem's limits, and which of them were visited. A space of at most <see cref="SmallSpace"/>
/// architectures is checked whole, so that a draw never fails while one is left. In a larger one a draw is uniform, by rejection, as long
/// as that succeeds; where admissible architectures are too rare for it, random ones are made cheaper until they keep the limits.
/// </summary>
internal sealed class AdmissibleArchitectures
{
    /// <summary>The largest space that is checked whole.</summary>
    public const int SmallSpace = 100_000;

    // Uniform draws in a row from a larger space after which admissible architectures count as too rare for rejection.
    private const int MaxDraws = 10_000;

    // Random architectures in a row that are made cheaper before the space counts as exhausted, or the limits as impossible.
    private const int MaxRepairs = 50;

    // How often a child is tried for each one wanted: the bound of SPOS's released code.
    private const int AttemptsPerChild = 10;

    private readonly SearchProblem _problem;
    private readonly RandomStream _stream;
    private readonly CancellationToken _cancellation;
    private readonly HashSet<Architecture> _visited = [];
    // Numbers of the admissible architectures in random order; null in a large space.
    private readonly int[]? _shuffled;
    private int _next;
    private bool _rare;

    /// <summary>Checks the limits; in a small space takes one shuffle from the stream.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; so do all methods.</exception>
    /// <exception cref="BadOptionException">A limit is out of its range or no architecture keeps the limits.</exception>
    public AdmissibleArchitectures(SearchProblem problem, RandomStream stream, CancellationToken cancellation)
    {
        (_problem, _stream, _cancellation) = (problem, stream, cancellation);
        problem.Limits.Validate();
        if (problem.Space.Size > SmallSpace) return;
        _shuffled = [.. Enumerable.Range(0, (int)problem.Space.Size).Where(number => Admits(problem.Space.At(number)))];
        if (_shuffled.Length == 0) throw CheapestArchitectures.OfAll(problem).Unsatisfiable(problem);
        stream.Shuffle<int>(_shuffled);
    }

    /// <summary>Marks the architecture as visited if it keeps the limits and was not visited yet; tells whether it did.</summary>
    public bool TryVisit(Architecture architecture) =>
        !_visited.Contains(architecture) && Admits(architecture) && _visited.Add(architecture);

    /// <summary>Draws an admissible architecture that was not visited yet and marks it; null when none is left or found.</summary>
    /// <exception cref="BadOptionException">In a large space: none that keeps the limits was ever found.</exception>
    public Architecture? TryDraw()
    {
        if (_shuffled is not null) return TryDrawShuffled(_shuffled);
        return (_rare ? null : TryDrawByRejection()) ?? TryDrawByRepair();
    }

    /// <summary>Adds so many drawn architectures; fewer only when no more are left or found.</summary>
    public void AddDrawn(List<Architecture> list, int count)
    {
        for (int i = 0; i < count && TryDraw() is { } architecture; i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            list.Add(architecture);
        }
    }

    /// <summary>Adds so many children that keep the limits and were not visited yet; fewer when they are hard to find.</summary>
    public void AddNew(List<Architecture> list, int count, Func<Architecture> child)
    {
        int wanted = list.Count + count;
        for (int attempt = 0; attempt < count * AttemptsPerChild && list.Count < wanted; attempt++)
        {
            _cancellation.ThrowIfCancellationRequested();
            Architecture architecture = child();
            if (TryVisit(architecture)) list.Add(architecture);
        }
    }

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
        for (int draw = 0; draw < MaxDraws; draw++)
        {
            Architecture architecture = UniformArchitectures.Draw(_problem.Space, _stream);
            if (TryVisit(architecture)) return architecture;
        }
        _rare = true;
        return null;
    }

    private Architecture? TryDrawByRepair()
    {
        double Excess(Architecture architecture) => Math.Max(1, _problem.Limits.Excess(_problem.CostOf(architecture)));
        for (int attempt = 0; attempt < MaxRepairs; attempt++)
        {
            Architecture start = UniformArchitectures.Draw(_problem.Space, _stream);
            // Some limits can only be kept from the very bottom, some only from close above: half of the repairs go on to change one
            // choice.
            Architecture repaired = CostDescent.Run(_problem.Space, start, Excess, _stream);
            if (attempt % 2 == 1) repaired = UniformArchitectures.DrawNeighbour(_problem.Space, repaired, _stream);
            if (TryVisit(repaired)) return repaired;
        }
        return _visited.Count > 0 ? null : throw CheapestArchitectures.OfLarge(_problem, _stream).Unsatisfiable(_problem);
    }

    // Every loop over candidates comes through here.
    private bool Admits(Architecture architecture)
    {
        _cancellation.ThrowIfCancellationRequested();
        return _problem.Limits.IsNone || _problem.Limits.Admits(_problem.CostOf(architecture));
    }
}
