namespace PandaNas.Searching;

/// <summary>The options of <see cref="RegularizedEvolution"/>; the defaults are those of Real et al. 2019 for small-scale searches.</summary>
public sealed record RegularizedEvolutionOptions
{
    /// <summary>How many different architectures to visit, the random first population included, in [1, 1,000,000]. Default 1,000.</summary>
    public int Architectures { get; init; } = 1_000;

    /// <summary>The most architectures of a tournament.</summary>
    public const int MaxSample = 10_000;

    /// <summary>P: architectures that live at a time, in [1, 1,000,000]. Default 100.</summary>
    public int Population { get; init; } = 100;

    /// <summary>S: architectures that are drawn for every tournament, in [1, <see cref="MaxSample"/>]. Default 25.</summary>
    public int Sample { get; init; } = 25;

    /// <summary>Throws unless every option is in its range.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public void Validate()
    {
        Require(Architectures is >= 1 and <= RandomSearchOptions.MaxArchitectures, "architectures", Architectures, $"1 to {RandomSearchOptions.MaxArchitectures}");
        Require(Population is >= 1 and <= RandomSearchOptions.MaxArchitectures, "population", Population, $"1 to {RandomSearchOptions.MaxArchitectures}");
        Require(Sample is >= 1 and <= MaxSample, "sample", Sample, $"1 to {MaxSample}");
    }

    private static void Require(bool holds, string option, int value, string expected)
    {
        if (!holds) throw new BadOptionException($"regularized evolution: {option} is {value}; expected {expected}");
    }
}
