using CsCheck;
using PandaNas.Latency;
using PandaNas.Supernets;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Latency;

public sealed class LatencyTableFileTests : IDisposable
{
    private static readonly LatencyTable Table = LatencyTableBuilderTests.Build("nasbench201", 0.001, _ => 1.3, () => 1);
    private static readonly string Good = LatencyTableFile.Write(Table);

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"panda-latency-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Table_IsReadAsItWasWritten()
    {
        File.WriteAllText(_path, Good);
        Assert.Equal(Good, LatencyTableFile.Write(LatencyTableFile.Read(_path)));
    }

    [Fact]
    public void ATableFromBeforeThereWereRuntimes_IsOfTorch()
    {
        string former = Good.Replace("    \"runtime\": \"torch\",\n", "", StringComparison.Ordinal);
        Assert.NotEqual(Good, former);
        Assert.Equal(Good, LatencyTableFile.Write(LatencyTableFile.Parse(former)));
    }

    [Fact]
    public void AnyOtherText_IsReadOrRefusedWithAClearError() => FuzzedText.Of(Good, "{}[]\":,0123456789.eE-+ntruefals \n").Sample(text =>
    {
        string path = Path.Combine(Path.GetTempPath(), $"panda-latency-{Guid.NewGuid():N}.json");
        File.WriteAllText(path, text);
        try
        {
            Assert.All(LatencyTableFile.Read(path).Layers, layer => Assert.True(double.IsFinite(layer.Ms) && layer.Ms >= 0));
        }
        catch (BadDataException error)
        {
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }, iter: 300);

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2", "reads version 1")]
    [InlineData("\"format\": \"panda-latency-table\"", "\"format\": \"x\"", "panda-latency-table")]
    [InlineData("\"batch\": \"1\"", "\"bath\": \"1\"", "conditions must be exactly")]
    [InlineData("\"batch\": \"1\"", "\"batch\": null", "conditions must have values")]
    [InlineData("\"constant_ms\": ", "\"constant_ms\": -", "constant_ms is not a time")]
    [InlineData("\"layers\": [", "\"lairs\": [", "lairs")]
    [InlineData("\"median_error\": ", "\"median_error\": 1", "median_error is not that of held_out")]
    public void DamagedTables_SayWhatIsWrong(string good, string bad, string message)
    {
        File.WriteAllText(_path, Good.Replace(good, bad, StringComparison.Ordinal));
        Assert.Contains(message, Assert.Throws<BadDataException>(() => LatencyTableFile.Read(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TruncatedAndMissingTables_AreRefused()
    {
        Assert.Contains(_path, Assert.Throws<BadDataException>(() => LatencyTableFile.Read(_path)).Message, StringComparison.Ordinal);
        for (int length = 0; length < Good.Length - 1; length += 97)
        {
            File.WriteAllText(_path, Good[..length]);
            Assert.Throws<BadDataException>(() => LatencyTableFile.Read(_path));
        }
    }

    [Fact]
    public void OtherConditions_AreNamed()
    {
        (SpaceFamily family, NetworkOptions sizes) = LatencyTableBuilderTests.Networks("nasbench201");
        LatencyConditions Of(NetworkOptions other, int batch = 1, int threads = 1, Precision precision = Precision.Float32) =>
            LatencyConditions.OfThisMachine(family, other, batch, threads, precision);
        var inOnnx = LatencyConditions.OfThisMachine(family, sizes, 1, 1, Precision.Float32, LatencyRuntime.Onnx);

        Table.Require(Of(sizes), [], "t.json");
        Table.Require(Of(sizes, batch: 8, threads: 4), LatencyConditions.OfRunning, "t.json");
        Table.Require(inOnnx, LatencyConditions.OfRunning, "t.json");
        (LatencyConditions Wanted, string Name)[] wrong =
        [
            (Of(sizes with { Channels = 8 }), "channels '16', but '8'"), (Of(sizes with { Cells = 1 }), "cells '5', but '1'"),
            (Of(sizes with { ImageSize = 16 }), "image-size '32', but '16'"), (Of(sizes with { Classes = 100 }), "classes '10', but '100'"),
            (Of(sizes, batch: 2), "batch '1', but '2'"), (Of(sizes, threads: 2), "threads '1', but '2'"),
            (Of(sizes, precision: Precision.BFloat16), "precision 'float32', but 'bfloat16'"),
            (inOnnx, "runtime 'torch', but 'onnx'"),
        ];
        Assert.All(
            wrong,
            one => Assert.Contains(
                one.Name, Assert.Throws<BadDataException>(() => Table.Require(one.Wanted, [], "t.json")).Message,
                StringComparison.Ordinal));
    }

    [Fact]
    public void AnotherMachine_IsRefusedUnlessAllowed()
    {
        (SpaceFamily family, NetworkOptions sizes) = LatencyTableBuilderTests.Networks("nasbench201");
        LatencyTable other =
            LatencyTableFile.Parse(Good.Replace(PandaNas.Runtime.Threads.Machine.Description, "another machine", StringComparison.Ordinal));
        var wanted = LatencyConditions.OfThisMachine(family, sizes, 1, 1, Precision.Float32);
        Assert.Contains(
            "AllowOtherMachine", Assert.Throws<BadDataException>(() => other.Require(wanted, [], "t.json")).Message,
            StringComparison.Ordinal);
        other.Require(wanted, [LatencyConditions.OfMachine], "t.json");
    }
}
