using System.Diagnostics.CodeAnalysis;
using PandaNas.Data.Batches;
using PandaNas.Data.Formats;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Exporting;
using PandaNas.Runtime.Files;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Stages;

/// <summary>The kinds of file that a network is exported to.</summary>
internal enum ExportFormat
{
    /// <summary>The network with its weights, for ONNX Runtime and others.</summary>
    Onnx,

    /// <summary>The weights by name.</summary>
    SafeTensors,
}

/// <summary>What exporting a network gave.</summary>
/// <param name="File">The file.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Format">Its kind.</param>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="Onnx">How it was written; null for safetensors.</param>
/// <param name="Agreement">What a runtime makes of it; null if none ran.</param>
/// <param name="CheckedOn">The images on which it ran.</param>
/// <param name="Statistics">
/// How the running statistics of a supernet's architecture were made, and what that does; null for a retrained network.
/// </param>
/// <param name="Seconds">How long it took.</param>
internal sealed record ExportResult(
    string File, long Bytes, ExportFormat Format, string Architecture, OnnxOptions? Onnx, OnnxAgreement? Agreement, string? CheckedOn,
    InheritedStatistics? Statistics, double Seconds);

/// <summary>Writes the network of a run to a file that needs nothing else.</summary>
internal static class ModelExport
{
    // Test images that a model is checked on: as many as take about a second, by the multiply-adds of an image.
    private const int FewestImages = 64, MostImages = 1_000;
    private const long CheckedMultiplyAdds = 14_000_000_000;

    /// <summary>Exports.</summary>
    /// <param name="folder">The folder of a retraining or a supernet.</param>
    /// <param name="architecture">Of a supernet: in the space's notation, or best; null for a retraining.</param>
    /// <param name="format">The kind of file.</param>
    /// <param name="options">How an ONNX model is written.</param>
    /// <param name="file">The file; one of the same name is replaced.</param>
    /// <param name="adjust">Changes options that do not affect results.</param>
    /// <param name="context">Notes, clock and the wish to stop.</param>
    /// <param name="open">Opens an ONNX model in a runtime that checks it; null checks nothing.</param>
    public static ExportResult Export(
        string folder, string? architecture, ExportFormat format, OnnxOptions options, string file, Func<SupernetOptions,
        SupernetOptions> adjust, RunContext context,
        Func<byte[], IOnnxRunner>? open)
    {
        if (string.IsNullOrWhiteSpace(file)) throw new BadOptionException("out is empty: name a file");
        RequireConsistent(options);
        long started = context.Clock.GetTimestamp();
        if (!File.Exists(Path.Combine(folder, ModelCard.FileName)) && RunDirectory.KindOf(folder) == RunKind.Supernet)
        {
            architecture = architecture switch
            {
                null => throw new BadOptionException(
                    $"architecture is missing: '{folder}' is a supernet; give one in the space's notation, or best"),
                "best" => SearchExperiment.BestOf(folder),
                _ => architecture,
            };
            // An exported file computes in single precision.
            using var supernet = SupernetEvaluation.Open(
                folder, 0, 0, stored => adjust(stored) with { Precision = PrecisionChoice.Float32 }, context);
            Architecture chosen = ArchitectureSelection.Parse(supernet.Family.Space, architecture);
            (ExportableModel inherited, InheritedStatistics statistics) = supernet.TakeOut(chosen, context);
            using (inherited.Network) return Write(inherited, supernet.Family, statistics, supernet.RunImages);
        }
        if (architecture is not null)
            throw new BadOptionException(
                $"architecture is given, but '{folder}' is no supernet: a retraining has a network of its own; leave it out");
        using Model model = Model.Load(folder, context.Catalog);
        ModelCard card = model.Exportable.Card;
        using ImageData? images = format == ExportFormat.Onnx ? Images(folder, model.Exportable, options, adjust, context) : null;
        RunImages? seen = images is null ? null : new RunImages(images.Train, images.Test);
        return Write(model.Exportable, card.FindSpace(folder, context.Catalog), null, seen);

        ExportResult Write(ExportableModel one, SpaceFamily family, InheritedStatistics? statistics, RunImages? images)
        {
            context.Stop.ThrowIfCancellationRequested();
            int most = ImagesFor(family, one.Card.Network, one.Architecture);
            ExportResult result = format == ExportFormat.SafeTensors
                ? WriteSafeTensors(one, file)
                : WriteOnnx(one, options, file, images, most, open);
            return result with { Statistics = statistics, Seconds = context.Clock.GetElapsedTime(started).TotalSeconds };
        }
    }

    /// <summary>Writes a retraining's model as ONNX, without a check.</summary>
    public static void WriteOnnx(string folder, ExportableModel model, OnnxOptions options, string file, RunContext context)
    {
        RequireConsistent(options);
        using ImageData? images = options.Int8 ? Images(folder, model, options, stored => stored, context) : null;
        WriteOnnx(model, options, file, images?.Train);
    }

    /// <summary>The same with the run's training images at hand, which a model of 8 bits needs.</summary>
    public static void WriteOnnx(ExportableModel model, OnnxOptions options, string file, LabelledImages? training)
    {
        RequireConsistent(options);
        byte[] bytes = model.ToOnnx(options, training);
        AtomicFile.Write(file, stream => stream.Write(bytes));
    }

    private static void RequireConsistent(OnnxOptions options)
    {
        if (options is { Int8: true, FoldNorms: false })
            throw new BadOptionException(
                "fold-norms",
                $"{Mention.Option("fold-norms")} is false, but {Mention.Option("int8")} folds batch norms: leave one of them out");
    }

    private static CheckImages Some(LabelledImages images, int most, string of)
    {
        int[] examples = images.EvenlySpread(most);
        return new CheckImages(images.BytesOf(examples), [.. images.LabelsOf(examples).Select(label => (int)label)], of);
    }

    private static int ImagesFor(SpaceFamily family, NetworkOptions sizes, Architecture architecture) =>
        (int)Math.Clamp(CheckedMultiplyAdds / Math.Max(1, family.LiveCost(sizes, architecture).MultiplyAdds), FewestImages, MostImages);

    private static ExportResult WriteSafeTensors(ExportableModel model, string file)
    {
        model.WriteSafeTensors(file);
        return Written(model, ExportFormat.SafeTensors, null, null, null, file);
    }

    private static ExportResult WriteOnnx(
        ExportableModel model, OnnxOptions options, string file, RunImages? images, int most, Func<byte[], IOnnxRunner>? open)
    {
        byte[] bytes = model.ToOnnx(options, images?.Training);
        OnnxAgreement? agreement = null;
        string? of = null;
        if (open is not null)
        {
            CheckImages some = images is null
                ? new CheckImages(RandomPixels(model), null, "random images")
                : Some(images.Test, most, "test images");
            of = some.Of;
            agreement = OnnxCheck.Run(model, options, some, bytes, open);
            if (agreement is { Accuracy: { } accuracy, AccuracyInTorch: { } inTorch })
                bytes = model.WithAccuracy(bytes, options, new CheckedAccuracy(agreement.Images, accuracy, inTorch));
        }
        AtomicFile.Write(file, stream => stream.Write(bytes));
        return Written(model, ExportFormat.Onnx, options, agreement, of, file);
    }

    private static ExportResult Written(
        ExportableModel model, ExportFormat format, OnnxOptions? options, OnnxAgreement? agreement, string? of, string file) =>
        new(Path.GetFullPath(file), new FileInfo(file).Length, format, model.Card.Architecture, options, agreement, of, null, 0);

    private static ImageData? Images(
        string folder, ExportableModel model, OnnxOptions options, Func<SupernetOptions, SupernetOptions> adjust, RunContext context)
    {
        if (!TryOpen(folder, adjust, context, out ImageData? images, out string? reason))
        {
            if (options.Int8)
                throw new BadDataException(
                    $"{Mention.Option("int8")} finds its scales on training images of the run, but they cannot be read: {reason}");
            context.Note($"The model is checked on random pixels, because the images of the run cannot be read: {reason}");
            return null;
        }
        (int channels, int side) = (model.Preprocessing.Channels, model.Preprocessing.Side);
        if (images.Test.Channels == channels && images.Test.Height == side && images.Test.Width == side) return images;
        using (images) throw new BadDataException($"the images of '{folder}' are not those of its model: restore them");
    }

    // A model is whole without its images.
    private static bool TryOpen(
        string folder, Func<SupernetOptions, SupernetOptions> adjust, RunContext context, [NotNullWhen(true)] out ImageData? images,
        [NotNullWhen(false)] out string? reason)
    {
        (images, reason) = (null, null);
        try
        {
            RetrainOptions stored = RunDirectory.ReadOptions<RetrainOptions>(folder, context.Catalog);
            // Where the images are is an option of either kind of run.
            SupernetOptions asked = adjust(
                new SupernetOptions { Catalog = context.Catalog, Data = stored.Data, CacheFolder = stored.CacheFolder });
            images = ExperimentData.Read(stored with { Data = asked.Data, CacheFolder = asked.CacheFolder }, context.WithoutNotes);
            return true;
        }
        catch (BadDataException error)
        {
            reason = error.Message;
            return false;
        }
    }

    private static byte[] RandomPixels(ExportableModel model)
    {
        RandomStream random = RandomStream.Derive(0, "export");
        byte[] pixels = new byte[FewestImages * model.Preprocessing.Channels * model.Preprocessing.Side * model.Preprocessing.Side];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.NextInt(256);
        return pixels;
    }
}
