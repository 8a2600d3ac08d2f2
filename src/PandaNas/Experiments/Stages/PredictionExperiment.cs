using System.Collections.Immutable;
using PandaNas.Data.Folders;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Statistics;

namespace PandaNas.Experiments.Stages;

/// <summary>What a model says of a picture's file.</summary>
/// <param name="Image">The file, from the folder if it lies in one.</param>
/// <param name="TrueClass">The class that its folder says; null for none.</param>
/// <param name="Classes">The most probable classes; empty where it cannot be read.</param>
/// <param name="Error">Why it cannot be read; null where it can.</param>
internal sealed record PredictedImage(string Image, string? TrueClass, ImmutableArray<ClassProbability> Classes, string? Error);

/// <summary>How often images of one class were taken for another.</summary>
/// <param name="TrueClass">The class.</param>
/// <param name="PredictedClass">What they were taken for, which may be the same.</param>
/// <param name="Images">How many.</param>
internal sealed record ConfusedClasses(string TrueClass, string PredictedClass, int Images);

/// <summary>How many images were taken for a class.</summary>
/// <param name="Class">The class.</param>
/// <param name="Images">How many.</param>
internal sealed record ClassCount(string Class, int Images);

/// <summary>What a model says of pictures.</summary>
/// <param name="Model">The model's folder or file.</param>
/// <param name="Architecture">Its architecture in the notation of its space.</param>
/// <param name="Images">How many pictures were classified.</param>
/// <param name="Unreadable">How many could not be read.</param>
/// <param name="Seconds">From the first file to the last class.</param>
/// <param name="ImagesPerSecond">Pictures that were classified, over that.</param>
/// <param name="Score">How many are right, where folders say what they are.</param>
/// <param name="Confusion">What the images of every class were taken for: pairs that occur, in the order of the classes.</param>
/// <param name="Predicted">How many were taken for every class that occurs, in the order of the classes.</param>
/// <param name="Notes">What is to be said: one sentence each.</param>
/// <param name="Predictions">Every picture; empty if each was handed out as soon as it was known.</param>
internal sealed record PredictionResult(
    string Model, string Architecture, int Images, int Unreadable, double Seconds, double ImagesPerSecond, ClassificationScore? Score,
    ImmutableArray<ConfusedClasses> Confusion, ImmutableArray<ClassCount> Predicted, ImmutableArray<string> Notes,
    ImmutableArray<PredictedImage> Predictions);

/// <summary>Classifies pictures in files and folders.</summary>
internal static class PredictionExperiment
{
    private const string Stage = "predict";
    private const int ReportEvery = 16;

    /// <summary>Classifies a picture that is read from a stream.</summary>
    /// <param name="model">The model.</param>
    /// <param name="picture">The picture's file.</param>
    /// <param name="name">What messages and the result call it.</param>
    /// <param name="options">How.</param>
    /// <param name="context">The clock.</param>
    /// <exception cref="BadDataException">It cannot be read.</exception>
    public static PredictionResult Run(Classifier model, Stream picture, string name, PredictOptions options, RunContext context)
    {
        options.Validate();
        var count = new Count(model.Classes);
        var kept = new List<PredictedImage>();
        long started = context.Clock.GetTimestamp();
        Prediction said = model.Predict(picture, name);
        count.Take(new PredictedImage(name, null, [.. said.Classes.Take(options.Top)], null), null, kept.Add);
        return count.Result(model, context.Clock.GetElapsedTime(started).TotalSeconds, [], [.. kept]);
    }

    /// <summary>Classifies files, or the pictures in a folder; where one of several cannot be read, the others are classified.</summary>
    /// <param name="model">The model.</param>
    /// <param name="paths">One or more files, or one folder.</param>
    /// <param name="options">How.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <param name="each">Receives every picture as soon as it is known; null keeps them for the result.</param>
    /// <exception cref="BadDataException">There is nothing to classify, or the only picture cannot be read.</exception>
    public static PredictionResult Run(
        Classifier model, IReadOnlyList<string> paths, PredictOptions options, RunContext context, Action<PredictedImage>? each)
    {
        options.Validate();
        PictureSearch search = Find(model, paths, context.Stop);
        foreach (string note in search.Notes) context.Note($"{note}.");
        var count = new Count(model.Classes);
        var kept = new List<PredictedImage>();
        each ??= kept.Add;
        foreach (string name in search.Unnameable)
            count.Take(new PredictedImage(name, null, [], $"the name of '{name}' is not UTF-8: rename it."), null, each);
        long started = context.Clock.GetTimestamp();
        int total = search.Pictures.Length, done = 0;
        string[] files = [.. search.Pictures.Select(picture => picture.Path)];
        foreach ((ClassifiedPicture one, FoundPicture picture) in
            model.PredictEach(files, options.Workers, context.Stop).Zip(search.Pictures))
        {
            if (one.Fault is { } fault && paths.Count == 1 && total == 1 && picture.Path == paths[0]) throw fault;
            string? label = picture.Label is { } number ? model.Classes[number] : null;
            count.Take(
                new PredictedImage(
                    picture.Name, label, one.Prediction is { } said ? [.. said.Classes.Take(options.Top)] : [], one.Fault?.Message),
                picture.Label, each);
            if (++done % ReportEvery == 0 || (done == total && total > 1))
                context.Report(
                    Stage, done / (double)total, FormattableString.Invariant($"{done:N0} of {PlainText.Count(total, "image")}"));
        }
        double seconds = context.Clock.GetElapsedTime(started).TotalSeconds;
        return count.Result(model, seconds, search.Notes, [.. kept]);
    }

    private static PictureSearch Find(Classifier model, IReadOnlyList<string> paths, CancellationToken stop)
    {
        if (paths is [var one] && Directory.Exists(one)) return PictureSearch.In(one, model.Classes, stop);
        if (paths.FirstOrDefault(Directory.Exists) is { } folder)
            throw new BadOptionException($"'{folder}' is a folder, and not the only argument: name one folder, or images");
        return new PictureSearch([.. paths.Select(path => new FoundPicture(path, path, null))], [], []);
    }

    /// <summary>Counts what was found.</summary>
    private sealed class Count(ImmutableArray<string> classes)
    {
        private readonly Dictionary<string, int> _numbers =
            classes.Index().DistinctBy(one => one.Item).ToDictionary(one => one.Item, one => one.Index);

        private readonly List<int> _labels = [], _predicted = [];
        private readonly int[] _images = new int[classes.Length];
        private int _unreadable;

        public void Take(PredictedImage image, int? label, Action<PredictedImage> each)
        {
            each(image);
            if (image.Classes.IsEmpty)
            {
                _unreadable++;
                return;
            }
            int predicted = _numbers[image.Classes[0].Label];
            _images[predicted]++;
            if (label is not { } known) return;
            _labels.Add(known);
            _predicted.Add(predicted);
        }

        public PredictionResult Result(
            Classifier model, double seconds, ImmutableArray<string> notes, ImmutableArray<PredictedImage> kept)
        {
            int images = _images.Sum();
            if (images == 0)
                throw new BadDataException(
                    $"none of {PlainText.Count(_unreadable, "image")} can be read; the first of them: "
                    + (kept.IsEmpty ? "see above" : kept[0].Error));
            return new PredictionResult(
                model.Source, model.Architecture, images, _unreadable, seconds, images / seconds,
                _labels.Count == 0 ? null : ClassificationScore.Of(classes, _labels.ToArray(), _predicted.ToArray()),
                [
                    .. _labels.Zip(_predicted).CountBy(pair => pair).OrderBy(one => one.Key)
                        .Select(one => new ConfusedClasses(classes[one.Key.First], classes[one.Key.Second], one.Value)),
                ],
                [.. classes.Zip(_images, (name, number) => new ClassCount(name, number)).Where(one => one.Images > 0)],
                notes, kept);
        }
    }
}
