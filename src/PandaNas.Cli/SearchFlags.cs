using System.CommandLine;
using PandaNas.Searching;

namespace PandaNas.Cli;

/// <summary>The flags that choose a search algorithm and its options.</summary>
internal sealed class SearchFlags
{
    private const string Evolution = "evolution", Random = "random", Nsga2 = "nsga2", Regularized = "regularized";

    private static readonly EvolutionarySearchOptions StandardEvolution = new();
    private static readonly RegularizedEvolutionOptions StandardRegularized = new();
    private static readonly Nsga2SearchOptions StandardNsga2 = new();

    private readonly Option<string> _algorithm = new("--algorithm")
    {
        Description = $"how to search: {Evolution}, {Random}, {Nsga2} for a Pareto front, {Regularized} evolution",
        HelpName = "NAME",
        DefaultValueFactory = _ => Evolution,
    };

    private readonly Option<string> _objectives = new("--objectives")
    {
        Description = $"{Nsga2}: accuracy and at least one of params, macs, latency",
        HelpName = "LIST",
        DefaultValueFactory = _ => string.Join(',', StandardNsga2.Objectives).ToLowerInvariant(),
    };

    private readonly Option<int?> _population = new("--population")
    {
        Description = $"architectures a generation, of {Regularized} those alive [default: {StandardEvolution.Population}, {Regularized} {StandardRegularized.Population}]",
        HelpName = "N",
    };

    private readonly Option<int> _generations = new("--generations")
    {
        Description = $"{Evolution}, {Nsga2}: generations, the random first one included",
        HelpName = "N",
        DefaultValueFactory = _ => StandardEvolution.Generations,
    };

    private readonly Option<double> _mutation = new("--mutation-probability")
    {
        Description = $"{Evolution}, {Nsga2}: of each choice, above 0 to 1",
        HelpName = "X",
        DefaultValueFactory = _ => StandardEvolution.MutationProbability,
    };

    private readonly Option<double?> _crossover = new("--crossover-fraction")
    {
        Description = $"share of children made by crossover, 0 to 1 [default: {Text(StandardEvolution.CrossoverFraction)}, {Nsga2} {Text(StandardNsga2.CrossoverProbability)}]",
        HelpName = "X",
    };

    private readonly Option<int> _topK = new("--top-k")
    {
        Description = $"{Evolution}: best architectures kept as parents",
        HelpName = "N",
        DefaultValueFactory = _ => StandardEvolution.TopK,
    };

    private readonly Option<int> _sample = new("--sample")
    {
        Description = $"{Regularized}: architectures of a tournament",
        HelpName = "N",
        DefaultValueFactory = _ => StandardRegularized.Sample,
    };

    private readonly Option<int> _evaluations = new("--evaluations")
    {
        Description = $"{Random}, {Regularized}: architectures",
        HelpName = "N",
        DefaultValueFactory = _ => new RandomSearchOptions().Architectures,
    };

    private SearchFlags() => _algorithm.AcceptOnlyFromAmong(Evolution, Random, Nsga2, Regularized);

    /// <summary>Adds the flags.</summary>
    public static SearchFlags Add(Command command)
    {
        var flags = new SearchFlags();
        foreach (Option option in (Option[])[
            flags._algorithm, flags._objectives, flags._population, flags._generations, flags._mutation, flags._crossover, flags._topK, flags._sample, flags._evaluations])
            command.Add(option);
        return flags;
    }

    /// <summary>The algorithm and its name.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public (ISearchAlgorithm Algorithm, string Name) Resolve(ParseResult parsed)
    {
        string name = parsed.GetValue(_algorithm)!;
        ISearchAlgorithm algorithm = name switch
        {
            Random => new RandomSearch(new RandomSearchOptions { Architectures = parsed.GetValue(_evaluations) }),
            Regularized => new RegularizedEvolution(new RegularizedEvolutionOptions
            {
                Architectures = parsed.GetValue(_evaluations),
                Population = parsed.GetValue(_population) ?? StandardRegularized.Population,
                Sample = parsed.GetValue(_sample),
            }),
            Nsga2 => new Nsga2Search(new Nsga2SearchOptions
            {
                Objectives = SearchObjectives.Parse(parsed.GetValue(_objectives)!),
                Population = parsed.GetValue(_population) ?? StandardNsga2.Population,
                Generations = parsed.GetValue(_generations),
                MutationProbability = parsed.GetValue(_mutation),
                CrossoverProbability = parsed.GetValue(_crossover) ?? StandardNsga2.CrossoverProbability,
            }),
            _ => new EvolutionarySearch(new EvolutionarySearchOptions
            {
                Population = parsed.GetValue(_population) ?? StandardEvolution.Population,
                Generations = parsed.GetValue(_generations),
                MutationProbability = parsed.GetValue(_mutation),
                CrossoverFraction = parsed.GetValue(_crossover) ?? StandardEvolution.CrossoverFraction,
                TopK = parsed.GetValue(_topK),
            }),
        };
        return (algorithm, name);
    }

    private static string Text(double value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
