namespace PandaNas.Searching;

/// <summary>The options of <see cref="RandomSearch"/>.</summary>
public sealed record RandomSearchOptions
{
    /// <summary>The most architectures a search may visit.</summary>
    public const int MaxArchitectures = 1_000_000;

    /// <summary>
    /// How many different architectures to visit, in [1, 1,000,000]; fewer where fewer keep the limits. The default is as many as
    /// <see cref="EvolutionarySearch"/> visits with its defaults.
    /// </summary>
    public int Architectures { get; init; } = 1_000;

    /// <summary>Throws unless every option is in its range.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public void Validate()
    {
        if (Architectures is < 1 or > MaxArchitectures)
            throw new BadOptionException($"random search: architectures is {Architectures}; expected 1 to {MaxArchitectures}");
    }
}
