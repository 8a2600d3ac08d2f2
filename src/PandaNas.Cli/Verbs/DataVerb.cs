using System.CommandLine;
using System.Globalization;
using PandaNas.Data;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda data</c>: looks at images.</summary>
internal static class DataVerb
{
    private sealed record ClassCount(string Name, int Train, int Test);

    private sealed record Inspection(
        string Data, string DataSet, int Channels, int Height, int Width, int Train, int Test, IReadOnlyList<ClassCount> Classes, IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation);

    public static Command Make(VerbContext context)
    {
        var inspect = new VerbCommand(
            "inspect",
            "Read images and say what they are: sizes, classes, counts, mean and deviation. Decodes and caches an image folder.",
            "",
            "panda data inspect images:cifar10",
            "panda data inspect idx:/usr/share/datasets/fashion-mnist --image-size 14",
            "panda data inspect fashion-mnist-small --json");
        var data = new Argument<string>("FORMAT:PATH") { Description = $"FORMAT is one of {string.Join(", ", DataSource.Formats)}" };
        var size = new Option<int>("--image-size") { Description = "scale images down to this side in pixels; 0 keeps them", HelpName = "N" };
        var cache = new Option<string?>("--cache") { Description = "folder for decoded images [default: the user's cache folder]", HelpName = "PATH" };
        Option<bool> json = VerbContext.JsonFlag();
        inspect.Add(data);
        foreach (Option option in (Option[])[size, cache, json]) inspect.Add(option);
        inspect.SetAction(parsed =>
        {
            Inspection result = Inspect(context, DataSource.Parse(parsed.GetValue(data)!), new ImageReadOptions(parsed.GetValue(size), parsed.GetValue(cache)));
            return context.Print(parsed.GetValue(json), result, output => Print(output, result));
        });
        return new VerbCommand("data", "Look at images.", "", "panda data inspect fashion-mnist-small") { inspect };
    }

    private static Inspection Inspect(VerbContext context, DataSource source, ImageReadOptions options) => context.WithProgress(work =>
    {
        using ImageData images = ImageDataReader.Open(source, options, work.Stop);
        ChannelStatistics statistics = ChannelStatistics.Of(images.Train);
        int[] train = CountByClass(images.Train), test = CountByClass(images.Test);
        return new Inspection(
            source.ToString(), images.DataSet, images.Train.Channels, images.Train.Height, images.Train.Width, images.Train.Count, images.Test.Count,
            [.. images.Train.ClassNames.Select((name, i) => new ClassCount(name, train[i], test[i]))], statistics.Mean, statistics.Deviation);
    });

    private static int[] CountByClass(ImageSet images)
    {
        var counts = new int[images.Classes];
        foreach (int label in images.Labels) counts[label]++;
        return counts;
    }

    private static void Print(TextWriter output, Inspection result)
    {
        output.WriteLine($"{result.Data}: data set '{result.DataSet}', {result.Train} training and {result.Test} test images of {result.Channels}x{result.Height}x{result.Width}");
        output.WriteLine($"mean {Numbers(result.Mean)}, deviation {Numbers(result.Deviation)} of the training images, pixels scaled to 0..1");
        Display.TextTable.Print(output, ["class", ">train", ">test"], result.Classes.Select(one => (IReadOnlyList<string>)
            [one.Name, one.Train.ToString(CultureInfo.InvariantCulture), one.Test.ToString(CultureInfo.InvariantCulture)]));
    }

    private static string Numbers(IReadOnlyList<float> values) => string.Join(' ', values.Select(value => value.ToString("F4", CultureInfo.InvariantCulture)));
}
