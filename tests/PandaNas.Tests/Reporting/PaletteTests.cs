using PandaNas.Reporting.Charts;

namespace PandaNas.Tests.Reporting;

/// <summary>Texts and marks can be told from what is behind them, by WCAG 2.2, AA: 4.5 for texts, 3 for marks.</summary>
public sealed class PaletteTests
{
    public static TheoryData<string> Themes => ["light", "dark"];

    [Theory]
    [MemberData(nameof(Themes))]
    public void TextsHaveContrast(string theme)
    {
        IReadOnlyDictionary<string, string> colors = Of(theme);
        foreach (string text in (string[])["--ink", "--muted", "--accent"])
            foreach (string behind in (string[])["--paper", "--card"])
                Assert.True(Contrast(colors[text], colors[behind]) >= 4.5, $"{text} on {behind}");
        Assert.True(Contrast(colors["--ink"], colors["--warn"]) >= 4.5);
    }

    [Theory]
    [MemberData(nameof(Themes))]
    public void MarksHaveContrast(string theme)
    {
        IReadOnlyDictionary<string, string> colors = Of(theme);
        for (int series = 0; series < Series.Colors; series++)
            Assert.True(Contrast(colors[$"--c{series}"], colors["--paper"]) >= 3, $"series {series}");
    }

    // The darkest cell is half the colour and half the paper.
    [Theory]
    [MemberData(nameof(Themes))]
    public void NumbersInAConfusionMatrixHaveContrast(string theme)
    {
        IReadOnlyDictionary<string, string> colors = Of(theme);
        double[] cell = [.. Channels(colors["--c0"]).Zip(Channels(colors["--paper"]), (one, other) => (one + other) / 2)];
        Assert.True(Contrast(Channels(colors["--ink"]), cell) >= 4.5);
    }

    private static IReadOnlyDictionary<string, string> Of(string theme) => theme == "light" ? Palette.Light : Palette.Dark;

    private static double Contrast(string one, string other) => Contrast(Channels(one), Channels(other));

    private static double Contrast(double[] one, double[] other)
    {
        (double light, double dark) = (Luminance(one), Luminance(other));
        return (Math.Max(light, dark) + 0.05) / (Math.Min(light, dark) + 0.05);
    }

    private static double[] Channels(string color) =>
        [.. Convert.FromHexString(color.AsSpan(1)).Select(value => value / 255.0)];

    // Relative luminance of sRGB.
    private static double Luminance(double[] channels)
    {
        double[] linear = [.. channels.Select(value => value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4))];
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    }
}
