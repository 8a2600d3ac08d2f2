using System.Collections.Immutable;

namespace PandaNas.Statistics;

/// <summary>How many of some labelled images were classified correctly, in all and class by class.</summary>
/// <param name="Images">How many images, at least 1.</param>
/// <param name="Accuracy">The share that was classified correctly, in [0, 1].</param>
/// <param name="Interval">Its 95% interval (Wilson), of the chance in these images alone.</param>
/// <param name="Classes">The same of every class, in the order of the labels.</param>
internal sealed record ClassificationScore(int Images, double Accuracy, Interval Interval, ImmutableArray<ClassScore> Classes)
{
    /// <summary>Counts.</summary>
    /// <param name="classes">The names of the classes.</param>
    /// <param name="labels">The true class of every image, at least one.</param>
    /// <param name="predicted">What each was taken for.</param>
    public static ClassificationScore Of(ImmutableArray<string> classes, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted)
    {
        int[] images = new int[classes.Length], correct = new int[classes.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            images[labels[i]]++;
            if (labels[i] == predicted[i]) correct[labels[i]]++;
        }
        double accuracy = correct.Sum() / (double)labels.Length;
        return new ClassificationScore(
            labels.Length, accuracy, WilsonInterval.Of(accuracy, labels.Length),
            [.. classes.Select((name, label) => ClassScore.Of(name, images[label], correct[label]))]);
    }
}

/// <summary>How many images of one class were classified correctly.</summary>
/// <param name="Class">The class.</param>
/// <param name="Images">How many images it has.</param>
/// <param name="Accuracy">The share of them that was taken for it, in [0, 1]; null without images.</param>
/// <param name="Interval">Its 95% interval (Wilson); null without images.</param>
internal sealed record ClassScore(string Class, int Images, double? Accuracy, Interval? Interval)
{
    public static ClassScore Of(string name, int images, int correct)
    {
        if (images == 0) return new ClassScore(name, 0, null, null);
        double share = correct / (double)images;
        return new ClassScore(name, images, share, WilsonInterval.Of(share, images));
    }
}
