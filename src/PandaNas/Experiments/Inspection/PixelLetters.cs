using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using SkiaSharp;

namespace PandaNas.Experiments.Inspection;

/// <summary>
/// Letters of 5×7 pixels, drawn for this project: the native part of SkiaSharp that needs nothing of the system has no fonts. Accents
/// are dropped; what is not here becomes a box.
/// </summary>
internal static class PixelLetters
{
    /// <summary>Pixels from one letter to the next.</summary>
    public const int Advance = 6;

    private const int Columns = 5;
    private static readonly byte[] s_box = [31, 17, 17, 17, 17, 17, 31];

    // Rows of five bits, the leftmost pixel is 16; two more of letters that reach below the line.
    private static readonly FrozenDictionary<char, byte[]> s_letters = new Dictionary<char, byte[]>
    {
        [' '] = [0, 0, 0, 0, 0, 0, 0],
        ['0'] = [14, 17, 19, 21, 25, 17, 14],
        ['1'] = [4, 12, 4, 4, 4, 4, 14],
        ['2'] = [14, 17, 1, 6, 8, 16, 31],
        ['3'] = [14, 17, 1, 6, 1, 17, 14],
        ['4'] = [2, 6, 10, 18, 31, 2, 2],
        ['5'] = [31, 16, 30, 1, 1, 17, 14],
        ['6'] = [6, 8, 16, 30, 17, 17, 14],
        ['7'] = [31, 1, 2, 4, 4, 8, 8],
        ['8'] = [14, 17, 17, 14, 17, 17, 14],
        ['9'] = [14, 17, 17, 15, 1, 2, 12],
        ['A'] = [14, 17, 17, 31, 17, 17, 17],
        ['B'] = [30, 17, 17, 30, 17, 17, 30],
        ['C'] = [14, 17, 16, 16, 16, 17, 14],
        ['D'] = [30, 17, 17, 17, 17, 17, 30],
        ['E'] = [31, 16, 16, 30, 16, 16, 31],
        ['F'] = [31, 16, 16, 30, 16, 16, 16],
        ['G'] = [14, 17, 16, 19, 17, 17, 14],
        ['H'] = [17, 17, 17, 31, 17, 17, 17],
        ['I'] = [14, 4, 4, 4, 4, 4, 14],
        ['J'] = [7, 2, 2, 2, 2, 18, 12],
        ['K'] = [17, 18, 20, 24, 20, 18, 17],
        ['L'] = [16, 16, 16, 16, 16, 16, 31],
        ['M'] = [17, 27, 21, 21, 17, 17, 17],
        ['N'] = [17, 25, 21, 19, 17, 17, 17],
        ['O'] = [14, 17, 17, 17, 17, 17, 14],
        ['P'] = [30, 17, 17, 30, 16, 16, 16],
        ['Q'] = [14, 17, 17, 17, 21, 18, 13],
        ['R'] = [30, 17, 17, 30, 20, 18, 17],
        ['S'] = [14, 17, 16, 14, 1, 17, 14],
        ['T'] = [31, 4, 4, 4, 4, 4, 4],
        ['U'] = [17, 17, 17, 17, 17, 17, 14],
        ['V'] = [17, 17, 17, 17, 17, 10, 4],
        ['W'] = [17, 17, 17, 21, 21, 27, 17],
        ['X'] = [17, 17, 10, 4, 10, 17, 17],
        ['Y'] = [17, 17, 10, 4, 4, 4, 4],
        ['Z'] = [31, 1, 2, 4, 8, 16, 31],
        ['a'] = [0, 0, 14, 1, 15, 17, 15],
        ['b'] = [16, 16, 30, 17, 17, 17, 30],
        ['c'] = [0, 0, 15, 16, 16, 16, 15],
        ['d'] = [1, 1, 15, 17, 17, 17, 15],
        ['e'] = [0, 0, 14, 17, 31, 16, 14],
        ['f'] = [6, 8, 28, 8, 8, 8, 8],
        ['g'] = [0, 0, 15, 17, 17, 17, 15, 1, 14],
        ['h'] = [16, 16, 30, 17, 17, 17, 17],
        ['i'] = [4, 0, 12, 4, 4, 4, 14],
        ['j'] = [2, 0, 6, 2, 2, 2, 2, 18, 12],
        ['k'] = [16, 16, 18, 20, 24, 20, 18],
        ['l'] = [12, 4, 4, 4, 4, 4, 14],
        ['m'] = [0, 0, 26, 21, 21, 21, 21],
        ['n'] = [0, 0, 30, 17, 17, 17, 17],
        ['o'] = [0, 0, 14, 17, 17, 17, 14],
        ['p'] = [0, 0, 30, 17, 17, 17, 30, 16, 16],
        ['q'] = [0, 0, 15, 17, 17, 17, 15, 1, 1],
        ['r'] = [0, 0, 22, 24, 16, 16, 16],
        ['s'] = [0, 0, 15, 16, 14, 1, 30],
        ['t'] = [8, 8, 28, 8, 8, 8, 6],
        ['u'] = [0, 0, 17, 17, 17, 17, 15],
        ['v'] = [0, 0, 17, 17, 17, 10, 4],
        ['w'] = [0, 0, 17, 17, 21, 21, 10],
        ['x'] = [0, 0, 17, 10, 4, 10, 17],
        ['y'] = [0, 0, 17, 17, 17, 17, 15, 1, 14],
        ['z'] = [0, 0, 31, 2, 4, 8, 31],
        ['-'] = [0, 0, 0, 14, 0, 0, 0],
        ['_'] = [0, 0, 0, 0, 0, 0, 31],
        ['.'] = [0, 0, 0, 0, 0, 12, 12],
        [','] = [0, 0, 0, 0, 4, 4, 8],
        [':'] = [0, 12, 12, 0, 12, 12, 0],
        ['('] = [2, 4, 8, 8, 8, 4, 2],
        [')'] = [8, 4, 2, 2, 2, 4, 8],
        ['/'] = [1, 1, 2, 4, 8, 16, 16],
        ['&'] = [8, 20, 20, 8, 21, 18, 13],
        ['+'] = [0, 4, 4, 31, 4, 4, 0],
        ['\''] = [4, 4, 8, 0, 0, 0, 0],
    }.ToFrozenDictionary();

    /// <summary>Draws a line of text in black.</summary>
    /// <param name="canvas">On what.</param>
    /// <param name="left">The left edge, in pixels.</param>
    /// <param name="top">The top edge.</param>
    /// <param name="scale">Pixels a pixel of the letters.</param>
    /// <param name="most">Letters that fit; longer texts lose their middle.</param>
    /// <param name="text">The text.</param>
    public static void Draw(SKCanvas canvas, int left, int top, int scale, int most, string text)
    {
        string plain = string.Concat(
            text.Normalize(NormalizationForm.FormD).Where(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark));
        if (plain.Length > most) plain = $"{plain[..((most - 2) / 2)]}..{plain[^((most - 2) / 2)..]}";
        using var black = new SKPaint { Color = SKColors.Black };
        foreach (char letter in plain)
        {
            byte[] rows = s_letters.GetValueOrDefault(letter, s_box);
            for (int row = 0; row < rows.Length; row++)
                for (int column = 0; column < Columns; column++)
                    if ((rows[row] >> (Columns - 1 - column) & 1) != 0)
                        canvas.DrawRect(left + column * scale, top + row * scale, scale, scale, black);
            left += Advance * scale;
        }
    }
}
