using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda spaces</c>: lists the search spaces.</summary>
internal static class SpacesVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "spaces",
            "List the search spaces: how many architectures, which choices and operations, how an architecture is written.",
            "With --space, one space in full: every choice, and the architectures with the fewest and the most parameters.",
            "panda spaces",
            "panda spaces --space mine.yaml",
            "panda spaces --json");
        var space = new Option<string?>("--space")
        {
            Description = "describe this one, by its name or by the file that defines it",
            HelpName = "NAME|PATH.yaml",
        };
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(space);
        command.Add(json);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(space) is { } name)
            {
                CostOptions options = new CostOptions { Catalog = context.Catalog }.With("space", name);
                var description = SpaceDescription.Of(List(options.Family), options);
                return context.Print(parsed.GetValue(json), description, output => description.Print(output, name));
            }
            SpaceListing[] spaces = [.. context.Catalog.SpaceNames.Select(name => List(context.Catalog.FindSpace(name).Family))];
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
                    choice.Name, choice.Candidates, choice.Operations?.Select(operation =>
                        space.Operations[operation]).ToArray())),
            ],
            space.Format(space.At(0)), family.Ranker);
    }

    private static void Print(TextWriter output, SpaceListing[] spaces)
    {
        string[] columns = ["space", ">architectures", ">choices", ">operations", "what it is"];
        TextTable.Print(output, columns, spaces.Select(space => (IReadOnlyList<string>)
        [
            space.Name,
            SpaceDescription.Count(space.Architectures),
            space.Choices.Count.ToString(CultureInfo.InvariantCulture),
            space.Operations.Count.ToString(CultureInfo.InvariantCulture),
            space.Summary,
        ]));
        foreach (SpaceListing space in spaces)
        {
            output.WriteLine(PlainText.Wrap($"{space.Name}: {string.Join(", ", space.Operations)}", 2));
            output.WriteLine("  an architecture is written");
            output.WriteLine($"  {ArchitectureTable.Wrap(space.Example, 2)}");
        }
        CommandText.WriteNext(output, "spaces", "--space", spaces[0].Name);
    }
}
