namespace PandaNas.Searching;

/// <summary>The options of <see cref="RegularizedEvolution"/>; the defaults are those of Real et al. 2019 for small-scale searches.</summary>
public sealed record RegularizedEvolutionOptions
{
    /// <summary>How many different architectures to visit, the random first population included, in [1, 1,000,000]. Default 1,000.</summary>
    public int Architectures { get; init; } = 1_000;

    /// <summary>P: architectures that live at a time, at least 1. Default 100.</summary>
    public int Population { get; init; } = 100;

    /// <summary>S: architectures that are drawn for every tournament, at least 1. Default 25.</summary>
    public int Sample { get; init; } = 25;

    /// <summary>Throws unless every option is in its range.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public void Validate()
    {
        Require(Architectures is >= 1 and <= RandomSearchOptions.MaxArchitectures, "architectures", Architectures, $"1 to {RandomSearchOptions.MaxArchitectures}");
        Require(Population >= 1, "population", Population, "at least 1");
        Require(Sample >= 1, "sample", Sample, "at least 1");
    }

    private static void Require(bool holds, string option, int value, string expected)
    {
        if (!holds) throw new BadOptionException($"regularized evolution: {option} is {value}; expected {expected}");
    }
}
