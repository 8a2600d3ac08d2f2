using System.Text.Json.Nodes;
using PandaNas.Data.Augmenting;
using PandaNas.Data.Decoding;
using PandaNas.Data.Reading;
using PandaNas.Data.Resizing;

namespace PandaNas.Tests.Data.Augmenting;

/// <summary>Against Pillow, by make_image_operations.py.</summary>
public sealed class ImageOperationTests
{
    private static readonly JsonNode s_golden =
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "image_operations.json")))!;

    private static int Side => (int)s_golden["side"]!;

    public static TheoryData<string> Names() => [.. Enum.GetNames<ImageOperation>()];

    [Theory]
    [MemberData(nameof(Names))]
    public void EqualsPillow(string name)
    {
        int cases = 0;
        foreach (JsonNode? golden in s_golden["operations"]!.AsArray().Where(golden => (string)golden!["operation"]! == name))
        {
            var image = new PlanarImage(Side);
            Planes(s_golden["images"]![(string)golden!["image"]!]!).CopyTo(image.Planes);
            var draw = new OperationDraw(Enum.Parse<ImageOperation>(name), (double)golden["magnitude"]!);
            image.Apply(draw);
            // Halves of a grey level round either way in float32 and float64.
            AssertPlanes(
                Planes(golden["planes"]!), image.Planes, draw.Operation == ImageOperation.Hue ? 1 : 0, $"{golden["image"]} {draw}");
            cases++;
        }
        Assert.InRange(cases, 2, 8);
    }

    [Fact]
    public void Resampling_EqualsPillow()
    {
        var resampler = new Resampler();
        foreach (JsonNode? golden in s_golden["resized"]!.AsArray())
        {
            byte[] source = Planes(s_golden["images"]![(string)golden!["image"]!]!);
            double[] box = [.. golden["box"]!.AsArray().Select(value => (double)value!)];
            int side = (int)golden["side"]!;
            byte[] found = new byte[3 * side * side];
            resampler.Apply(Interleaved(source), new CropBox(box[0], box[1], box[2], box[3]), found, side);
            AssertPlanes(Planes(golden["planes"]!), found, 0, $"{golden["image"]} {string.Join(' ', box)} to {side}");
        }
    }

    private static DecodedPixels Interleaved(byte[] planes)
    {
        int area = planes.Length / 3;
        byte[] rgba = new byte[4 * area];
        for (int i = 0; i < area; i++)
            (rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2], rgba[4 * i + 3]) = (planes[i], planes[area + i], planes[2 * area + i], 255);
        return new DecodedPixels(rgba, Side, Side);
    }

    private static byte[] Planes(JsonNode text) => Convert.FromBase64String((string)text!);

    private static void AssertPlanes(byte[] expected, ReadOnlySpan<byte> found, int allowed, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - found[i]) <= allowed, $"{what}: byte {i} is {found[i]}, Pillow has {expected[i]}");
    }
}
