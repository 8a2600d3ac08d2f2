using System.Collections.Immutable;
using PandaNas.Data.Batches;

namespace PandaNas.Data.Formats;

/// <summary>
/// Recognises CIFAR-10 and CIFAR-100 kept as image files, whose truth tables hold for those too: by size, class names, the number of
/// images of every class, and mean and deviation of both parts, which re-encoding hardly changes. Names alone are no proof.
/// </summary>
internal static class CifarFingerprint
{
    // JPEG files of good quality differ by 0.002, other photographs by tens of that.
    private const float Tolerance = 0.005f;

    private sealed record Known(
        string Name, ImmutableArray<string> ClassNames,
        int Training, int Test, ChannelStatistics TrainingPixels, ChannelStatistics TestPixels);

    // Of the official binary files.
    private static readonly Known[] s_known =
    [
        new("cifar10", CifarClassNames.Cifar10, 5000, 1000,
            new([0.4914f, 0.4822f, 0.4465f], [0.2470f, 0.2435f, 0.2616f]), new([0.4942f, 0.4851f, 0.4504f], [0.2467f, 0.2429f, 0.2616f])),
        new("cifar100", CifarClassNames.Cifar100, 500, 100,
            new([0.5071f, 0.4865f, 0.4409f], [0.2673f, 0.2564f, 0.2762f]), new([0.5088f, 0.4874f, 0.4419f], [0.2683f, 0.2574f, 0.2771f])),
    ];

    /// <summary>
    /// The name of the data set; null if the images are nothing that is known, and a text that no truth table has for a column if only
    /// the names of the classes are.
    /// </summary>
    /// <param name="training">The training images at the size at which they are stored.</param>
    /// <param name="validation">Images for ranking that come with them, which were part of the training images.</param>
    /// <param name="test">The test images.</param>
    public static string? Identify(ImageSet training, ImageSet? validation, ImageSet test)
    {
        Known? known = s_known.FirstOrDefault(one => training.ClassNames.AsSpan().SequenceEqual(one.ClassNames.AsSpan()));
        if (known is null) return null;
        bool proven = training.Shape == CifarLayout.Shape
            && Counts([training, .. validation is null ? (ImageSet[])[] : [validation]], known.Training) && Counts([test], known.Test)
            && Near(training, known.TrainingPixels) && Near(test, known.TestPixels);
        return proven ? known.Name : $"images with the class names of {known.Name}";
    }

    private static bool Counts(ImageSet[] sets, int ofEveryClass)
    {
        var counts = new int[sets[0].Classes];
        foreach (ImageSet set in sets)
            foreach (int label in set.Labels) counts[label]++;
        return counts.All(count => count == ofEveryClass);
    }

    private static bool Near(ImageSet images, ChannelStatistics expected)
    {
        var found = ChannelStatistics.Of(images);
        var pairs = found.Mean.Zip(expected.Mean).Concat(found.Deviation.Zip(expected.Deviation));
        return pairs.All(pair => Math.Abs(pair.First - pair.Second) < Tolerance);
    }
}
