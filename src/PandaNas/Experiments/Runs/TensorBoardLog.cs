using System.Collections.Immutable;
using Google.Protobuf;
using PandaNas.Data.Batches;
using PandaNas.Runtime.Files;
using PandaNas.Training;
using SkiaSharp;
using Tensorboard;

namespace PandaNas.Experiments.Runs;

/// <summary>
/// What a training shows in TensorBoard, an event for each epoch, in one file whose steps are epochs. Continued, a run continues its
/// curves: what the training does again is taken back, and what only the log knows is added.
/// </summary>
/// <param name="folder">TensorBoard's folder.</param>
/// <param name="run">The run.</param>
/// <param name="statistics">By which its images are normalised.</param>
/// <param name="clock">The time of the events.</param>
internal sealed class TensorBoardLog(string folder, RunDirectory run, ChannelStatistics statistics, TimeProvider clock)
{
    // TensorBoard knows its files by this word, wherever it stands in their name.
    private const string FileName = "events.out.tfevents.panda", FileSign = "*tfevents*";
    private const string RunTag = "run", BatchTag = "batch/augmented";
    private const int MostImages = 64, Columns = 8, Gap = 2, LeastSide = 48, MostSide = 128, Buckets = 40;

    private readonly EventFile _file = new(Path.Combine(folder, FileName));
    private bool _hasBatch;

    /// <summary>The log of a run; null where its options name no folder.</summary>
    public static TensorBoardLog? Of(string? folder, RunDirectory run, ChannelStatistics statistics, TimeProvider clock) =>
        folder is null ? null : new TensorBoardLog(folder, run, statistics, clock);

    /// <summary>Throws if curves of a new run would mix with those of another.</summary>
    /// <param name="folder">TensorBoard's folder; null for none.</param>
    /// <exception cref="BadOptionException">It holds files of TensorBoard already, or is a file.</exception>
    public static void RequireFree(string? folder)
    {
        if (folder is null) return;
        string option = Mention.Option("tensorboard", nameof(Options.TrainingRunOptions.TensorBoardFolder));
        if (File.Exists(folder)) throw new BadOptionException("tensorboard", $"{option} is '{folder}', which is a file: name a folder");
        if (CurvesIn(folder) is { } other)
            throw new BadOptionException(
                "tensorboard",
                $"{option} is '{folder}', which holds curves already ('{Path.GetFileName(other)}'): name a folder of its own, for example "
                + $"'{Path.Combine(folder, "2")}'. TensorBoard shows all runs that lie below the folder it is given");
    }

    /// <summary>Brings the file to where the training stands.</summary>
    /// <param name="trainer">The training.</param>
    /// <param name="epochs">Its epochs so far.</param>
    /// <exception cref="BadOptionException">The file is that of another run.</exception>
    public void Begin(Trainer trainer, ImmutableArray<EpochRecord> epochs)
    {
        AtomicFile.CreateFolder(folder);
        string identity = SealedRecord.HashOf(RunDirectory.ReadFacts(run.Path));
        List<(Event Event, int End)> events = _file.Read();
        string owner = OwnerOf(events);
        // Nothing of another run is touched. A file without an owner is what a process left that was killed with its first events.
        if (owner.Length > 0 ? !owner.StartsWith(identity, StringComparison.Ordinal) : !_file.IsShort) RequireFree(folder);
        List<(Event Event, int End)> kept = owner.Length == 0 ? [] : [.. events.TakeWhile(one => one.Event.Step <= epochs.Length)];
        _file.Cut(kept.Count == 0 ? 0 : kept[^1].End);
        if (kept.Count == 0) _file.Append(NewEvent(0, Text(RunTag, $"{identity} {run.Path}")));
        Event[] summaries = [.. kept.Select(one => one.Event).Where(one => one.Summary is not null)];
        _hasBatch = summaries.Any(one => one.Summary.Value.Any(value => value.Tag == BatchTag));
        long last = summaries.Select(one => one.Step).DefaultIfEmpty().Max();
        foreach (EpochRecord epoch in epochs.Where(epoch => epoch.Epoch > last))
            _file.Append(NewEvent(epoch.Epoch, Scalars(trainer, epoch)));
    }

    /// <summary>Shows the first images as they are trained, once.</summary>
    public void AddFirstBatch(Trainer trainer)
    {
        if (_hasBatch) return;
        _hasBatch = true;
        using Batch? batch = trainer.FirstBatch(MostImages);
        if (batch is not null) _file.Append(NewEvent(0, new Summary.Types.Value { Tag = BatchTag, Image = Picture(batch) }));
    }

    /// <summary>Shows an epoch that has just ended.</summary>
    public void Add(Trainer trainer, EpochRecord epoch)
    {
        double count = trainer.DataProbabilities.Length;
        double[] relative = [.. trainer.DataProbabilities.ToArray().Select(probability => probability * count)];
        _file.Append(NewEvent(epoch.Epoch,
        [
            .. Scalars(trainer, epoch),
            new Summary.Types.Value { Tag = "data/relative_probability", Histo = Histogram(relative) },
            new Summary.Types.Value { Tag = "paths/probabilities", Histo = Histogram([.. epoch.PathProbabilities]) },
        ]));
    }

    private static string? CurvesIn(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, FileSign).FirstOrDefault() : null;
        }
        catch (Exception error) when (AtomicFile.IsFailureToWrite(error))
        {
            throw AtomicFile.CannotWrite(folder, error);
        }
    }

    private static IEnumerable<Summary.Types.Value> Scalars(Trainer trainer, EpochRecord epoch)
    {
        (string Tag, double Value)[] scalars =
        [
            ("train/loss", epoch.Loss), ("train/accuracy", epoch.Accuracy), ("train/learning_rate", epoch.LearningRate),
            ("train/passes", epoch.Passes), ("train/seconds", epoch.Seconds),
            ("data/entropy", epoch.DataEntropy), ("data/effective_sample_size", epoch.DataEffectiveSampleSize),
            .. trainer.Operations.Zip(epoch.PathProbabilities, (operation, probability) => ($"paths/probability/{operation}", probability)),
        ];
        return scalars.Select(one => new Summary.Types.Value { Tag = one.Tag, SimpleValue = (float)one.Value });
    }

    private Event NewEvent(int step, params IEnumerable<Summary.Types.Value> values)
    {
        var summary = new Summary();
        summary.Value.AddRange(values);
        return new Event { Step = step, WallTime = clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0, Summary = summary };
    }

    private static Summary.Types.Value Text(string tag, string text)
    {
        var tensor = new TensorProto { Dtype = DataType.DtString };
        tensor.StringVal.Add(ByteString.CopyFromUtf8(text));
        return new Summary.Types.Value
        {
            Tag = tag,
            Tensor = tensor,
            Metadata = new SummaryMetadata { PluginData = new SummaryMetadata.Types.PluginData { PluginName = "text" } },
        };
    }

    // The first event only tells the file's version.
    private static string OwnerOf(List<(Event Event, int End)> events) =>
        events.Take(2).SelectMany(one => one.Event.Summary?.Value ?? []).FirstOrDefault(value => value.Tag == RunTag)
            ?.Tensor?.StringVal.FirstOrDefault()?.ToStringUtf8() ?? "";

    private static HistogramProto Histogram(double[] values)
    {
        double least = values.Min(), most = values.Max(), width = Math.Max((most - least) / Buckets, double.Epsilon);
        var histogram = new HistogramProto
        {
            Min = least,
            Max = most,
            Num = values.Length,
            Sum = values.Sum(),
            SumSquares = values.Sum(value => value * value),
        };
        double[] counts = new double[most > least ? Buckets : 1];
        foreach (double value in values) counts[Math.Min((int)((value - least) / width), counts.Length - 1)]++;
        // A limit is the upper end of its bucket.
        histogram.BucketLimit.AddRange(Enumerable.Range(1, counts.Length).Select(i => i == counts.Length ? most : least + i * width));
        histogram.Bucket.AddRange(counts);
        return histogram;
    }

    private Summary.Types.Image Picture(Batch batch)
    {
        int count = (int)batch.Images.shape[0], height = (int)batch.Images.shape[2];
        int side = height >= LeastSide ? Math.Min(height, MostSide) : (LeastSide + height - 1) / height * height;
        int columns = Math.Min(count, Columns), rows = (count + columns - 1) / columns;
        using var sheet = new SKBitmap(new SKImageInfo(
            columns * (side + Gap) - Gap, rows * (side + Gap) - Gap, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(sheet);
        canvas.Clear(SKColors.White);
        var sampling = new SKSamplingOptions(height > MostSide ? SKFilterMode.Linear : SKFilterMode.Nearest);
        for (int i = 0; i < count; i++)
        {
            using SKBitmap picture = BatchPicture.Of(batch, i, statistics);
            using SKImage image = SKImage.FromBitmap(picture);
            canvas.DrawImage(image, SKRect.Create(i % columns * (side + Gap), i / columns * (side + Gap), side, side), sampling);
        }
        canvas.Flush();
        using SKData png = sheet.Encode(SKEncodedImageFormat.Png, 100);
        return new Summary.Types.Image
        {
            Width = sheet.Width,
            Height = sheet.Height,
            Colorspace = 3,
            EncodedImageString = ByteString.CopyFrom(png.Span),
        };
    }
}
