using System.Globalization;
using System.Numerics;
using PandaNas.Cli.Display;
using PandaNas.Costs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Cli.Verbs;

/// <summary>A space.</summary>
/// <param name="Name">As --space takes it.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Architectures">How many, exactly, as decimal digits.</param>
/// <param name="Operations">The kinds of operation.</param>
/// <param name="Choices">The decisions that make an architecture.</param>
/// <param name="Example">The first architecture in the space's notation.</param>
/// <param name="Ranker">What orders architectures unless --ranker is given.</param>
internal sealed record SpaceListing(
    string Name, string Summary, string Architectures, IReadOnlyList<string> Operations, IReadOnlyList<ChoiceListing> Choices,
    string Example, string Ranker);

/// <summary>A choice.</summary>
/// <param name="Name">What is decided.</param>
/// <param name="Candidates">How many candidates there are.</param>
/// <param name="Operations">Them, where they are operations; else null.</param>
internal sealed record ChoiceListing(string Name, int Candidates, IReadOnlyList<string>? Operations);

/// <summary>An architecture and its cost.</summary>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="Params">Parameters.</param>
/// <param name="Macs">Multiply-adds for one image.</param>
internal sealed record CostedArchitecture(string Architecture, long Params, long Macs);

/// <summary>One space in full.</summary>
/// <param name="Space">The space.</param>
/// <param name="Channels">Channels of the images for which costs are given.</param>
/// <param name="ImageSize">Their side in pixels.</param>
/// <param name="Classes">Their classes.</param>
/// <param name="FewestParams">The architecture with the fewest parameters.</param>
/// <param name="MostParams">The one with the most.</param>
internal sealed record SpaceDescription(
    SpaceListing Space, int Channels, int ImageSize, int Classes, CostedArchitecture FewestParams, CostedArchitecture MostParams)
{
    // Larger numbers are written as powers of ten.
    private const int LargestExact = 1_000_000;

    /// <summary>Describes the space that options name, with costs for images as CIFAR-10's.</summary>
    public static SpaceDescription Of(SpaceListing listing, CostOptions options)
    {
        SpaceFamily family = options.Family;
        NetworkOptions sizes = options.Sizes();
        var range = CostRange.Of(family, sizes);
        return new SpaceDescription(
            listing, sizes.InputChannels, sizes.ImageSize, sizes.Classes, Count(range.Smallest), Count(range.Largest));

        CostedArchitecture Count(Architecture architecture)
        {
            Cost cost = family.Cost(sizes, architecture);
            return new CostedArchitecture(family.Space.Format(architecture), cost.Parameters, cost.MultiplyAdds);
        }
    }

    /// <summary>How many architectures, for people.</summary>
    public static string Count(string architectures)
    {
        var count = BigInteger.Parse(architectures, CultureInfo.InvariantCulture);
        return count <= LargestExact
            ? ((long)count).ToString("N0", CultureInfo.InvariantCulture)
            : ((double)count).ToString("0.0e+0", CultureInfo.InvariantCulture);
    }

    /// <summary>Writes it for people.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="name">As the user names the space.</param>
    public void Print(TextWriter output, string name)
    {
        output.WriteLine(PlainText.Wrap($"{Space.Name}: {Space.Summary}"));
        output.WriteLine($"{Count(Space.Architectures)} architectures, written as");
        output.WriteLine($"  {ArchitectureTable.Wrap(Space.Example, 2)}");
        output.WriteLine(PlainText.Wrap(string.Create(
            CultureInfo.InvariantCulture,
            $"{FewestParams.Params:N0} to {MostParams.Params:N0} parameters, "
            + $"{FewestParams.Macs:N0} and {MostParams.Macs:N0} multiply-adds "
            + $"({Channels} channels, {ImageSize} pixels a side, {Classes} classes)")));
        output.WriteLine(PlainText.Wrap($"Ranked and searched by {Space.Ranker}, unless --ranker is given."));
        TextTable.Print(output, ["choice", "candidates"], Space.Choices.Select(choice => (IReadOnlyList<string>)
        [
            choice.Name, choice.Operations is { } operations ? string.Join(", ", operations) : choice.Candidates.ToString(
                CultureInfo.InvariantCulture),
        ]));
        CommandText.WriteNext(output, "cost", "--space", name, "--architecture", MostParams.Architecture);
    }
}
