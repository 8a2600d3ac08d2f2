// An exported model as a step of an ML.NET pipeline, on a folder with a folder of pictures for each class:
//
//   panda export runs/winner --preprocessing inside --out pets.onnx
//   dotnet run -c Release --project samples/MlNet -- pets.onnx photos/test

using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using SkiaSharp;

if (args is not [var file, var folder])
{
    Console.Error.WriteLine("Usage: MlNet MODEL.onnx FOLDER");
    return 2;
}
// What the model says of itself.
JsonElement facts = default;
try
{
    using var session = new InferenceSession(file);
    if (session.ModelMetadata.CustomMetadataMap.TryGetValue("panda_model", out string? json))
        facts = JsonDocument.Parse(json).RootElement.Clone();
}
catch (OnnxRuntimeException error)
{
    Console.Error.WriteLine($"error: '{file}' is no model that ONNX Runtime can run: {error.Message}");
    return 3;
}
if (facts.ValueKind == JsonValueKind.Undefined || facts.GetProperty("preprocessing").GetString() != "inside")
{
    Console.Error.WriteLine($"error: '{file}' does not take pixels: make it by 'panda export RUN --preprocessing inside'");
    return 3;
}
string[] classes = [.. facts.GetProperty("classes").EnumerateArray().Select(name => name.GetString()!)];
Picture[] pictures =
[
    .. classes.Where(name => Directory.Exists(Path.Combine(folder, name))).SelectMany(
        name => Directory.GetFiles(Path.Combine(folder, name)).Order(StringComparer.Ordinal).Select(
            path => new Picture { Path = path, Class = name })),
];
if (pictures.Length == 0)
{
    Console.Error.WriteLine($"error: '{folder}' has no folder named as a class of the model ({string.Join(", ", classes)})");
    return 3;
}
// ML.NET's tensors have one size. Squares of one size stay as they are; others become squares that the model crops and scales.
int channels = facts.GetProperty("channels").GetInt32(), side = 2 * facts.GetProperty("image_size").GetInt32();
if (facts.GetProperty("fit").ValueKind == JsonValueKind.Null)
    using (SKCodec? first = SKCodec.Create(pictures[0].Path)) side = first?.Info.Width ?? side;
try
{
    foreach (Picture picture in pictures) picture.Images = Pixels(picture.Path);
}
catch (InvalidDataException error)
{
    Console.Error.WriteLine($"error: {error.Message}");
    return 3;
}

var ml = new MLContext(seed: 0);
var schema = SchemaDefinition.Create(typeof(Picture));
schema["images"].ColumnType = new VectorDataViewType(NumberDataViewType.Byte, side * side * channels);
IDataView data = ml.Data.LoadFromEnumerable(pictures, schema);
IEstimator<ITransformer> pipeline = ml.Transforms.ApplyOnnxModel(
    ["logits"], ["images"], file,
    new Dictionary<string, int[]> { ["images"] = [1, side, side, channels], ["logits"] = [1, classes.Length] },
    gpuDeviceId: null, fallbackToCpu: false, recursionLimit: 100);
IDataView scored = pipeline.Fit(data).Transform(data);
Scored[] answers = [.. ml.Data.CreateEnumerable<Scored>(scored, reuseRowObject: false)];
foreach (Scored answer in answers.Take(5)) Console.WriteLine($"{answer.Path}: {Best(answer)}");
int right = answers.Count(answer => Best(answer) == answer.Class);
Console.WriteLine($"accuracy on {answers.Length} pictures: {(double)right / answers.Length:P2}");
return 0;

string Best(Scored answer) => classes[Array.IndexOf(answer.Logits, answer.Logits.Max())];

// H×W×C bytes of the middle square.
byte[] Pixels(string path)
{
    using SKBitmap whole = SKBitmap.Decode(path) ?? throw new InvalidDataException($"'{path}' is no picture");
    int middle = Math.Min(whole.Width, whole.Height);
    using var square = new SKBitmap();
    whole.ExtractSubset(square, SKRectI.Create((whole.Width - middle) / 2, (whole.Height - middle) / 2, middle, middle));
    using SKBitmap sized = middle == side
        ? square.Copy()
        : square.Resize(new SKImageInfo(side, side), new SKSamplingOptions(SKCubicResampler.Mitchell));
    byte[] pixels = new byte[side * side * channels];
    for (int i = 0; i < side * side; i++)
    {
        SKColor colour = sized.GetPixel(i % side, i / side);
        byte[] values = [colour.Red, colour.Green, colour.Blue];
        values.AsSpan(0, channels).CopyTo(pixels.AsSpan(i * channels));
    }
    return pixels;
}

/// <summary>A picture and what it shows.</summary>
internal class Picture
{
    public string Path { get; set; } = "";

    public string Class { get; set; } = "";

    [ColumnName("images")]
    public byte[] Images { get; set; } = [];
}

/// <summary>What the model says of a picture.</summary>
internal sealed class Scored
{
    public string Path { get; set; } = "";

    public string Class { get; set; } = "";

    [ColumnName("logits")]
    public float[] Logits { get; set; } = [];
}
