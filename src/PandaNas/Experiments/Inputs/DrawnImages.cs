using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using PandaNas.Data.Batches;
using PandaNas.Experiments.Runs;

namespace PandaNas.Experiments.Inputs;

/// <summary>
/// The images that a method which draws images by importance would draw the most and the least often in a next epoch, as pictures: the
/// file <c>drawn-images.json</c> of a trained supernet.
/// </summary>
/// <param name="Images">How many images there are.</param>
/// <param name="Most">Those drawn the most often, the first of all before the others.</param>
/// <param name="Least">Those drawn the least often, the last of all before the others.</param>
internal sealed record DrawnImages(int Images, ImmutableArray<DrawnImage> Most, ImmutableArray<DrawnImage> Least) : IJsonOnDeserialized
{
    /// <summary>The file's name in a supernet's folder.</summary>
    public const string FileName = "drawn-images.json";

    private const int MostShown = 12;

    // Knuth's multiplicative hash: 2³² by the golden ratio.
    private const uint Scatter = 2654435761;

    /// <summary>Refuses what the types of a file's values leave open.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Most.IsDefault || Least.IsDefault || Most.Concat(Least).Any(one => one is not { Class: not null, Png.Length: > 0 }))
            throw new JsonException("an image has no class or no picture");
    }

    /// <summary>What a distribution prefers; null where it prefers nothing.</summary>
    /// <param name="images">The images.</param>
    /// <param name="probabilities">The probability of each.</param>
    public static DrawnImages? Of(LabelledImages images, ReadOnlySpan<double> probabilities)
    {
        double[] all = probabilities.ToArray();
        if (all.Max() - all.Min() < 1e-9 / all.Length) return null;
        // Many may be drawn alike, and images are stored class by class: a multiplication scatters those.
        int[] order =
        [
            .. Enumerable.Range(0, all.Length)
                .OrderByDescending(example => all[example])
                .ThenBy(example => unchecked((uint)example * Scatter)),
        ];
        int shown = Math.Min(MostShown, all.Length / 2);
        int[] labels = [.. images.Labels];
        return new DrawnImages(
            all.Length, [.. order.Take(shown).Select(Drawn)], [.. order.Reverse().Take(shown).Select(Drawn)]);

        DrawnImage Drawn(int example) => new(
            example, images.ClassNames[labels[example]], all[example] * all.Length, Thumbnail.Of(images, example));
    }

    /// <summary>What a training kept; null where it is not finished, drew all alike, or was of a version that kept nothing.</summary>
    /// <exception cref="BadDataException">The file is damaged or was changed.</exception>
    public static DrawnImages? Read(string folder) => SealedRecord.ReadResult<DrawnImages>(Path.Combine(folder, FileName));
}

/// <summary>An image and how often it is drawn.</summary>
/// <param name="Image">Its number among the images that train, from 0.</param>
/// <param name="Class">Its class.</param>
/// <param name="Times">How many times as often as evenly.</param>
/// <param name="Png">The image as the network sees it, as a small PNG file.</param>
internal sealed record DrawnImage(int Image, string Class, double Times, byte[] Png);
