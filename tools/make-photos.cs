// Draws a folder of pictures of balls and of boxes, as cameras and phones leave them: JPEG and PNG of several sizes, one of them grey, one
// turned by EXIF, one damaged. For docs/tutorial.md, where there are no photos at hand: dotnet run tools/make-photos.cs -- photos 300
#:package SkiaSharp
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
#:property PublishAot=false

using SkiaSharp;

if (args is not [var folder, var each] || !int.TryParse(each, out int count) || count < 10)
{
    Console.Error.WriteLine("make-photos FOLDER COUNT: COUNT pictures of each of two classes, at least 10");
    return 2;
}
var random = new Random(17);
foreach (string label in (string[])["ball", "box"])
{
    Directory.CreateDirectory(Path.Combine(folder, label));
    for (int i = 0; i < count; i++)
    {
        using SKBitmap picture = Draw(label, width: 120 + 40 * random.Next(4), height: 120 + 20 * random.Next(4), isGrey: i == 3);
        bool isPng = i % 4 == 1;
        using SKData file = picture.Encode(isPng ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, 90);
        byte[] bytes = file.ToArray();
        if (i == 4) bytes = Turned(bytes);
        if (i == 6 && label == "box") bytes = bytes[..(bytes.Length / 2)];
        File.WriteAllBytes(Path.Combine(folder, label, $"{label}-{i + 1:D3}.{(isPng ? "png" : "jpg")}"), bytes);
    }
}
return 0;

SKBitmap Draw(string label, int width, int height, bool isGrey)
{
    var bitmap = new SKBitmap(width, height, isGrey ? SKColorType.Gray8 : SKColorType.Rgba8888, SKAlphaType.Opaque);
    using var canvas = new SKCanvas(bitmap);
    canvas.Clear(Colour(20, 60));
    using var paint = new SKPaint { IsAntialias = true };
    // Specks behind the thing, so that the background alone says nothing.
    for (int i = 0; i < 40; i++)
    {
        paint.Color = Colour(random.Next(20, 80), random.Next(20, 70));
        canvas.DrawCircle(random.Next(width), random.Next(height), random.Next(1, 6), paint);
    }
    float size = Math.Min(width, height) * (0.22f + 0.12f * (float)random.NextDouble());
    canvas.Translate(width / 2f + random.Next(-15, 16), height / 2f + random.Next(-15, 16));
    canvas.RotateDegrees(random.Next(360));
    paint.Color = Colour(90, 55);
    if (label == "ball") canvas.DrawCircle(0, 0, size, paint);
    else canvas.DrawRect(-size, -0.7f * size, 2 * size, 1.4f * size, paint);
    paint.Color = Colour(90, 80);
    if (label == "ball") canvas.DrawCircle(-size / 3, -size / 3, size / 5, paint);
    else canvas.DrawRect(-size, -0.1f * size, 2 * size, 0.2f * size, paint);
    return bitmap;
}

SKColor Colour(float saturation, float lightness) => SKColor.FromHsl(random.Next(360), saturation, lightness);

// A JPEG file whose EXIF says that it is shown turned by a quarter, as a phone held upright writes it.
static byte[] Turned(byte[] jpeg)
{
    byte[] exif =
    [
        0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
    ];
    return [.. jpeg[..2], .. exif, .. jpeg[2..]];
}
