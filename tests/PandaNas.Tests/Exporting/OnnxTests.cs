using System.Text.Json.Nodes;
using PandaNas.Data.Batches;
using PandaNas.Data.Resizing;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Experiments.Stages;
using PandaNas.Exporting;
using PandaNas.Onnx;
using PandaNas.OnnxRuntime;
using PandaNas.Samples;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Definitions;
using PandaNas.Supernets.Operations;
using PandaNas.Tests.Documentation;
using static TorchSharp.torch;

namespace PandaNas.Tests.Exporting;

/// <summary>Networks that were written as ONNX give in ONNX Runtime what they give in torch.</summary>
public sealed class OnnxTests
{
    private const int Images = 3;

    // The sides are odd somewhere on the way, where a network allows it.
    private static readonly Dictionary<string, (SpaceFamily Family, NetworkOptions Sizes)> Spaces = new()
    {
        ["nasbench201"] = (Catalog.Default.FindSpace("nasbench201").Family, new NetworkOptions(3, 18, 5, 4, 1)),
        ["darts"] = (Catalog.Default.FindSpace("darts").Family, new NetworkOptions(3, 16, 5, 4, 5)),
        ["proxylessnas"] = (
            Catalog.Default.FindSpace("proxylessnas").Family, new NetworkOptions(1, 36, 5, 0, 0) { WidthMultiplier = 0.25 }),
        ["residual"] = (
            Catalog.Default.FindSpace("residual").Family, new NetworkOptions(3, 19, 5, 0, 0) { WidthMultiplier = 0.4 }),
        ["small-residual.yaml"] = (
            SpaceFile.Read(RepositoryFile.Path("samples", "small-residual.yaml")).Family, new NetworkOptions(3, 18, 5, 0, 0)),
        ["GatedSpace"] = (new ChainFamily(GatedSpace.Definition), new NetworkOptions(1, 15, 5, 0, 0)),
    };

    public static TheoryData<string, bool> EverySpace =>
        [.. Spaces.Keys.SelectMany(name => (TheoryDataRow<string, bool>[])[new(name, true), new(name, false)])];

    [Theory]
    [MemberData(nameof(EverySpace))]
    public void TenNetworks_GiveTheLogitsOfTorch(string name, bool foldNorms)
    {
        (SpaceFamily family, NetworkOptions sizes) = Spaces[name];
        RandomStream random = RandomStream.Derive(7, name);
        foreach (Architecture architecture in UniformArchitectures.DrawDistinct(family.Space, 10, random))
        {
            using Network network = family.Standalone(sizes, architecture, CPU, random);
            Scatter(network, random);
            ExportableModel model = Model(network, architecture, sizes);
            foreach (Preprocessing preprocessing in Enum.GetValues<Preprocessing>())
                Agree(model, new OnnxOptions { FoldNorms = foldNorms, Preprocessing = preprocessing }, random);
        }
    }

    // Its batch norms are not those of a plain network: DARTS normalises pooling in supernets only.
    [Theory]
    [InlineData("nasbench201", false)]
    [InlineData("darts", false)]
    [InlineData("darts", true)]
    [InlineData("residual", false)]
    [InlineData("residual", true)]
    [InlineData("proxylessnas", true)]
    [InlineData("GatedSpace", false)]
    public void AnArchitectureOfASupernet_BecomesANetworkThatGivesTheSameByBatchStatistics(string name, bool entangled)
    {
        (SpaceFamily family, NetworkOptions sizes) = Spaces[name];
        sizes = sizes with { WeightEntanglement = entangled };
        RandomStream random = RandomStream.Derive(11, name);
        using Network supernet = family.Supernet(sizes, CPU, random);
        Architecture architecture = UniformArchitectures.Draw(family.Space, random);
        using Network network = family.Subnetwork(sizes, architecture, supernet, CPU);
        int count = 8 * sizes.InputChannels * sizes.ImageSize * sizes.ImageSize;
        float[] pixels = [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble())];
        using var scope = NewDisposeScope();
        Tensor images = tensor(pixels, [8, sizes.InputChannels, sizes.ImageSize, sizes.ImageSize]);

        using (no_grad())
        {
            float[] expected = supernet.Forward(images, architecture, training: false).data<float>().ToArray();
            float[] actual = network.Forward(images, architecture, training: true).data<float>().ToArray();
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-4f);
        }
        Agree(Model(network, architecture, sizes), new OnnxOptions(), random);
    }

    [Fact]
    public void Folding_LeavesNoBatchNormBehindAConvolution()
    {
        (SpaceFamily family, NetworkOptions sizes) = Spaces["nasbench201"];
        Architecture architecture =
            family.Space.Parse("|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_3x3~0|none~1|avg_pool_3x3~2|");
        using Network network = family.Standalone(sizes, architecture, CPU, RandomStream.Derive(1, "fold"));
        ExportableModel model = Model(network, architecture, sizes);
        byte[] plain = model.ToOnnx(new OnnxOptions { FoldNorms = false }), folded = model.ToOnnx(new OnnxOptions());

        // The head's follows a sum.
        Assert.Equal(1, Nodes(folded, "BatchNormalization"));
        Assert.True(Nodes(plain, "BatchNormalization") > 10);
        Assert.Equal(Nodes(plain, "Conv"), Nodes(folded, "Conv"));
        Assert.True(folded.Length < plain.Length);
    }

    [Fact]
    public void AModuleThatDoesNotSayHow_IsRefusedByItsName()
    {
        Operation operation = Operation.Module("mystery", _ => nn.Identity(), _ => default);
        var family = new ChainFamily(new SpaceDefinition("modules", "one module")
        {
            Stem = new StemLayer(Channels: 4),
            Body = [new SearchedLayers([operation, Operation.Skip("skip")])],
        });
        var sizes = new NetworkOptions(3, 8, 2, 0, 0);
        var architecture = new Architecture([0]);
        using Network network = family.Standalone(sizes, architecture, CPU, RandomStream.Derive(1, "module"));

        var error = Assert.Throws<SpaceDefinitionException>(() => Model(network, architecture, sizes).ToOnnx(new OnnxOptions()));
        Assert.Contains("operation mystery does not say how it is exported to ONNX", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(IOnnxModule), error.Message, StringComparison.Ordinal);
    }

    // Larger, smaller, wider and higher pictures: the model fits them itself as training's readers do.
    [Theory]
    [InlineData(null, 16, 16)]
    [InlineData(null, 16, 40)]
    [InlineData(null, 12, 12)]
    [InlineData(null, 50, 50)]
    [InlineData(null, 48, 48)]
    [InlineData(ImageFit.Crop, 97, 61)]
    [InlineData(ImageFit.Crop, 9, 11)]
    [InlineData(ImageFit.Crop, 375, 500)]
    [InlineData(ImageFit.Squash, 70, 33)]
    [InlineData(ImageFit.Squash, 32, 16)]
    [InlineData(ImageFit.Pad, 31, 64)]
    [InlineData(ImageFit.Pad, 80, 45)]
    [InlineData(ImageFit.Pad, 16, 16)]
    public void InTheModel_PicturesBecomeWhatTheReadersMakeOfThem(ImageFit? fit, int height, int width)
    {
        (SpaceFamily family, NetworkOptions sizes) = Spaces["nasbench201"];
        sizes = sizes with { ImageSize = 16 };
        RandomStream random = RandomStream.Derive(height, "pictures");
        Architecture architecture = UniformArchitectures.Draw(family.Space, random);
        using Network network = family.Standalone(sizes, architecture, CPU, random);
        ExportableModel model = Model(network, architecture, sizes, fit);
        byte[] pictures = [.. Enumerable.Range(0, 2 * height * width * 3).Select(_ => (byte)random.NextInt(256))];
        float[] expected = OnnxCheck.Read(model, pictures, height, width);

        using var alone = new OnnxSession(OnnxModel.Write(model.Preprocessing), 1);
        Assert.Equal(expected, alone.Run(pictures, 2, height, width, 3));
        using var inside = new OnnxSession(model.ToOnnx(new OnnxOptions { Preprocessing = Preprocessing.Inside }), 1);
        using var outside = new OnnxSession(model.ToOnnx(new OnnxOptions()), 1);
        float[] logits = outside.Run(expected, 2, 3, 16, 16), own = inside.Run(pictures, 2, height, width, 3);
        // The runtime may order sums otherwise behind other nodes.
        for (int i = 0; i < logits.Length; i++) Assert.Equal(logits[i], own[i], 1e-5f);
    }

    [Fact]
    public void Metadata_SaysWhatTurnsPixelsIntoAClass()
    {
        (SpaceFamily family, NetworkOptions sizes) = Spaces["nasbench201"];
        Architecture architecture = UniformArchitectures.Draw(family.Space, RandomStream.Derive(3, "metadata"));
        using Network network = family.Standalone(sizes, architecture, CPU, RandomStream.Derive(3, "metadata"));
        byte[] file = Model(network, architecture, sizes, ImageFit.Crop).ToOnnx(new OnnxOptions { Preprocessing = Preprocessing.Inside });
        using var session = new OnnxSession(file, 1);

        JsonNode facts = JsonNode.Parse(session.Metadata[OnnxModel.MetadataKey])!;
        Assert.Equal(["a", "b", "c", "d", "e"], facts["classes"]!.AsArray().Select(name => (string)name!));
        Assert.Equal((18, 3), ((int)facts["image_size"]!, (int)facts["channels"]!));
        Assert.Equal(("crop", "inside"), ((string)facts["fit"]!, (string)facts["preprocessing"]!));
        Assert.Equal([0.25f, 0.5f, 0.125f], facts["mean"]!.AsArray().Select(value => (float)value!));
        // A channel whose pixels are all equal is not divided.
        Assert.Equal([0.25f, 1, 0.3f], facts["deviation"]!.AsArray().Select(value => (float)value!));
        Assert.Equal((family.Space.Name, family.Space.Format(architecture)), ((string)facts["space"]!, (string)facts["architecture"]!));
    }

    private static int Nodes(byte[] file, string operation) =>
        Onnx.Protocol.ModelProto.Parser.ParseFrom(file).Graph.Node.Count(node => node.OpType == operation);

    // Whole numbers of 8 bits are a coarse grid: what they compute must follow what torch computes.
    [Theory]
    [MemberData(nameof(EverySpace))]
    public void InEightBits_TheLogitsFollowThoseOfTorch(string name, bool inside)
    {
        (SpaceFamily family, NetworkOptions sizes) = Spaces[name];
        RandomStream random = RandomStream.Derive(5, name);
        Architecture architecture = UniformArchitectures.Draw(family.Space, random);
        using Network network = family.Standalone(sizes, architecture, CPU, random);
        Scatter(network, random);
        ExportableModel model = Model(network, architecture, sizes);
        byte[] pixels = Noise(model, random);
        using var images = ImageSet.FromArray(
            pixels, new int[Images], sizes.InputChannels, sizes.ImageSize, sizes.ImageSize, model.Card.Classes);
        var options = new OnnxOptions { Int8 = true, Preprocessing = inside ? Preprocessing.Inside : Preprocessing.Outside };
        byte[] file = model.ToOnnx(options, images);

        OnnxAgreement agreement = OnnxCheck.Run(
            model, options, new CheckImages(pixels, null, "noise"), file, bytes => new OnnxSession(bytes, 1));
        Assert.InRange(agreement.LargestDifference, 1e-6, 0.2);
        Onnx.Protocol.GraphProto graph = Onnx.Protocol.ModelProto.Parser.ParseFrom(file).Graph;
        Dictionary<string, int> types = graph.Initializer.ToDictionary(weight => weight.Name, weight => weight.DataType);
        string[] layers = [.. graph.Node.Where(node => node.OpType == "Conv").Select(node => node.Input[1])];
        Assert.NotEmpty(layers);
        // But for those of a module, whose inside is its own.
        if (name != "GatedSpace") Assert.All(layers, read => Assert.EndsWith(".read", read, StringComparison.Ordinal));
        Assert.Contains((int)Onnx.Protocol.TensorProto.Types.DataType.Int8, types.Values);
        Assert.Equal("int8", (string)Facts(file)["quantization"]!);
        Save(model, options, pixels, file);
    }

    [Fact]
    public void EightBits_FoldBatchNorms()
    {
        (SpaceFamily family, NetworkOptions sizes) = Spaces["nasbench201"];
        Architecture architecture = UniformArchitectures.Draw(family.Space, RandomStream.Derive(3, "fold"));
        using Network network = family.Standalone(sizes, architecture, CPU, RandomStream.Derive(3, "fold"));
        var error = Assert.Throws<BadOptionException>(() => ModelExport.WriteOnnx(
            "none", Model(network, architecture, sizes), new OnnxOptions { Int8 = true, FoldNorms = false }, "none.onnx",
            ProgramContext.For(null, TestContext.Current.CancellationToken, null)));
        Assert.Equal("FoldNorms is false, but Int8 folds batch norms: leave one of them out", error.Message);
    }

    private static JsonNode Facts(byte[] file)
    {
        using var session = new OnnxSession(file, 1);
        return JsonNode.Parse(session.Metadata[OnnxModel.MetadataKey])!;
    }

    // Files for tools/check-onnx.py, which opens them in other runtimes.
    private static void Save(ExportableModel model, OnnxOptions options, byte[] pixels, byte[] file)
    {
        if (Environment.GetEnvironmentVariable("PANDA_ONNX_OUT") is not { Length: > 0 } folder) return;
        Directory.CreateDirectory(folder);
        string name = Path.Combine(folder, $"{model.Card.Space}-{Directory.GetFiles(folder, "*.onnx").Length:000}");
        File.WriteAllBytes(name + ".onnx", file);
        (int channels, int side) = (model.Preprocessing.Channels, model.Preprocessing.Side);
        using var runner = new OnnxSession(file, 1);
        using var scope = NewDisposeScope();
        Tensor bytes = tensor(pixels, [Images, channels, side, side]), seen = bytes.permute(0, 2, 3, 1).contiguous();
        float[] logits;
        if (options.Preprocessing == Preprocessing.Inside) logits = runner.Run(seen.data<byte>().ToArray(), Images, side, side, channels);
        else
        {
            using var first = new OnnxSession(OnnxModel.Write(model.Preprocessing), 1);
            float[] normalized = first.Run(seen.data<byte>().ToArray(), Images, side, side, channels);
            seen = tensor(normalized, [Images, channels, side, side]);
            logits = runner.Run(normalized, Images, channels, side, side);
        }
        using FileStream stream = File.Create(name + ".safetensors");
        SafeTensors.Write(
            stream, [KeyValuePair.Create("images", seen), KeyValuePair.Create("logits", tensor(logits, [Images, logits.Length / Images]))],
            new Dictionary<string, string>());
    }

    private static byte[] Noise(ExportableModel model, RandomStream random)
    {
        byte[] pixels = new byte[Images * model.Preprocessing.Channels * model.Preprocessing.Side * model.Preprocessing.Side];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.NextInt(256);
        return pixels;
    }

    private static void Agree(ExportableModel model, OnnxOptions options, RandomStream random)
    {
        byte[] pixels = Noise(model, random), file = model.ToOnnx(options);
        OnnxAgreement agreement = OnnxCheck.Run(
            model, options, new CheckImages(pixels, null, "noise"), file, bytes => new OnnxSession(bytes, 1));
        Save(model, options, pixels, file);
        Assert.InRange(agreement.LargestDifference, 0, OnnxCheck.Tolerance);
        Assert.Equal(Images, agreement.SameClasses);
    }

    private static ExportableModel Model(Network network, Architecture architecture, NetworkOptions sizes, ImageFit? fit = null)
    {
        var card = new ModelCard(
            ModelCard.CurrentVersion, network.Space.Name, null, network.Space.Format(architecture), sizes, Precision.Float32,
            [.. "abcde".Take(sizes.Classes).Select(letter => letter.ToString())],
            [.. new[] { 0.25f, 0.5f, 0.125f }.Take(sizes.InputChannels)],
            [.. new[] { 0.25f, 0, 0.3f }.Take(sizes.InputChannels)], fit, "#1e3c5a", 0.5);
        return new ExportableModel(network, architecture, card, IsRetrained: true);
    }

    // As after a training: no scale is 1, no mean 0.
    private static void Scatter(Network network, RandomStream random)
    {
        using var _ = no_grad();
        foreach ((string name, Tensor target) in network.State().Where(one => one.Tensor.dim() == 1))
        {
            float[] values = [.. Enumerable.Range(0, (int)target.numel()).Select(_ => (float)random.NextDouble())];
            using Tensor drawn = tensor(values);
            bool isShift = name.EndsWith("running_mean", StringComparison.Ordinal) || name.EndsWith("bias", StringComparison.Ordinal);
            using Tensor moved = drawn.add(Number.Of(isShift ? -0.5 : 0.5), Number.Of(1));
            target.copy_(moved);
        }
    }
}
