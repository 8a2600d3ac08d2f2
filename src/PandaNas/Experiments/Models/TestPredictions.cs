using System.Collections.Immutable;
using PandaNas.Data.Batches;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Statistics;

namespace PandaNas.Experiments.Models;

/// <summary>
/// What a retrained network takes its test images for: the file <c>test-predictions.json</c> of the run. Its lists have an entry for every
/// test image, in the images' order.
/// </summary>
/// <param name="Classes">The names of the classes, by label.</param>
/// <param name="Paths">The images' files from the data set's folder, with '/' between names; empty where the data are no files.</param>
/// <param name="Labels">The true class of every image.</param>
/// <param name="Predicted">The class that it is taken for.</param>
/// <param name="Probability">How probable that class is found, in [0, 1].</param>
/// <param name="ProbabilityOfLabel">How probable the true class is found, in [0, 1].</param>
/// <param name="Mistakes">The mistakes made with the most confidence, the worst first, as pictures.</param>
internal sealed record TestPredictions(
    ImmutableArray<string> Classes, ImmutableArray<string> Paths, ImmutableArray<int> Labels, ImmutableArray<int> Predicted,
    ImmutableArray<float> Probability, ImmutableArray<float> ProbabilityOfLabel, ImmutableArray<TestMistake> Mistakes)
{
    /// <summary>The file's name in a retraining's folder.</summary>
    public const string FileName = "test-predictions.json";

    private const int MostMistakes = 24;

    /// <summary>How many images there are.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Count => Labels.Length;

    /// <summary>Counts what is right.</summary>
    public ClassificationScore Score() => ClassificationScore.Of(Classes, Labels.AsSpan(), Predicted.AsSpan());

    /// <summary>How many images of every class were taken for every class: [label, predicted].</summary>
    public int[,] Confusion()
    {
        int[,] counts = new int[Classes.Length, Classes.Length];
        for (int i = 0; i < Count; i++) counts[Labels[i], Predicted[i]]++;
        return counts;
    }

    /// <summary>What was found of the test images.</summary>
    /// <param name="images">The images.</param>
    /// <param name="paths">Their files; empty where they are none.</param>
    /// <param name="found">What each is taken for.</param>
    public static TestPredictions Of(LabelledImages images, ImmutableArray<string> paths, IReadOnlyList<ClassifiedImage> found) => new(
        images.ClassNames, paths, [.. found.Select(one => one.Label)], [.. found.Select(one => one.Predicted)],
        [.. found.Select(one => one.Probability)], [.. found.Select(one => one.ProbabilityOfLabel)],
        [
            .. found.Index()
                .Where(one => one.Item.Predicted != one.Item.Label)
                .OrderByDescending(one => one.Item.Probability)
                .ThenBy(one => one.Index)
                .Take(MostMistakes)
                .Select(one => new TestMistake(one.Index, Thumbnail.Of(images, one.Index))),
        ]);

    /// <summary>What a retraining found of its test images; null where it is not finished, or of a version that kept nothing.</summary>
    /// <exception cref="BadDataException">The file is damaged or was changed.</exception>
    public static TestPredictions? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        TestPredictions? predictions = SealedRecord.ReadResult<TestPredictions>(path);
        return predictions is null || predictions.IsWhole
            ? predictions
            : throw new BadDataException(
                $"cannot use '{path}': its lists do not fit each other. Delete it; continuing the run makes it anew.");
    }

    private bool IsWhole =>
        !Classes.IsDefault && !Paths.IsDefault && !Labels.IsDefault && !Predicted.IsDefault && !Probability.IsDefault
        && !ProbabilityOfLabel.IsDefault && !Mistakes.IsDefault && !Classes.Contains(null!) && !Paths.Contains(null!)
        && Labels.Length > 0 && (Paths.IsEmpty || Paths.Length == Count)
        && Predicted.Length == Count && Probability.Length == Count && ProbabilityOfLabel.Length == Count
        && Labels.Concat(Predicted).All(label => (uint)label < (uint)Classes.Length)
        && Mistakes.All(mistake => (uint)mistake.Image < (uint)Count);
}

/// <summary>A test image that was taken for another class.</summary>
/// <param name="Image">Its number among the test images, from 0.</param>
/// <param name="Png">The image as the network sees it, scaled down to at most 96 pixels a side, as a PNG file.</param>
internal sealed record TestMistake(int Image, byte[] Png);
