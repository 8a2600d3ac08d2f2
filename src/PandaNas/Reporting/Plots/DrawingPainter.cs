using System.Globalization;
using System.Xml.Linq;
using PandaNas.Runtime.Files;
using SkiaSharp;

namespace PandaNas.Reporting.Plots;

/// <summary>
/// Paints a drawing as <see cref="StandaloneDrawing"/> makes it: the few elements and attributes of SVG that charts are made of. Texts
/// are in a font that comes with the library, since a machine may have none; letters that it lacks are taken from the machine's.
/// </summary>
internal sealed class DrawingPainter : IDisposable
{
    private readonly SKTypeface _typeface;

    /// <summary>Opens the font.</summary>
    public DrawingPainter()
    {
        using Stream font = EmbeddedFiles.OpenFont();
        _typeface = SKTypeface.FromStream(font);
    }

    // What an element has from those around it.
    private sealed record Look(
        SKColor? Fill, SKColor? Stroke, float FillOpacity, float StrokeOpacity, float StrokeWidth, float[] Dashes, bool IsRound,
        float FontSize, bool IsBold, SKTextAlign Align)
    {
        public static Look Initial { get; } = new(SKColors.Black, null, 1, 1, 1, [], false, 12, false, SKTextAlign.Left);
    }

    /// <summary>The picture as a PNG file.</summary>
    /// <param name="drawing">The drawing.</param>
    /// <param name="scale">Pixels of the picture for one of the drawing.</param>
    public byte[] Png(XElement drawing, float scale)
    {
        var size = new SKImageInfo(
            (int)MathF.Ceiling(Number(drawing, "width") * scale), (int)MathF.Ceiling(Number(drawing, "height") * scale),
            SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var bitmap = new SKBitmap(size);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        canvas.Scale(scale);
        Paint(canvas, drawing, Look.Initial);
        canvas.Flush();
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _typeface.Dispose();

    private void Paint(SKCanvas canvas, XElement element, Look around)
    {
        Look look = LookOf(element, around);
        int saved = canvas.Save();
        Move(canvas, (string?)element.Attribute("transform") ?? "");
        switch (element.Name.LocalName)
        {
            case "svg" or "g":
                foreach (XElement child in element.Elements()) Paint(canvas, child, look);
                break;
            case "text":
                PaintText(canvas, element, look);
                break;
            case "image":
                PaintPicture(canvas, element);
                break;
            case "line" or "path" or "rect" or "circle":
                using (SKPath path = Outline(element)) Paint(canvas, path, look);
                break;
        }
        canvas.RestoreToCount(saved);
    }

    private static void Paint(SKCanvas canvas, SKPath path, Look look)
    {
        if (look.Fill is { } fill)
        {
            using var paint = new SKPaint { IsAntialias = true, Color = WithOpacity(fill, look.FillOpacity) };
            canvas.DrawPath(path, paint);
        }
        if (look.Stroke is not { } stroke) return;
        using SKPathEffect? dashes = look.Dashes.Length > 0 ? SKPathEffect.CreateDash(look.Dashes, 0) : null;
        using var pen = new SKPaint
        {
            IsAntialias = true,
            Style = SKPaintStyle.Stroke,
            Color = WithOpacity(stroke, look.StrokeOpacity),
            StrokeWidth = look.StrokeWidth,
            StrokeCap = look.IsRound ? SKStrokeCap.Round : SKStrokeCap.Butt,
            StrokeJoin = SKStrokeJoin.Round,
            PathEffect = dashes,
        };
        canvas.DrawPath(path, pen);
    }

    private void PaintText(SKCanvas canvas, XElement element, Look look)
    {
        if (look.Fill is not { } color) return;
        using var font = new SKFont(_typeface, look.FontSize) { Edging = SKFontEdging.Antialias, Embolden = look.IsBold, Subpixel = true };
        using var paint = new SKPaint { IsAntialias = true, Color = color };
        string text = element.Value;
        using SKTypeface? other = font.ContainsGlyphs(text)
            ? null
            : SKFontManager.Default.MatchCharacter(text.EnumerateRunes().First(letter => !font.ContainsGlyph(letter.Value)).Value);
        if (other is not null) font.Typeface = other;
        canvas.DrawText(text, Number(element, "x"), Number(element, "y"), look.Align, font, paint);
    }

    private static void PaintPicture(SKCanvas canvas, XElement element)
    {
        string address = (string)element.Attribute("href")!;
        byte[] data = Convert.FromBase64String(address[(address.IndexOf(',', StringComparison.Ordinal) + 1)..]);
        using var picture = SKImage.FromEncodedData(data);
        canvas.DrawImage(
            picture, SKRect.Create(Number(element, "x"), Number(element, "y"), Number(element, "width"), Number(element, "height")),
            new SKSamplingOptions(SKFilterMode.Nearest));
    }

    private static SKPath Outline(XElement element)
    {
        if (element.Name.LocalName == "path") return SKPath.ParseSvgPathData((string)element.Attribute("d")!);
        using var path = new SKPathBuilder();
        switch (element.Name.LocalName)
        {
            case "line":
                path.MoveTo(Number(element, "x1"), Number(element, "y1"));
                path.LineTo(Number(element, "x2"), Number(element, "y2"));
                break;
            case "circle":
                path.AddCircle(Number(element, "cx"), Number(element, "cy"), Number(element, "r"));
                break;
            default:
                var box = SKRect.Create(Number(element, "x"), Number(element, "y"), Number(element, "width"), Number(element, "height"));
                path.AddRoundRect(new SKRoundRect(box, Number(element, "rx")));
                break;
        }
        return path.Detach();
    }

    private static void Move(SKCanvas canvas, string transform)
    {
        foreach (string step in transform.Split(')', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] parts = step.Split('(', ' ');
            if (parts[0] == "translate") canvas.Translate(Number(parts[1]), Number(parts[2]));
            else if (parts[0] == "rotate") canvas.RotateDegrees(Number(parts[1]));
        }
    }

    private static Look LookOf(XElement element, Look look)
    {
        foreach (XAttribute attribute in element.Attributes())
            look = attribute.Name.LocalName switch
            {
                "fill" => look with { Fill = Color(attribute.Value) },
                "stroke" => look with { Stroke = Color(attribute.Value) },
                "fill-opacity" => look with { FillOpacity = Number(attribute.Value) },
                "stroke-opacity" => look with { StrokeOpacity = Number(attribute.Value) },
                "stroke-width" => look with { StrokeWidth = Number(attribute.Value) },
                "stroke-linecap" => look with { IsRound = attribute.Value == "round" },
                "stroke-dasharray" => look with
                {
                    Dashes = attribute.Value == "none" ? [] : [.. attribute.Value.Split(' ').Select(Number)],
                },
                "font-size" => look with { FontSize = Number(attribute.Value) },
                "font-weight" => look with { IsBold = attribute.Value == "bold" },
                "text-anchor" => look with
                {
                    Align = attribute.Value switch { "middle" => SKTextAlign.Center, "end" => SKTextAlign.Right, _ => SKTextAlign.Left },
                },
                _ => look,
            };
        return look;
    }

    private static SKColor? Color(string text) => text == "none" ? null : SKColor.Parse(text);

    private static SKColor WithOpacity(SKColor color, float opacity) => color.WithAlpha((byte)MathF.Round(255 * opacity));

    private static float Number(XElement element, string attribute) => Number((string?)element.Attribute(attribute) ?? "0");

    private static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);
}
