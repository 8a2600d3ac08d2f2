namespace PandaNas.Supernets;

/// <summary>A definition of a space does not make one.</summary>
/// <param name="place">Where in the definition, for example <c>body 2</c>.</param>
/// <param name="problem">What is wrong there and what was expected.</param>
internal sealed class SpaceDefinitionException(string place, string problem) : PandaNasException($"{place} {problem}")
{
    /// <summary>Where in the definition.</summary>
    public string Place { get; } = place;

    /// <summary>What is wrong there and what was expected.</summary>
    public string Problem { get; } = problem;
}
