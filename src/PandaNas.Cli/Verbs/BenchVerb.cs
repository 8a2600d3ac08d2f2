using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using PandaNas.Benchmarks;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Runtime.Threads;
using PandaNas.Runtime.Torch;
using PandaNas.Supernets;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda bench</c>: measures this machine.</summary>
internal static class BenchVerb
{
    private const string LiteralFlag = "--literal";

    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "bench",
            "Measure training steps and ranking on this machine, and compare them with a literal port and with the machine's limits.",
            "Leave the machine alone meanwhile: anything else that computes falsifies the figures.",
            "panda bench",
            "panda bench --precision float32 --threads 1 --json",
            "panda bench --channels 8 --cells 1 --image-size 16",
            "panda bench --space darts --batch-size 64");
        var standard = new BenchmarkOptions();
        string[] spaces = [.. BenchmarkOptions.Spaces];
        var space = new Option<string>("--space") { Description = "search space", HelpName = string.Join('|', spaces), DefaultValueFactory = _ => standard.Space };
        space.AcceptOnlyFromAmong(spaces);
        Option<int> threads = Number("threads", "threads of torch; 0 is one a processor", 0, 0, 1024);
        Option<int> channels = Number("channels", "C: channels of the first stage; 0 is what is usual in the space", standard.Channels, 0, 1024);
        Option<int> cells = Number("cells", "N: cells a stage, in darts cells in all; 0 is what is usual in the space", standard.Cells, 0, 100);
        Option<int> size = Number("image-size", "side of the images in pixels", standard.ImageSize, 4, 512);
        Option<int> batch = Number("batch-size", "images a training step", standard.BatchSize, 2, 1 << 16);
        Option<int> steps = Number("steps", "training steps a round, each of another random path", standard.Steps, 1, 10_000);
        Option<int> rounds = Number("rounds", "rounds, of which the median counts", standard.Rounds, 1, 1000);
        Option<int> images = Number("images", "images that rank an architecture", standard.RankingImages, 2, 1 << 20);
        Option<int> architectures = Number("architectures", "architectures that are ranked", standard.Architectures, 1, 100_000);
        var precision = new Option<string>("--precision") { Description = "auto, float32 or bfloat16; auto is bfloat16 where the processor computes in it", HelpName = "auto|float32|bfloat16", DefaultValueFactory = _ => "auto" };
        precision.AcceptOnlyFromAmong("auto", "float32", "bfloat16");
        var literal = new Option<bool>(LiteralFlag) { Hidden = true };
        Option<bool> json = VerbContext.JsonFlag();
        foreach (Option option in (Option[])[space, threads, channels, cells, size, batch, steps, rounds, images, architectures, precision, literal, json]) command.Add(option);
        command.Add(BenchDecodeVerb.Make(context));
        command.SetAction(parsed =>
        {
            var options = new BenchmarkOptions
            {
                Space = parsed.GetValue(space)!,
                Threads = TorchRuntime.UseThreads(parsed.GetValue(threads)),
                Channels = parsed.GetValue(channels),
                Cells = parsed.GetValue(cells),
                ImageSize = parsed.GetValue(size),
                BatchSize = parsed.GetValue(batch),
                Steps = parsed.GetValue(steps),
                Rounds = parsed.GetValue(rounds),
                RankingImages = parsed.GetValue(images),
                Architectures = parsed.GetValue(architectures),
                Precision = PrecisionOf(parsed.GetValue(precision)!),
            };
            if (parsed.GetValue(literal)) return context.Print(json: true, Benchmark.Literal(options), _ => { });
            BenchmarkReport report = context.WithProgress(work => Benchmark.Run(options, () => LiteralCommand(options), work));
            return context.Print(parsed.GetValue(json), report, output => Print(
                output, report, CommandText.Given(parsed, space, threads, channels, cells, size, batch, steps, rounds, images, architectures)));
        });
        return command;
    }

    /// <summary>A whole number within a range.</summary>
    internal static Option<int> Number(string name, string help, int standard, int smallest, int largest)
    {
        var option = new Option<int>($"--{name}") { Description = help, HelpName = "N", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out int value) && (value < smallest || value > largest))
                result.AddError($"--{name} is {value}; expected a whole number from {smallest} to {largest}");
        });
        return option;
    }

    private static Precision PrecisionOf(string name) => name switch
    {
        "float32" => Precision.Float32,
        "bfloat16" => Precision.BFloat16,
        _ => Machine.ComputesBFloat16 ? Precision.BFloat16 : Precision.Float32,
    };

    // This program again: through the dotnet host if that is how it was started.
    private static ProcessStartInfo LiteralCommand(BenchmarkOptions options)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        foreach (string argument in (string[])["bench", LiteralFlag, "--space", options.Space]) start.ArgumentList.Add(argument);
        foreach ((string name, int value) in ((string, int)[])
            [
                ("threads", options.Threads), ("channels", options.Channels), ("cells", options.Cells), ("image-size", options.ImageSize), ("batch-size", options.BatchSize),
                ("steps", options.Steps), ("images", options.RankingImages), ("architectures", options.Architectures),
            ])
        {
            start.ArgumentList.Add($"--{name}");
            start.ArgumentList.Add(value.ToString(CultureInfo.InvariantCulture));
        }
        return start;
    }

    private static void Print(TextWriter output, BenchmarkReport report, IEnumerable<string> given)
    {
        output.WriteLine(PlainText.Wrap(string.Create(CultureInfo.InvariantCulture, $"{report.Machine.Processor}, {report.Machine.Threads} thread(s), vectors of {report.Machine.Vector}")));
        output.WriteLine(PlainText.Wrap(string.Create(
            CultureInfo.InvariantCulture,
            $"limits: copying {report.Machine.BandwidthGigabytes:F0} GB/s, float32 {report.Machine.Float32Gigaflops:F0} GFLOP/s, bfloat16 {report.Machine.Bfloat16Gigaflops:F0} GFLOP/s")));
        TextTable.Print(output, ["", ">here", ">literal port", ">ratio"], Rows(report));
        output.WriteLine(PlainText.Wrap(string.Create(
            CultureInfo.InvariantCulture, $"A step takes {report.Step.RooflineRatio:F2} times the machine's limit of {1000 * report.Step.RooflineSeconds:F1} ms. PA&DA adds {report.Overhead.PandaOverSpos:P1} to it.")));
        output.WriteLine(PlainText.Wrap("Shares of a step: " + string.Join(
            ", ", report.Step.Shares.OrderByDescending(share => share.Value).Select(share => string.Create(CultureInfo.InvariantCulture, $"{share.Key} {share.Value:P0}"))) + "."));
        CommandText.WriteNext(output, ["bench", "--precision", report.Options.Precision == Precision.Float32 ? "bfloat16" : "float32", .. given]);
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(BenchmarkReport report)
    {
        StepReport step = report.Step;
        RankReport rank = report.Rank;
        yield return [$"training step, ms ({report.Options.Precision.ToString().ToLowerInvariant()})", Text(1000 * step.Seconds, "F1"), Text(1000 * step.LiteralSeconds, "F1"), Text(step.Ratio, "F2")];
        yield return ["peak memory, MB", Text(step.PeakMemoryMegabytes, "F0"), Text(step.LiteralPeakMemoryMegabytes, "F0"), ""];
        yield return ["ranking, images a second", Text(rank.ImagesPerSecond, "F0"), Text(rank.LiteralImagesPerSecond, "F0"), Text(rank.RatioWithoutDeduplication, "F2")];
        yield return ["ranking the whole space, equal live graphs once", "", "", Text(rank.Ratio, "F2")];
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
