using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>The architectures a search has visited, each with its accuracy; evaluates every live graph once.</summary>
internal sealed class VisitedArchitectures(SearchProblem problem)
{
    /// <summary>The most that a search visits.</summary>
    public const int Most = 1_000_000;

    private readonly Dictionary<string, double> _accuracyOfLiveGraph = new(StringComparer.Ordinal);
    private readonly Dictionary<Architecture, VisitedArchitecture> _byArchitecture = [];
    private readonly SortedSet<VisitedArchitecture> _scored = new(VisitedArchitecture.BestFirst);

    /// <summary>The generations of a search, if they visit no more than <see cref="Most"/>.</summary>
    /// <exception cref="BadOptionException">They visit more.</exception>
    public static int RequireFew(string algorithm, int population, int generations) => (long)population * generations is var all and > Most
        ? throw new BadOptionException($"{algorithm}: population times generations is {all}; expected at most {Most}")
        : generations;

    /// <summary>How many architectures were evaluated.</summary>
    public int Evaluated => _accuracyOfLiveGraph.Count;

    /// <summary>How many architectures were visited.</summary>
    public int Count => _scored.Count;

    /// <summary>All visited, best first.</summary>
    public IReadOnlyCollection<VisitedArchitecture> BestFirst => _scored;

    /// <summary>All that was visited, as the result of the search.</summary>
    public SearchOutcome Outcome => new([.. _scored], Evaluated);

    /// <summary>The best so far; there must be one.</summary>
    public VisitedArchitecture Best => _scored.Min!;

    /// <summary>What is known of an architecture that was visited.</summary>
    public VisitedArchitecture this[Architecture architecture] => _byArchitecture[architecture];

    /// <summary>Adds architectures that were not visited yet, in one evaluated batch.</summary>
    /// <exception cref="InvalidOperationException">The evaluation gave too few values or one outside [0, 1].</exception>
    public void Add(IReadOnlyList<Architecture> architectures)
    {
        string[] keys = [.. architectures.Select(problem.Space.LiveGraphKey)];
        EvaluateNew(architectures, keys);
        for (int i = 0; i < keys.Length; i++)
        {
            Architecture architecture = architectures[i];
            var scored = new VisitedArchitecture(
                architecture, problem.Space.Format(architecture), _accuracyOfLiveGraph[keys[i]], problem.CostOf(architecture));
            _byArchitecture.Add(architecture, scored);
            _scored.Add(scored);
        }
    }

    private void EvaluateNew(IReadOnlyList<Architecture> architectures, string[] keys)
    {
        var fresh = new HashSet<string>(StringComparer.Ordinal);
        int[] batch = [.. Enumerable.Range(0, keys.Length).Where(i => !_accuracyOfLiveGraph.ContainsKey(keys[i]) && fresh.Add(keys[i]))];
        if (batch.Length == 0) return;
        IReadOnlyList<double> accuracies = problem.Evaluate([.. batch.Select(i => architectures[i])]);
        if (accuracies.Count != batch.Length)
            throw new InvalidOperationException($"the evaluation gave {accuracies.Count} accuracies for {batch.Length} architectures");
        for (int i = 0; i < batch.Length; i++)
        {
            if (!(accuracies[i] is >= 0 and <= 1))
                throw new InvalidOperationException($"the evaluation gave the accuracy {accuracies[i]}; expected [0, 1]");
            _accuracyOfLiveGraph.Add(keys[batch[i]], accuracies[i]);
        }
    }
}
