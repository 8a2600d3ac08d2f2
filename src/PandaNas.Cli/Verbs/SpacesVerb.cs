using System.CommandLine;
using System.Globalization;
using System.Numerics;
using PandaNas.Cli.Display;
using PandaNas.Experiments;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda spaces</c>: lists the search spaces.</summary>
internal static class SpacesVerb
{
    // Larger numbers are written as powers of ten.
    private const int LargestExact = 1_000_000;

    /// <summary>A space.</summary>
    /// <param name="Name">As --space takes it.</param>
    /// <param name="Summary">One sentence.</param>
    /// <param name="Architectures">How many, exactly, as decimal digits.</param>
    /// <param name="Operations">The kinds of operation.</param>
    /// <param name="Choices">The decisions that make an architecture.</param>
    /// <param name="Example">The first architecture in the space's notation.</param>
    private sealed record SpaceListing(
        string Name, string Summary, string Architectures, IReadOnlyList<string> Operations, IReadOnlyList<ChoiceListing> Choices, string Example);

    /// <summary>A choice.</summary>
    /// <param name="Name">What is decided.</param>
    /// <param name="Candidates">How many candidates there are.</param>
    /// <param name="Operations">Them, where they are operations; else null.</param>
    private sealed record ChoiceListing(string Name, int Candidates, IReadOnlyList<string>? Operations);

    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "spaces",
            "List the search spaces: how many architectures, which choices and operations, how an architecture is written.",
            "",
            "panda spaces",
            "panda spaces --json");
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed =>
        {
            SpaceListing[] spaces = [.. SpaceCatalog.All.Select(List)];
            return context.Print(parsed.GetValue(json), new { Spaces = spaces }, output => Print(output, spaces));
        });
        return command;
    }

    private static SpaceListing List(SpaceFamily family)
    {
        SearchSpace space = family.Space;
        return new SpaceListing(
            space.Name, family.Summary, space.Size.ToString(CultureInfo.InvariantCulture), space.Operations,
            [
                .. space.Choices.Select(choice => new ChoiceListing(
                    choice.Name, choice.Candidates.Length, choice.HasOperations ? [.. choice.Candidates.Select(operation => space.Operations[operation])] : null)),
            ],
            space.Format(space.At(0)));
    }

    private static void Print(TextWriter output, SpaceListing[] spaces)
    {
        TextTable.Print(output, ["space", ">architectures", ">choices", ">operations", "what it is"], spaces.Select(space => (IReadOnlyList<string>)
        [
            space.Name,
            Count(BigInteger.Parse(space.Architectures, CultureInfo.InvariantCulture)),
            space.Choices.Count.ToString(CultureInfo.InvariantCulture),
            space.Operations.Count.ToString(CultureInfo.InvariantCulture),
            space.Summary,
        ]));
        foreach (SpaceListing space in spaces)
        {
            output.WriteLine($"{space.Name}: {string.Join(", ", space.Operations)}");
            output.WriteLine($"  an architecture is written {space.Example}");
        }
    }

    private static string Count(BigInteger count) => count <= LargestExact
        ? ((long)count).ToString("N0", CultureInfo.InvariantCulture)
        : ((double)count).ToString("0.0e+0", CultureInfo.InvariantCulture);
}
