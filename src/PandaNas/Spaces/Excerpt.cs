namespace PandaNas.Spaces;

/// <summary>The start of a text, for error messages.</summary>
internal static class Excerpt
{
    /// <summary>How many characters of a line of a table are shown.</summary>
    public const int OfLine = 80;

    /// <summary>The text, cut to so many characters.</summary>
    public static string Of(string text, int longest = 120) => text.Length <= longest ? text : text[..(longest - 3)] + "...";
}
