using System.Globalization;
using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>The least that architectures of a space cost, each cost by itself, for telling why limits cannot be kept.</summary>
/// <param name="Least">The lowest of every cost; not of one architecture.</param>
/// <param name="How">How sure that is, as a start of a sentence.</param>
internal sealed record CheapestArchitectures(Cost Least, string How)
{
    private const int Starts = 10;
    private const int Checks = 500;
    // Sums of milliseconds in another order differ by rounding.
    private const double Rounding = 1e-9;

    /// <summary>Of a space that is small enough to look at every architecture.</summary>
    public static CheapestArchitectures OfAll(SearchProblem problem)
    {
        IEnumerable<Cost> costs = Enumerable.Range(0, (int)problem.Space.Size).Select(
            number => problem.CostOf(problem.Space.At(number)));
        return new(
            costs.Aggregate(LeastOf),
            string.Create(CultureInfo.InvariantCulture, $"among all {problem.Space.Size:N0} architectures the fewest are"));
    }

    /// <summary>Of a larger space, by descent: exact where costs are sums over choices.</summary>
    public static CheapestArchitectures OfLarge(SearchProblem problem, RandomStream stream)
    {
        Func<Cost, double>[] costs = [cost => cost.Parameters, cost => cost.MultiplyAdds, cost => cost.LatencyMs ?? 0];
        Cost least = problem.CostOf(UniformArchitectures.Draw(problem.Space, stream));
        foreach (Func<Cost, double> cost in costs)
            for (int start = 0; start < Starts; start++)
            {
                Architecture cheap = CostDescent.Run(
                    problem.Space, UniformArchitectures.Draw(problem.Space, stream), one => cost(problem.CostOf(one)), stream);
                least = LeastOf(least, problem.CostOf(cheap));
            }
        bool exact = costs.All(cost => IsSumOverChoices(problem, cost, stream));
        return new(
            least, exact ? "the fewest that any architecture has are" : "the fewest found, which need not be the fewest there are, are");
    }

    /// <summary>The error that no architecture keeps the limits.</summary>
    public BadOptionException Unsatisfiable(SearchProblem problem)
    {
        string latency = Least.LatencyMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $" and {ms:0.###} ms") : "";
        return new BadOptionException(string.Create(
            CultureInfo.InvariantCulture,
            $"no architecture of {problem.Space.Name} was found with {problem.Limits}: "
            + $"{How} {Least.Parameters:N0} parameters and {Least.MultiplyAdds:N0} multiply-adds{latency}. Raise the limits"));
    }

    // Whether random architectures cost what their choices, each changed alone, add to a first architecture.
    private static bool IsSumOverChoices(SearchProblem problem, Func<Cost, double> cost, RandomStream stream)
    {
        Architecture first = problem.Space.At(0);
        double origin = cost(problem.CostOf(first));
        double Added(int place, int candidate) => cost(problem.CostOf(first.With(place, candidate))) - origin;
        double[][] added =
        [
            .. problem.Space.Choices.Select((choice, place) =>
                Enumerable.Range(0, choice.Candidates).Select(candidate => Added(place, candidate)).ToArray()),
        ];
        return Enumerable.Range(0, Checks).All(_ =>
        {
            Architecture drawn = UniformArchitectures.Draw(problem.Space, stream);
            double expected = origin + added.Select((byCandidate, place) => byCandidate[drawn[place]]).Sum();
            double actual = cost(problem.CostOf(drawn));
            return Math.Abs(expected - actual) <= Rounding * Math.Max(1, Math.Abs(actual));
        });
    }

    private static Cost LeastOf(Cost one, Cost other) => new(
        Math.Min(one.Parameters, other.Parameters), Math.Min(one.MultiplyAdds, other.MultiplyAdds),
        one.LatencyMs is { } left && other.LatencyMs is { } right ? Math.Min(left, right) : null);
}
