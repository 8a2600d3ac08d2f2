using System.Text.Json.Nodes;

namespace PandaNas.Tests.Data.Decoding;

/// <summary>The pictures that make_pictures.py writes, and what Pillow shows of them.</summary>
internal static class Pictures
{
    private static readonly string s_golden = Path.Combine(AppContext.BaseDirectory, "Golden");
    private static readonly JsonNode s_shown = JsonNode.Parse(File.ReadAllText(Path.Combine(s_golden, "pictures.json")))!;

    /// <summary>The file names with an expected picture.</summary>
    public static IEnumerable<string> Names => s_shown.AsObject().Select(pair => pair.Key);

    public static string PathOf(string name) => Path.Combine(s_golden, "pictures", name);

    /// <summary>Width, height and H×W×3 bytes.</summary>
    public static (int Width, int Height, byte[] Rgb) Shown(string name)
    {
        JsonNode shown = s_shown[name]!;
        return ((int)shown["width"]!, (int)shown["height"]!, Convert.FromHexString((string)shown["rgb"]!));
    }

    /// <summary>Puts EXIF data with an orientation behind the first marker of a JPEG file.</summary>
    public static byte[] WithOrientation(byte[] jpeg, int orientation)
    {
        byte[] exif = [.. "Exif\0\0MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        return [.. jpeg[..2], 0xff, 0xe1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
    }
}
