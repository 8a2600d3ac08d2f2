using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Runtime.Files;
using static TorchSharp.torch;

namespace PandaNas.Exporting;

/// <summary>
/// The safetensors format (Hugging Face): an 8-byte length, a JSON header with type, shape and place of every tensor, then the raw
/// values. Reading never runs anything and trusts no number of the header before it is checked against the file. Files that this class
/// wrote carry the SHA-256 of their values among the metadata, and altered values are refused.
/// </summary>
internal static class SafeTensors
{
    private const string Remedy = "It is truncated or altered; restore it or make it anew.";
    private const long LargestFile = 1L << 34;
    private const int LargestHeader = 10_000_000;
    // The bytes of a tensor are one span.
    private const long LargestTensor = int.MaxValue;
    internal static readonly FileKind Kind = new("a safetensors file", LargestFile, Remedy);
    private const string MetadataKey = "__metadata__";
    private const string HashKey = "values_sha256";

    private static readonly (ScalarType Type, string Name, int Bytes)[] s_types =
    [
        (ScalarType.Float64, "F64", 8), (ScalarType.Float32, "F32", 4), (ScalarType.Float16, "F16", 2), (ScalarType.BFloat16, "BF16", 2),
        (ScalarType.Int64, "I64", 8), (ScalarType.Int32, "I32", 4), (ScalarType.Int16, "I16", 2), (ScalarType.Int8, "I8", 1),
        (ScalarType.Byte, "U8", 1), (ScalarType.Bool, "BOOL", 1),
    ];

    /// <summary>Writes tensors in the order of their names, so that equal contents give equal bytes.</summary>
    /// <param name="stream">Receives the file's bytes.</param>
    /// <param name="tensors">Tensors of any device and layout.</param>
    /// <param name="metadata">Texts for the header.</param>
    public static void Write(
        Stream stream, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var scope = NewDisposeScope();
        var sorted = tensors
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (pair.Key, Tensor: pair.Value.detach().cpu().contiguous()))
            .ToList();
        var header = new JsonObject();
        header[MetadataKey] = new JsonObject((metadata ?? ImmutableDictionary<string, string>.Empty)
            .Append(KeyValuePair.Create(HashKey, Hash(sorted.Select(pair => pair.Tensor))))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        long offset = 0;
        foreach ((string name, Tensor tensor) in sorted)
        {
            long end = offset + tensor.numel() * tensor.element_size();
            header[name] = new JsonObject
            {
                ["dtype"] = s_types.First(one => one.Type == tensor.dtype).Name,
                ["shape"] = new JsonArray([.. tensor.shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        // Spaces make the values start at a multiple of 8, as the format asks.
        int padding = (8 - json.Length % 8) % 8;
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length + padding);
        stream.Write(length);
        stream.Write(json);
        for (int i = 0; i < padding; i++) stream.WriteByte((byte)' ');
        foreach ((_, Tensor tensor) in sorted)
            if (tensor.numel() > 0) stream.Write(tensor.bytes);
    }

    /// <summary>Reads every tensor of a file, onto the CPU. The caller disposes them.</summary>
    /// <exception cref="BadDataException">The file is missing, truncated or malformed; the message names file and place.</exception>
    public static Dictionary<string, Tensor> Read(string path)
    {
        try
        {
            using FileStream stream = InputFile.Open(path, Kind);
            return InputFile.Guard(path, Kind.Expected, () => Read(stream, path));
        }
        catch (InvalidOperationException error)
        {
            // The parser leaves texts undecoded until they are asked for.
            throw Malformed(path, $"its header has a text that is not Unicode: {error.Message.TrimEnd('.')}");
        }
    }

    private static Dictionary<string, Tensor> Read(FileStream stream, string path)
    {
        long dataLength = ReadHeader(stream, path, out JsonDocument document);
        using var _ = document;
        long dataStart = stream.Length - dataLength;
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var inFileOrder = new List<Tensor>();
        try
        {
            long expected = 0;
            foreach (Entry entry in Entries(document, path).OrderBy(entry => entry.Start).ThenBy(entry => entry.End))
            {
                // Without gaps or overlaps, as the format demands: nothing can hide and nothing is read twice.
                if (entry.Start != expected || entry.End > dataLength)
                    throw Malformed(path, $"tensor '{entry.Name}' lies at bytes {entry.Start} to {entry.End} of the values, "
                        + $"expected it to start at {expected} and end within {dataLength}");
                expected = entry.End;
                if (tensors.ContainsKey(entry.Name)) throw Malformed(path, $"tensor '{entry.Name}' appears twice");
                Tensor tensor = empty(entry.Shape, dtype: entry.Type).DetachFromDisposeScope();
                tensors.Add(entry.Name, tensor);
                inFileOrder.Add(tensor);
                if (entry.End == entry.Start) continue;
                stream.Position = dataStart + entry.Start;
                stream.ReadExactly(tensor.bytes);
            }
            if (expected != dataLength)
                throw Malformed(path, $"the header accounts for {expected} bytes of values, the file has {dataLength}");
            if (StoredHash(document, path) is { } hash && hash != Hash(inFileOrder))
                throw Malformed(path, "the SHA-256 of its values differs from the one in its header");
            return tensors;
        }
        catch
        {
            foreach (Tensor tensor in tensors.Values) tensor.Dispose();
            throw;
        }
    }

    private static long ReadHeader(FileStream stream, string path, out JsonDocument document)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.Length < 8) throw Malformed(path, $"it has {stream.Length} bytes, too few for a header");
        stream.ReadExactly(prefix);
        long length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length < 2 || length > LargestHeader || length > stream.Length - 8)
            throw Malformed(path, $"its header claims {length} bytes, the file has {stream.Length}");
        byte[] json = new byte[length];
        stream.ReadExactly(json);
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException error)
        {
            throw Malformed(path, $"its header is not JSON: {error.Message}");
        }
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw Malformed(path, "its header is not a JSON object");
        return stream.Length - 8 - length;
    }

    private static string Hash(IEnumerable<Tensor> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Tensor tensor in tensors)
            if (tensor.numel() > 0) hash.AppendData(tensor.bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Files of other programs have none.
    private static string? StoredHash(JsonDocument document, string path)
    {
        if (!document.RootElement.TryGetProperty(MetadataKey, out JsonElement metadata)) return null;
        if (metadata.ValueKind != JsonValueKind.Object) throw Malformed(path, $"'{MetadataKey}' of its header is not a JSON object");
        if (!metadata.TryGetProperty(HashKey, out JsonElement hash)) return null;
        return hash.ValueKind == JsonValueKind.String
            ? hash.GetString()
            : throw Malformed(path, $"'{HashKey}' of its header is not a text");
    }

    private static List<Entry> Entries(JsonDocument document, string path)
    {
        var entries = new List<Entry>();
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
            if (property.Name != MetadataKey) entries.Add(ParseEntry(property, path));
        return entries;
    }

    private static Entry ParseEntry(JsonProperty property, string path)
    {
        JsonElement value = property.Value;
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out JsonElement type) || type.ValueKind != JsonValueKind.String
            || !value.TryGetProperty("shape", out JsonElement shapeElement) || !TryLongs(shapeElement, out long[] shape)
            || !value.TryGetProperty("data_offsets", out JsonElement offsetElement)
            || !TryLongs(offsetElement, out long[] offsets) || offsets.Length != 2)
            throw Malformed(path, $"entry '{property.Name}' of its header lacks a usable dtype, shape or data_offsets");
        if (s_types.FirstOrDefault(one => one.Name == type.GetString()) is not { Bytes: > 0 } found)
        {
            string known = string.Join(", ", s_types.Select(one => one.Name).Order());
            throw Malformed(path, $"tensor '{property.Name}' has type '{type.GetString()}', expected one of {known}");
        }

        long bytes = found.Bytes;
        try
        {
            // Torch's strides must not overflow either, not even beside a size of 0.
            _ = shape.Aggregate(bytes, (product, size) => checked(product * Math.Max(size, 1)));
            foreach (long size in shape) bytes *= size;
        }
        catch (OverflowException)
        {
            throw Malformed(path, $"tensor '{property.Name}' has the impossible shape [{string.Join(',', shape)}]");
        }
        if (offsets[0] > offsets[1] || offsets[1] - offsets[0] != bytes)
            throw Malformed(path, $"tensor '{property.Name}' has {bytes} bytes by its shape but {offsets[1] - offsets[0]} by its offsets");
        if (bytes > LargestTensor)
            throw Malformed(path, $"tensor '{property.Name}' has {bytes} bytes, at most {LargestTensor} can be read");
        return new Entry(property.Name, found.Type, shape, offsets[0], offsets[1]);
    }

    private static bool TryLongs(JsonElement element, out long[] values)
    {
        values = [];
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() > 64) return false;
        values = new long[element.GetArrayLength()];
        int i = 0;
        foreach (JsonElement item in element.EnumerateArray())
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out values[i]) || values[i++] < 0) return false;
        return true;
    }

    private static BadDataException Malformed(string path, string what) =>
        new($"'{path}' is not a usable safetensors file: {what}. {Remedy}");

    private readonly record struct Entry(string Name, ScalarType Type, long[] Shape, long Start, long End);
}
