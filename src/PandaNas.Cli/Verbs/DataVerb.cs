using System.CommandLine;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Inspection;
using PandaNas.Experiments.Options;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda data</c>: looks at images.</summary>
internal static class DataVerb
{
    public static Command Make(VerbContext context)
    {
        var inspect = new VerbCommand(
            "inspect",
            "Look at images before a run: counts by class and part, sizes, formats, what is special, damaged or there twice, "
            + "and what a run would do with them. Reads every file of an image folder once.",
            "Files that cannot be used are named here and make a run end, unless it is started with --skip-corrupt.",
            "panda data inspect images:photos --preset nasbench201-cpu --sheet photos.png",
            "panda data inspect images:imagenet --stream on --skip-corrupt",
            "panda data inspect idx:/usr/share/datasets/fashion-mnist --image-size 14",
            "panda data inspect fashion-mnist-small --json");
        string formats = string.Join(", ", context.Catalog.Formats.Select(format => format.Name));
        var data = new Argument<string>("FORMAT:PATH")
        {
            Description = $"FORMAT is one of {formats}; a folder alone is taken for what its files look like",
        };
        inspect.Add(data);
        OptionFlags<SupernetOptions> flags = OptionFlags<SupernetOptions>.AddOnly(
            inspect,
            "preset", "config", "image-size", "fit", "background", "stream", "workers", "skip-corrupt", "cache", "protocol", "test-share",
            "idx-transpose", "seed");
        var sheet = new Option<string?>("--sheet")
        {
            Description = "write a PNG file with ten images of every class as the network sees them",
            HelpName = "FILE",
        };
        inspect.Add(sheet);
        Option<bool> json = VerbContext.JsonFlag();
        inspect.Add(json);
        inspect.SetAction(parsed =>
        {
            SupernetOptions options = flags.Apply(parsed, context.ForSupernet).With("data", parsed.GetValue(data)!);
            string? file = parsed.GetValue(sheet);
            if (string.IsNullOrWhiteSpace(file) && file is not null) throw new BadOptionException("--sheet is empty: name a file");
            DataInspection result = context.WithProgress(work => DataInspection.Of(options, file, work));
            return context.Print(parsed.GetValue(json), result, output => InspectionText.Print(output, result, file));
        });
        return new VerbCommand("data", "Look at images.", "", "panda data inspect fashion-mnist-small") { inspect };
    }
}
