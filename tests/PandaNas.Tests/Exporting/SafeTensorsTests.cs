using System.Buffers.Binary;
using System.Text;
using CsCheck;
using PandaNas.Exporting;
using PandaNas.Tests.Data;
using static TorchSharp.torch;

namespace PandaNas.Tests.Exporting;

public sealed class SafeTensorsTests
{
    [Fact]
    public void EveryTypeAndShape_RoundTrips()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        ScalarType[] types =
        [
            ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Int32,
            ScalarType.Int16,
            ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
        ];
        var tensors = new Dictionary<string, Tensor>();
        foreach (ScalarType type in types)
            foreach (long[] shape in new long[][] { [], [3], [2, 3, 4], [0], [2, 0, 3] })
                tensors[$"{type} {string.Join('x', shape)} \u00e9\"\\"] = randint(0, 2, shape).to(type);
        tensors["strided"] = randn(3, 5).t();
        tensors["gradient"] = randn(4).requires_grad_();
        tensors["special"] = tensor(new[] { float.NaN, float.PositiveInfinity, -0f, float.Epsilon });
        string path = Write(folder, tensors);

        Dictionary<string, Tensor> read = SafeTensors.Read(path);
        Assert.Equal(tensors.Keys.Order(), read.Keys.Order());
        foreach ((string name, Tensor tensor) in tensors)
        {
            Assert.Equal(tensor.dtype, read[name].dtype);
            Assert.Equal(tensor.shape, read[name].shape);
            if (tensor.numel() > 0) Assert.Equal(tensor.detach().contiguous().bytes.ToArray(), read[name].bytes.ToArray());
        }
        foreach (Tensor tensor in read.Values) tensor.Dispose();
    }

    [Fact]
    public void EqualContents_GiveEqualBytes()
    {
        using var folder = new TemporaryFolder();
        using Tensor one = arange(Number.Of(0), Number.Of(6), Number.Of(1), ScalarType.Float32), other = ones(2);
        byte[] forwards = File.ReadAllBytes(Write(folder, new() { ["a"] = one, ["b"] = other }));
        byte[] backwards = File.ReadAllBytes(Write(folder, new() { ["b"] = other, ["a"] = one }));
        Assert.Equal(forwards, backwards);
        Assert.Equal(0, (8 + BinaryPrimitives.ReadInt64LittleEndian(forwards)) % 8);
    }

    [Fact]
    public void File_IsTheFormatToTheByte()
    {
        using var stream = new MemoryStream();
        using Tensor values = tensor(new[] { 1f, 2f });
        SafeTensors.Write(stream, new Dictionary<string, Tensor> { ["x"] = values }, new Dictionary<string, string> { ["k"] = "v" });
        byte[] bytes = stream.ToArray();
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes.AsSpan(8 + length)));
        Assert.Equal(
            """{"__metadata__":{"k":"v","values_sha256":"HASH"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""".Replace(
                "HASH", hash, StringComparison.Ordinal),
            Encoding.UTF8.GetString(bytes.AsSpan(8, length)).TrimEnd(' '));
        Assert.Equal([0, 0, 128, 63, 0, 0, 0, 64], bytes[(8 + length)..]);
    }

    [Fact]
    public void EveryTruncation_IsBadData()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = Sample(folder);
        for (int length = 0; length < whole.Length; length++) AssertBad(folder, whole[..length]);
        AssertBad(folder, [.. whole, 0]);
    }

    [Fact]
    public void ChangedBytes_AreReadOrBadData()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = Sample(folder);
        string path = folder["changed.safetensors"];
        // The values may be anything; the header's bytes may not crash the reader.
        int header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(whole);
        for (int at = 0; at < header; at++)
        {
            foreach (byte mask in new byte[] { 1, 4, 16, 128 })
            {
                byte[] changed = [.. whole];
                changed[at] ^= mask;
                ReadOrBadData(path, changed);
            }
        }
    }

    [Fact]
    public void RandomHeaders_AreReadOrBadData()
    {
        using var folder = new TemporaryFolder();
        string path = folder["random.safetensors"];
        var number = Gen.OneOf(
            Gen.Const("0"), Gen.Const("4"), Gen.Const("8"), Gen.Const("-1"), Gen.Const("9223372036854775807"), Gen.Const("1e400"),
            Gen.Const("1.5"), Gen.Const("null"));
        var list = number.Array[0, 3].Select(items => $"[{string.Join(',', items)}]");
        var type = Gen.OneOf(Gen.Const("\"F32\""), Gen.Const("\"U8\""), Gen.Const("\"X\""), Gen.Const("3"), Gen.Const("\"\\ud800\""));
        var name = Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("\\ud800"), Gen.Const("\\u0000"));
        var entry = Gen
            .Select(name, type, list, list)
            .Select(e => $"\"{e.Item1}\":{{\"dtype\":{e.Item2},\"shape\":{e.Item3},\"data_offsets\":{e.Item4}}}");
        entry.Array[0, 3].Sample(entries => ReadOrBadData(path, Bytes(string.Concat("{", string.Join(',', entries), "}"), 8)), threads: 1);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("3")]
    [InlineData("{")]
    [InlineData("{\"a\":3}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F99\",\"shape\":[1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,4]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,9223372036854775807],\"data_offsets\":[0,8]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2305843009213693952],\"data_offsets\":[0,9223372036854775807]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[100000000000],\"data_offsets\":[0,400000000000]}}")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}")]
    [InlineData("{\"a\":{\"dtype\":\"\\ud800\",\"shape\":[2],\"data_offsets\":[0,8]}}")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[0,9223372036854775807,9223372036854775807],"data_offsets":[0,0]}"""
        + ""","b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("{}")]
    public void HostileHeaders_AreBadData(string header)
    {
        using var folder = new TemporaryFolder();
        AssertBad(folder, Bytes(header, 8));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1_000_000)]
    public void HostileHeaderLengths_AreBadData(long length)
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = Bytes("{}", 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        AssertBad(folder, bytes);
    }

    [Fact]
    public void DeeplyNestedHeader_IsBadData()
    {
        using var folder = new TemporaryFolder();
        AssertBad(folder, Bytes(new string('[', 100_000), 0));
    }

    [Fact]
    public void MissingFile_IsBadDataThatNamesIt()
    {
        using var folder = new TemporaryFolder();
        string path = folder["missing.safetensors"];
        Assert.Contains(path, Assert.Throws<BadDataException>(() => SafeTensors.Read(path)).Message);
    }

    private static string Write(TemporaryFolder folder, Dictionary<string, Tensor> tensors)
    {
        string path = folder["tensors.safetensors"];
        using FileStream stream = File.Create(path);
        SafeTensors.Write(stream, tensors);
        return path;
    }

    private static byte[] Sample(TemporaryFolder folder)
    {
        using Tensor one = arange(Number.Of(0), Number.Of(6), Number.Of(1), ScalarType.Float32);
        using Tensor other = arange(Number.Of(0), Number.Of(4), Number.Of(1), ScalarType.Int64);
        return File.ReadAllBytes(Write(folder, new() { ["a.weight"] = one, ["b"] = other }));
    }

    private static byte[] Bytes(string header, int values)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + values];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        return bytes;
    }

    private static void AssertBad(TemporaryFolder folder, byte[] bytes)
    {
        string path = folder["bad.safetensors"];
        File.WriteAllBytes(path, bytes);
        Assert.Contains(path, Assert.Throws<BadDataException>(() => SafeTensors.Read(path)).Message);
    }

    private static void ReadOrBadData(string path, byte[] bytes)
    {
        File.WriteAllBytes(path, bytes);
        try
        {
            foreach (Tensor tensor in SafeTensors.Read(path).Values) tensor.Dispose();
        }
        catch (BadDataException)
        {
        }
    }
}
