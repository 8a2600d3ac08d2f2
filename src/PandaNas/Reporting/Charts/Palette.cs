using System.Collections.Frozen;

namespace PandaNas.Reporting.Charts;

/// <summary>
/// The colours of pages and drawings, by name. Those of series are the ones of Okabe and Ito (2008), which the colour-blind tell apart,
/// darkened for white paper.
/// </summary>
internal static class Palette
{
    /// <summary>On white paper.</summary>
    public static FrozenDictionary<string, string> Light { get; } = Of(
        paper: "#ffffff", card: "#f6f7f9", ink: "#1b1f24", muted: "#57606a", line: "#d5dae0", accent: "#00598a", warn: "#fff4d6",
        "#0069a6", "#b84300", "#007a58", "#a5417e", "#7a6200", "#2f7fb8", "#8a3ffc", "#57606a");

    /// <summary>On a dark screen.</summary>
    public static FrozenDictionary<string, string> Dark { get; } = Of(
        paper: "#14171c", card: "#1d2229", ink: "#e8ebef", muted: "#a5afba", line: "#39414b", accent: "#7cc4f2", warn: "#40361a",
        "#62bdf0", "#f0a04b", "#3fcf9f", "#e08fbe", "#f0e442", "#9ad5ff", "#c7a6ff", "#b8c0c8");

    /// <summary>The colours as variables of a style sheet.</summary>
    public static string Variables(IReadOnlyDictionary<string, string> colors) =>
        string.Join(' ', colors.OrderBy(color => color.Key, StringComparer.Ordinal).Select(color => $"{color.Key}: {color.Value};"));

    private static FrozenDictionary<string, string> Of(
        string paper, string card, string ink, string muted, string line, string accent, string warn, params string[] series) =>
        series.Select((color, i) => KeyValuePair.Create($"--c{i}", color))
            .Concat(
            [
                new("--paper", paper), new("--card", card), new("--ink", ink), new("--muted", muted), new("--line", line),
                new("--accent", accent), new("--warn", warn),
            ])
            .ToFrozenDictionary();
}
