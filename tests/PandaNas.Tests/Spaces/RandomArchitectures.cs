using CsCheck;
using PandaNas.Spaces;

namespace PandaNas.Tests.Spaces;

/// <summary>Random architectures of a space of any size.</summary>
internal static class RandomArchitectures
{
    /// <summary>Every candidate of every choice equally likely.</summary>
    public static Gen<Architecture> Of(SearchSpace space) =>
        Gen.Int[0, int.MaxValue - 1].Array[space.Choices.Length].Select(numbers =>
            new Architecture([.. numbers.Select((number, choice) => number % space.Choices[choice].Candidates)]));
}
