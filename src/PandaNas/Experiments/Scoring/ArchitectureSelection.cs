using PandaNas.Experiments.Options;
using PandaNas.Runtime.Files;
using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Experiments.Scoring;

/// <summary>Which architectures a user means: <c>all</c>, a number of random ones, or a file with one a line.</summary>
internal static class ArchitectureSelection
{
    private const int LargestAll = 1_000_000;

    private static readonly FileKind Kind =
        new("'all', a number, or a file with one architecture a line", 100_000_000, "Check the path.") { MayBeEmpty = true };

    /// <summary>The architectures that a text selects.</summary>
    /// <param name="space">The space.</param>
    /// <param name="choice">Which.</param>
    /// <param name="seed">Decides the random ones.</param>
    /// <exception cref="BadOptionException">More than the space has, or all of a space that is too large.</exception>
    /// <exception cref="BadDataException">The file is missing or a line is no architecture of the space.</exception>
    public static IReadOnlyList<Architecture> Select(SearchSpace space, ArchitectureChoice choice, long seed)
    {
        if (choice == ArchitectureChoice.All)
        {
            if (space.Size > LargestAll)
                throw new BadOptionException(
                    "architectures",
                    $"{Mention.Option("architectures")}: {space.Name} has {space.Size} architectures, too many for 'all'; "
                    + "give a number or a file");
            return [.. Enumerable.Range(0, (int)space.Size).Select(i => space.At(i))];
        }
        if (choice.Count is { } count)
        {
            if (count < 1 || count > space.Size || count > LargestAll)
                throw new BadOptionException(
                    "architectures",
                    $"{Mention.Option("architectures")} is {count}: "
                    + $"choose 1 to {(space.Size < LargestAll ? space.Size : LargestAll)}, 'all', or a file");
            return UniformArchitectures.DrawDistinct(space, count, RandomStream.Derive(seed, "architectures"));
        }
        return ReadFile(space, choice.Text);
    }

    /// <summary>Reads one architecture a line; empty lines and lines that start with # are left out.</summary>
    /// <exception cref="BadDataException">The file is missing, has no architecture, or a line is none of the space.</exception>
    public static IReadOnlyList<Architecture> ReadFile(SearchSpace space, string path)
    {
        var architectures = new List<Architecture>();
        int number = 0;
        foreach (string line in InputFile.ReadLines(path, Kind))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#')) continue;
            architectures.Add(ParseLine(space, line, path, number));
            if (architectures.Count > LargestAll)
                throw new BadDataException($"'{path}', line {number}: expected at most {LargestAll} architectures. Split the file.");
        }
        return architectures.Count > 0 ? architectures : throw new BadDataException($"'{path}' has no architecture: expected one a line");
    }

    /// <summary>Reads an architecture that was given as an option, perhaps copied from a screen in several lines.</summary>
    /// <exception cref="BadOptionException">It is none of the space.</exception>
    public static Architecture Parse(SearchSpace space, string text)
    {
        try
        {
            return space.Parse(string.Concat(text.Split('\n', StringSplitOptions.TrimEntries)));
        }
        catch (ArchitectureFormatException error)
        {
            throw new BadOptionException(error.Message, error);
        }
    }

    private static Architecture ParseLine(SearchSpace space, string line, string path, int number)
    {
        try
        {
            return space.Parse(line);
        }
        catch (ArchitectureFormatException error)
        {
            throw new BadDataException($"'{path}', line {number}: {error.Message}", error);
        }
    }
}
