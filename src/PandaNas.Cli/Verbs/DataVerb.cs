using System.CommandLine;
using System.Globalization;
using PandaNas.Data;
using PandaNas.Experiments;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda data</c>: looks at images.</summary>
internal static class DataVerb
{
    private sealed record ClassCount(string Name, int Train, int Test);

    private sealed record Inspection(
        string Data, string DataSet, int Channels, int Height, int Width, int Train, int Test, int LeftOut, IReadOnlyList<string> Notes, IReadOnlyList<ClassCount> Classes, IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation);

    public static Command Make(VerbContext context)
    {
        var inspect = new VerbCommand(
            "inspect",
            "Read images and say what they are: sizes, classes, counts, mean and deviation. Checks every file of an image folder; decodes and caches a small one.",
            "",
            "panda data inspect images:cifar10",
            "panda data inspect images:imagenet --stream on --skip-corrupt",
            "panda data inspect idx:/usr/share/datasets/fashion-mnist --image-size 14",
            "panda data inspect fashion-mnist-small --json");
        var data = new Argument<string>("FORMAT:PATH") { Description = $"FORMAT is one of {string.Join(", ", DataSource.Formats)}" };
        Option<int> size = BenchVerb.Number("image-size", "side of the images in pixels; 0 keeps those of one square size and fits others", 0, 0, 4096);
        var stream = new Option<string>("--stream") { Description = "check the images of a folder without keeping them decoded; auto does from 1 GiB of decoded images on", HelpName = "auto|on|off", DefaultValueFactory = _ => "auto" };
        stream.AcceptOnlyFromAmong("auto", "on", "off");
        var fit = new Option<string>("--fit") { Description = "how pictures of a folder become squares; auto keeps those of one square size unless streamed, and crops others", HelpName = "auto|crop|squash|pad", DefaultValueFactory = _ => "auto" };
        fit.AcceptOnlyFromAmong("auto", "crop", "squash", "pad");
        var background = new Option<string>("--background") { Description = "what shows through transparent pictures and fills what padding adds: a name or #RRGGBB", HelpName = "COLOUR", DefaultValueFactory = _ => "white" };
        Option<int> workers = BenchVerb.Number("workers", "threads that check and decode; 0 is one a processor", 0, 0, 1024);
        var skip = new Option<bool>("--skip-corrupt") { Description = "leave damaged files of an image folder out, and say how many" };
        var cache = new Option<string?>("--cache") { Description = "folder for decoded images [default: the user's cache folder]", HelpName = "PATH" };
        Option<bool> json = VerbContext.JsonFlag();
        inspect.Add(data);
        foreach (Option option in (Option[])[size, fit, background, stream, workers, skip, cache, json]) inspect.Add(option);
        inspect.SetAction(parsed =>
        {
            var reading = new ImageReadOptions(parsed.GetValue(size), parsed.GetValue(cache), parsed.GetValue(workers))
            {
                Fit = Enum.Parse<ImageFit>(parsed.GetValue(fit)!, ignoreCase: true),
                Background = Colour.Parse(parsed.GetValue(background)!),
                Streaming = Enum.Parse<StreamingChoice>(parsed.GetValue(stream)!, ignoreCase: true),
                SkipCorrupt = parsed.GetValue(skip),
                Workers = parsed.GetValue(workers),
            };
            Inspection result = Inspect(context, DataSource.Parse(parsed.GetValue(data)!), reading);
            return context.Print(parsed.GetValue(json), result, output => Print(output, result));
        });
        return new VerbCommand("data", "Look at images.", "", "panda data inspect fashion-mnist-small") { inspect };
    }

    private static Inspection Inspect(VerbContext context, DataSource source, ImageReadOptions options) => context.WithProgress(work =>
    {
        using ImageData images = ImageDataReader.Open(source, options, work.Stop, new ReadProgress(work));
        ChannelStatistics statistics = images.Train.MeasureStatistics(work.Stop);
        int[] train = CountByClass(images.Train), test = CountByClass(images.Test);
        return new Inspection(
            source.ToString(), images.DataSet, images.Train.Channels, images.Train.Height, images.Train.Width, images.Train.Count, images.Test.Count, images.LeftOut, images.Notes,
            [.. images.Train.ClassNames.Select((name, i) => new ClassCount(name, train[i], test[i]))], statistics.Mean, statistics.Deviation);
    });

    private static int[] CountByClass(LabelledImages images)
    {
        var counts = new int[images.Classes];
        foreach (int label in images.Labels) counts[label]++;
        return counts;
    }

    private static void Print(TextWriter output, Inspection result)
    {
        output.WriteLine($"{result.Data}: data set '{result.DataSet}', {result.Train} training and {result.Test} test images of {result.Channels}x{result.Height}x{result.Width}");
        foreach (string note in result.Notes) output.WriteLine(note);
        output.WriteLine($"mean {Numbers(result.Mean)}, deviation {Numbers(result.Deviation)} of the training images, pixels scaled to 0..1");
        Display.TextTable.Print(output, ["class", ">train", ">test"], result.Classes.Select(one => (IReadOnlyList<string>)
            [one.Name, one.Train.ToString(CultureInfo.InvariantCulture), one.Test.ToString(CultureInfo.InvariantCulture)]));
    }

    private static string Numbers(IReadOnlyList<float> values) => string.Join(' ', values.Select(value => value.ToString("F4", CultureInfo.InvariantCulture)));
}
