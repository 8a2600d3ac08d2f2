using CsCheck;

namespace PandaNas.Tests.Spaces;

/// <summary>Texts to try a parser on.</summary>
internal static class FuzzedText
{
    /// <summary>Any text, texts of the notation's characters, and a good text with a piece cut out, put in or both.</summary>
    public static Gen<string> Of(string good, string characters) => Gen.OneOf(
        Gen.String,
        Gen.String[Gen.Char[characters], 0, 80],
        Gen.Select(
            Gen.Int[0, good.Length - 1], Gen.Int[0, 4], Gen.String[Gen.Char[characters], 0, 3],
            (at, removed, put) => good.Remove(at, Math.Min(removed, good.Length - at)).Insert(at, put)));
}
