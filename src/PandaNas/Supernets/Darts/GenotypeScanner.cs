using System.Globalization;
using PandaNas.Spaces;

namespace PandaNas.Supernets.Darts;

/// <summary>Reads the few Python literals of which a genotype is made, from left to right; blanks between them do not matter.</summary>
internal sealed class GenotypeScanner(string text)
{
    private int _at;

    /// <summary>Whether the next thing is this word or sign.</summary>
    public bool Sees(string expected)
    {
        SkipBlanks();
        return string.CompareOrdinal(text, _at, expected, 0, expected.Length) == 0;
    }

    /// <summary>Takes this word or sign if it comes next.</summary>
    public bool TryTake(string expected)
    {
        if (!Sees(expected)) return false;
        _at += expected.Length;
        return true;
    }

    /// <summary>Takes this word or sign.</summary>
    /// <exception cref="ArchitectureFormatException">Something else comes next.</exception>
    public void Take(string expected)
    {
        if (!TryTake(expected)) throw Expected($"'{expected}'");
    }

    /// <summary>Takes one of these names.</summary>
    /// <exception cref="ArchitectureFormatException">None of them comes next.</exception>
    public string TakeName(IReadOnlyList<string> names)
    {
        SkipBlanks();
        int end = _at;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_')) end++;
        string name = text[_at..end];
        if (!names.Contains(name)) throw Expected($"one of {string.Join(", ", names)}");
        _at = end;
        return name;
    }

    /// <summary>Takes a text in single or double quotes.</summary>
    /// <exception cref="ArchitectureFormatException">No such text comes next.</exception>
    public string TakeQuoted()
    {
        SkipBlanks();
        if (_at >= text.Length || text[_at] is not ('\'' or '"')) throw Expected("an operation in quotes");
        int end = text.IndexOf(text[_at], _at + 1);
        if (end < 0) throw Expected("an operation in quotes");
        string quoted = text[(_at + 1)..end];
        _at = end + 1;
        return quoted;
    }

    /// <summary>Takes a whole number without a sign.</summary>
    /// <exception cref="ArchitectureFormatException">None comes next, or it is above 2³¹ − 1.</exception>
    public int TakeNumber()
    {
        SkipBlanks();
        int end = _at;
        while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
        if (!int.TryParse(text.AsSpan(_at, end - _at), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            throw Expected("a number");
        _at = end;
        return number;
    }

    /// <summary>Takes the opening of a list or tuple; returns what closes it.</summary>
    /// <exception cref="ArchitectureFormatException">None comes next.</exception>
    public string TakeOpening() => TryTake("[") ? "]" : TryTake("(") ? ")" : throw Expected("'[' or '('");

    /// <summary>Takes a list or tuple; a comma may stand before its end.</summary>
    /// <exception cref="ArchitectureFormatException">None comes next, or one of its parts is wrong.</exception>
    public List<T> TakeList<T>(Func<T> takeOne)
    {
        var list = new List<T>();
        string close = TakeOpening();
        while (!TryTake(close))
        {
            list.Add(takeOne());
            if (!TryTake(",") && !Sees(close)) throw Expected($"',' or '{close}'");
        }
        return list;
    }

    /// <summary>Makes sure that nothing more comes.</summary>
    /// <exception cref="ArchitectureFormatException">Something does.</exception>
    public void TakeEnd()
    {
        SkipBlanks();
        if (_at < text.Length) throw Expected("the end");
    }

    private void SkipBlanks()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
    }

    private ArchitectureFormatException Expected(string what)
    {
        string found = _at >= text.Length ? "the end" : $"'{text[_at..Math.Min(text.Length, _at + 20)]}'";
        return new ArchitectureFormatException(
            string.Create(CultureInfo.InvariantCulture, $"expected {what} at character {_at + 1}, found {found}"));
    }
}
