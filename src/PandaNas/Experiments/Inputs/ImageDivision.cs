using System.Globalization;
using PandaNas.Data.Batches;
using PandaNas.Data.Formats;
using PandaNas.Experiments.Options;
using PandaNas.Sampling;

namespace PandaNas.Experiments.Inputs;

/// <summary>Which images of a data set train and which rank, by a run's protocol; its test images always test.</summary>
/// <param name="Train">The images that train.</param>
/// <param name="Ranking">The images that rank and steer the search, in random order.</param>
/// <param name="RankingPart">What those are: validation or test.</param>
/// <param name="Notes">What is to be said about it: one sentence each.</param>
internal sealed record ImageDivision(LabelledImages Train, LabelledImages Ranking, string RankingPart, IReadOnlyList<string> Notes)
{
    /// <summary>The division of a supernet's training, ranking and search.</summary>
    /// <exception cref="BadOptionException">The options ask for more images than there are.</exception>
    public static ImageDivision ForSupernet(SupernetOptions options, ImageData stored)
    {
        var notes = new List<string>();
        RandomStream random = RandomStream.Derive(options.Seed, "split");
        LabelledImages all = stored.Train;
        if (options.Protocol == Protocol.Released)
        {
            if (stored.Validation is { } unused)
                notes.Add(
                    $"the {unused.Count} validation images are not used: {Mention.Option("protocol")} released ranks on the test images");
            return new ImageDivision(Limit(options, all, random, notes), Shuffled(stored.Test, AllOf(stored.Test), random), "test", notes);
        }
        if (stored.Validation is { } validation)
        {
            notes.Add(
                $"the data has {validation.Count} validation images of its own, which rank: all {all.Count} training images train, "
                + $"and {Mention.Option("validation-images")} is not used");
            return new ImageDivision(
                Limit(options, all, random, notes), Shuffled(validation, AllOf(validation), random), "validation", notes);
        }
        (int[] rest, int[] held) = StratifiedSplit.Split(all.Labels, all.Classes, HeldOut(options, all, notes), random);
        return new ImageDivision(Limit(options, all.Select(rest), random, notes), Shuffled(all, held, random), "validation", notes);
    }

    /// <summary>The division of a retraining: all training images train but those held out, the test images score.</summary>
    /// <exception cref="BadOptionException">The options ask for more images than there are.</exception>
    public static ImageDivision ForRetraining(RetrainOptions options, ImageData stored)
    {
        var notes = new List<string>();
        RandomStream random = RandomStream.Derive(options.Seed, "split");
        LabelledImages all = stored.Train;
        if (stored.Validation is { } unused) notes.Add(
            $"the {unused.Count} validation images are not used: retraining trains on the training images and scores on the test images");
        if (options.HoldOut == 0) return new ImageDivision(Limit(options, all, random, notes), stored.Test, "test", notes);
        if (options.HoldOut >= all.Count)
            throw new BadOptionException(
                "hold-out",
                $"{Mention.Option("hold-out")} is {options.HoldOut}, but there are only {all.Count} training images: hold out fewer");
        (int[] rest, int[] held) = StratifiedSplit.Split(all.Labels, all.Classes, options.HoldOut, random);
        return new ImageDivision(Limit(options, all.Select(rest), random, notes), Shuffled(all, held, random), "validation", notes);
    }

    /// <summary>A view of some images in random order.</summary>
    public static LabelledImages Shuffled(LabelledImages images, int[] examples, RandomStream random)
    {
        random.Shuffle<int>(examples);
        return images.Select(examples);
    }

    private static int HeldOut(SupernetOptions options, LabelledImages all, List<string> notes)
    {
        int asked = options.ValidationImages > 0 ? options.ValidationImages : Math.Max(1, all.Count / 10);
        int most = options.ValidationShare < 1
            ? StratifiedSplit.Bounded(Math.Floor(options.ValidationShare * all.Count), StratifiedSplit.Sizes(all.Labels, all.Classes))
            : int.MaxValue;
        if (Math.Min(asked, most) >= all.Count)
            throw new BadOptionException(
                "validation-images",
                $"{Mention.Option("validation-images")} is {asked}, but there are only {all.Count} training images: hold out fewer");
        if (asked <= most) return asked;
        notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{Mention.Option("validation-images")} is {most} instead of {asked}: at most {100 * options.ValidationShare:0.#}% "
            + $"of the {all.Count} training images are held out ({Mention.Option("validation-share")})"));
        return most;
    }

    private static LabelledImages Limit(TrainingRunOptions options, LabelledImages images, RandomStream random, List<string> notes)
    {
        if (options.TrainImages > images.Count)
            throw new BadOptionException(
                "train-images",
                $"{Mention.Option("train-images")} is {options.TrainImages}, but only {images.Count} are there to train: "
                + "choose fewer, or 0 for all");
        int count = options.TrainImages > 0 ? options.TrainImages
            : options.MostTrainImages > 0 ? Math.Min(options.MostTrainImages, images.Count)
            : 0;
        if (options.TrainImages == 0 && count > 0 && count < options.MostTrainImages)
            notes.Add(
                $"all {images.Count} images that are not held out train, "
                + $"fewer than the {options.MostTrainImages} of {Mention.Option("most-train-images")}");
        return count == 0 || options.TrainImages == 0 && count == images.Count
            ? images
            : images.Select(StratifiedSplit.Subset(images.Labels, images.Classes, count, random));
    }

    /// <summary>The numbers of all images.</summary>
    public static int[] AllOf(LabelledImages images) => [.. Enumerable.Range(0, images.Count)];
}
