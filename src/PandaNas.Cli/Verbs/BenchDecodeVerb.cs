using System.CommandLine;
using System.Globalization;
using PandaNas.Benchmarks;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda bench decode</c>: measures the decoding of streamed images.</summary>
internal static class BenchDecodeVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "decode",
            "Measure how many images of a folder the workers decode a second, with nobody training on them.",
            "Without the folder, one of random JPEG files is made there first.",
            "panda bench decode jpegs --images 5000",
            "panda bench decode jpegs-damaged --images 5000 --damaged 0.01 --image-size 64 --workers 1 --json");
        var folder = new Argument<string>("FOLDER") { Description = "an image folder" };
        command.Add(folder);
        OptionFlags<DecodeOptions> flags = OptionFlags<DecodeOptions>.Add(command);
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed =>
        {
            DecodeOptions options = flags.Apply(parsed, new DecodeOptions());
            string path = parsed.GetValue(folder)!;
            if (!Directory.Exists(path)) Generate(path, options.Images, options.Damaged);
            DecodeReport report = context.WithProgress(
                work => DecodeBenchmark.Measure(path, options.ImageSize, options.Workers, work.Stop, work.Progress));
            return context.Print(parsed.GetValue(json), report, output => Print(output, report, path));
        });
        return command;
    }

    private static void Print(TextWriter output, DecodeReport report, string folder)
    {
        output.WriteLine(PlainText.Wrap(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.ImagesPerSecond:F0} images a second at {report.ImageSize} pixels with {report.Workers} workers, "
            + $"{report.BusyProcessors:F2} processors busy, peak memory {report.PeakMemoryMegabytes:F0} MB.")));
        CommandText.WriteNext(output, "data", "inspect", $"images:{Path.GetFullPath(folder)}", "--stream", "on", "--skip-corrupt");
    }

    private static void Generate(string folder, int images, double damaged)
    {
        const int Width = 500, Height = 375, Classes = 10;
        try
        {
            JpegFolder.Write(folder, images, Width, Height, Classes, damaged);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RunFailedException(
                $"cannot write '{folder}': {error.Message.TrimEnd('.')}. Choose another place, or free space.", error);
        }
    }
}
