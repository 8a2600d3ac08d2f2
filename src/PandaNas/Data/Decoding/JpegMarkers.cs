using System.Buffers.Binary;

namespace PandaNas.Data.Decoding;

/// <summary>
/// Walks through the markers of a JPEG file (ITU-T T.81). The decoder takes a file that stops short for whole where it is progressive,
/// and one without an end marker for truncated although every pixel may be there; the markers tell.
/// </summary>
internal ref struct JpegMarkers
{
    private const byte StartOfScan = 0xda, EndOfImage = 0xd9, FirstApplication = 0xe0;
    private const int Coefficients = 64, MostComponents = 4;

    // After zeros, which are what is left of a download that stopped, there is no telling real zeros from missing ones.
    private const int PaddingZeros = 16;

    private readonly ReadOnlySpan<byte> _file;
    private readonly byte[] _components = new byte[MostComponents];

    // The lowest bit that each coefficient of each component has got; 255 before its first scan.
    private readonly byte[] _lowestBits = new byte[MostComponents * Coefficients];
    private int _count;
    private EncodedFacts _facts = new();

    private JpegMarkers(ReadOnlySpan<byte> file)
    {
        _file = file;
        Array.Fill(_lowestBits, (byte)255);
    }

    /// <summary>Reads channels, profile and where the data end; of a damaged file as much as can be told.</summary>
    public static EncodedFacts Read(ReadOnlySpan<byte> file) => new JpegMarkers(file).Walk();

    private EncodedFacts Walk()
    {
        for (int at = NextMarker(2); at >= 0;)
        {
            byte code = _file[at + 1];
            if (code == EndOfImage) return _facts with { DataEnd = at };
            if (at + 4 > _file.Length) break;
            int length = BinaryPrimitives.ReadUInt16BigEndian(_file[(at + 2)..]);
            if (length < 2 || at + 2 + length > _file.Length) break;
            Add(code, _file.Slice(at + 4, length - 2));
            at = NextMarker(at + 2 + length);
        }
        int end = _file.Length - (TrailingZeros() is var zeros && zeros >= PaddingZeros ? zeros : 0);
        // Half of a pair: with what is put behind it, it would be a marker.
        if (_file[end - 1] == 0xff) end--;
        return _facts with { DataEnd = end, LacksEnd = true, HasAllScans = HasAllScans() };
    }

    // Skips entropy-coded data, in which FF is followed by 00 or a restart marker; and fill bytes.
    private readonly int NextMarker(int at)
    {
        while (at < _file.Length - 1)
        {
            int found = _file[at..^1].IndexOf((byte)0xff);
            if (found < 0) return -1;
            at += found;
            if (_file[at + 1] is not (0x00 or 0x01 or 0xff or (>= 0xd0 and <= 0xd8))) return at;
            at++;
        }
        return -1;
    }

    private readonly int TrailingZeros() => _file.Length - 1 - _file.LastIndexOfAnyExcept((byte)0);

    private void Add(byte code, ReadOnlySpan<byte> content)
    {
        if (code is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc)) AddFrame(content);
        else if (code == StartOfScan) AddScan(content);
        else if (code == FirstApplication + 2 && content.StartsWith("ICC_PROFILE\0"u8)) _facts = _facts with { HasProfile = true };
    }

    private void AddFrame(ReadOnlySpan<byte> content)
    {
        if (content.Length < 6 || content[5] is 0 or > MostComponents || content.Length < 6 + 3 * content[5]) return;
        _count = content[5];
        for (int i = 0; i < _count; i++) _components[i] = content[6 + 3 * i];
        _facts = _facts with { Flags = _count switch { 1 => ImageFlags.Grey, 4 => ImageFlags.Cmyk, _ => 0 } };
    }

    private readonly void AddScan(ReadOnlySpan<byte> content)
    {
        if (content.Length < 4 || content.Length < 4 + 2 * content[0]) return;
        int last = 1 + 2 * content[0], from = content[last], to = content[last + 1];
        byte lowest = (byte)(content[last + 2] & 15);
        if (to >= Coefficients) return;
        for (int i = 0; i < content[0]; i++)
        {
            int component = Array.IndexOf(_components, content[1 + 2 * i], 0, _count);
            for (int k = from; component >= 0 && k <= to; k++) _lowestBits[component * Coefficients + k] = lowest;
        }
    }

    private readonly bool HasAllScans() => _count > 0 && !_lowestBits.AsSpan(0, _count * Coefficients).ContainsAnyExcept((byte)0);
}
