using System.Collections.Immutable;
using System.Globalization;

namespace PandaNas.Experiments.Options;

/// <summary>A stage of screening.</summary>
/// <param name="Images">How many ranking images score every architecture that reached the stage.</param>
/// <param name="Share">The share of them, best first, that goes on, in (0, 1).</param>
internal sealed record ScreeningStage(int Images, double Share);

/// <summary>Stages with more and more images for fewer and fewer architectures, before all images score those that are left.</summary>
/// <param name="Stages">The stages, images ascending; none is no screening.</param>
internal sealed record ScreeningPlan(ImmutableArray<ScreeningStage> Stages)
{
    /// <summary>Every architecture is scored on all images.</summary>
    public static ScreeningPlan None { get; } = new([]);

    /// <summary>The plan that options ask for; null is no screening.</summary>
    /// <exception cref="BadOptionException">It is no plan.</exception>
    public static ScreeningPlan Of(string? text) => text is null ? None : Parse(text);

    /// <summary>Reads a plan as users write it, for example <c>200:50%,1000:20%</c>.</summary>
    /// <exception cref="BadOptionException">An item is no stage, or the images do not grow from stage to stage.</exception>
    public static ScreeningPlan Parse(string text)
    {
        ImmutableArray<ScreeningStage> stages = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(ParseStage)];
        for (int i = 1; i < stages.Length; i++)
            if (stages[i].Images <= stages[i - 1].Images)
                throw new BadOptionException(
                    $"{stages[i].Images} images follow {stages[i - 1].Images}: every stage needs more images than the one before");
        return new ScreeningPlan(stages);
    }

    /// <summary>Throws if the last stage has as many images as those that score what is left.</summary>
    /// <param name="images">How many images score what is left.</param>
    /// <exception cref="BadOptionException">It has.</exception>
    public void CheckFits(int images)
    {
        if (!Stages.IsEmpty && Stages[^1].Images >= images)
            throw new BadOptionException(
                "screen",
                $"{Mention.Option("screen")}: its last stage has {Stages[^1].Images} images, but {images} score what is left: "
                + "choose fewer for the stage");
    }

    /// <summary>How many of so many architectures go on from a stage: at least 1.</summary>
    public static int Kept(ScreeningStage stage, int architectures) =>
        Math.Clamp((int)Math.Ceiling(stage.Share * architectures), 1, architectures);

    private static ScreeningStage ParseStage(string item)
    {
        if (item.Split(':') is [string images, string share]
            && int.TryParse(images, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= 2
            && share.EndsWith('%')
            && double.TryParse(
                share.AsSpan(0, share.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent)
            && percent is > 0 and < 100)
            return new ScreeningStage(count, percent / 100);
        throw new BadOptionException(
            $"'{item}' is no stage: write IMAGES:SHARE%, for example 200:25% for 200 images and the best quarter, "
            + "or several such as 200:50%,1000:20%");
    }
}
