namespace PandaNas.Spaces;

/// <summary>The start of a text, for error messages.</summary>
internal static class Excerpt
{
    private const int Longest = 120;

    /// <summary>The text, cut after 120 characters.</summary>
    public static string Of(string text) => text.Length <= Longest ? text : text[..(Longest - 3)] + "...";
}
