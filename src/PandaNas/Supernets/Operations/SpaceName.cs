namespace PandaNas.Supernets.Operations;

/// <summary>Names in definitions of spaces. They become parts of architectures, tensor names and file names.</summary>
internal static class SpaceName
{
    private const int Longest = 40;

    /// <summary>Returns the name if it is one.</summary>
    /// <param name="name">A letter, then letters, digits, '_' and '.', at most 40 characters.</param>
    /// <param name="of">What it names, for the error message.</param>
    /// <exception cref="SpaceDefinitionException">It is none.</exception>
    public static string Check(string name, string of)
    {
        ArgumentNullException.ThrowIfNull(name);
        bool valid = name.Length is > 0 and <= Longest && char.IsAsciiLetter(name[0]) && name.All(
            c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.');
        return valid
            ? name
            : throw new SpaceDefinitionException(
                "name",
                $"of the {of} is '{(name.Length <= Longest ? name : name[..Longest] + "...")}': "
                + $"expected a letter, then letters, digits, '_' or '.', at most {Longest}");
    }
}
