using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using PandaNas.Benchmarks;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;

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
            "panda bench --space darts --batch-size 64",
            "mpirun -n 4 panda bench --distributed --threads 1")
        {
            RunsOnRanks = true,
        };
        OptionFlags<BenchmarkOptions> flags = OptionFlags<BenchmarkOptions>.Add(command);
        var literal = new Option<bool>(LiteralFlag) { Hidden = true };
        var distributed = new Option<bool>("--distributed")
        {
            Description = "measure a step that mpirun's ranks divide: what each computes, sums of gradients, waiting",
        };
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(literal);
        command.Add(distributed);
        command.Add(json);
        command.Add(BenchDecodeVerb.Make(context));
        command.SetAction(parsed =>
        {
            BenchmarkOptions options = flags.Apply(parsed, new BenchmarkOptions()).OnThisMachine();
            if (parsed.GetValue(distributed) != context.Job is not null)
                throw new BadOptionException(context.Job is null
                    ? $"{distributed.Name} measures several processes: start them with mpirun or srun"
                    : $"what several processes can measure together is {distributed.Name}: add it, or start one process");
            if (context.Job is not null)
            {
                DistributedReport together = context.WithProgress(work => DistributedBenchmark.Run(options, work));
                return context.Print(parsed.GetValue(json), together, output => Print(output, together));
            }
            if (parsed.GetValue(literal)) return context.Print(json: true, Benchmark.Literal(options), _ => { });
            BenchmarkReport report = context.WithProgress(work => Benchmark.Run(options, () => LiteralCommand(options), work));
            return context.Print(parsed.GetValue(json), report, output => Print(output, report, flags.Given(parsed, "precision")));
        });
        return command;
    }

    // This program again: through the dotnet host if that is how it was started.
    private static ProcessStartInfo LiteralCommand(BenchmarkOptions options)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        foreach (string argument in (string[])["bench", LiteralFlag]) start.ArgumentList.Add(argument);
        foreach (OptionDescription option in OptionDescription.AllOf(typeof(BenchmarkOptions)))
        {
            start.ArgumentList.Add($"--{option.Key}");
            start.ArgumentList.Add(option.Text(options));
        }
        return start;
    }

    private static void Print(TextWriter output, BenchmarkReport report, IEnumerable<string> given)
    {
        MachineLimits machine = report.Machine;
        output.WriteLine(PlainText.Wrap(string.Create(
            CultureInfo.InvariantCulture, $"{machine.Processor}, {machine.Threads} thread(s), vectors of {machine.Vector}")));
        output.WriteLine(PlainText.Wrap(string.Create(
            CultureInfo.InvariantCulture,
            $"limits: copying {machine.BandwidthGigabytes:F0} GB/s, float32 {machine.Float32Gigaflops:F0} GFLOP/s, "
            + $"bfloat16 {machine.Bfloat16Gigaflops:F0} GFLOP/s")));
        TextTable.Print(output, ["", ">here", ">literal port", ">ratio"], Rows(report));
        output.WriteLine(PlainText.Wrap(string.Create(
            CultureInfo.InvariantCulture,
            $"A step takes {report.Step.RooflineRatio:F2} times the machine's limit of {1000 * report.Step.RooflineSeconds:F1} ms. "
            + $"PA&DA adds {report.Overhead.PandaOverSpos:P1} to it.")));
        IEnumerable<string> shares = report.Step.Shares.OrderByDescending(share => share.Value)
            .Select(share => string.Create(CultureInfo.InvariantCulture, $"{share.Key} {share.Value:P0}"));
        output.WriteLine(PlainText.Wrap($"Shares of a step: {string.Join(", ", shares)}."));
        CommandText.WriteNext(
            output, ["bench", "--precision", report.Options.Precision == PrecisionChoice.Float32 ? "bfloat16" : "float32", .. given]);
    }

    private static void Print(TextWriter output, DistributedReport report)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        output.WriteLine(PlainText.Wrap(string.Create(
            plain,
            $"{report.Ranks} ranks of {PlainText.Count(report.Options.Threads, "thread")} on {report.Processor}, which joined in "
            + $"{report.JoiningSeconds:F2} s; at most {report.PeakMemoryMegabytes:F0} MB each.")));
        output.WriteLine(PlainText.Wrap(string.Create(
            plain,
            $"A step of {report.Options.BatchSize} images takes {1000 * report.StepSeconds:F1} ms; a rank computes "
            + $"{1000 * report.ComputeSeconds:F1} ms of it, the slowest of a step {1000 * report.StragglerSeconds:F1} ms more than their "
            + $"mean. For the other ranks, waiting included: {report.CommunicationShare:P1}.")));
        TextTable.Print(
            output, [">floats", ">summed in ms", ">GB/s"],
            report.Sums.Select(sum => (IReadOnlyList<string>)
            [
                sum.Floats.ToString("N0", plain), (1000 * sum.Seconds).ToString("F3", plain),
                (sum.Floats * sizeof(float) / sum.Seconds / 1e9).ToString("F2", plain),
            ]));
        output.WriteLine(PlainText.Wrap(string.Create(
            plain,
            $"Latency {1e6 * report.LatencySeconds:F1} us, bandwidth {report.BandwidthGigabytes:F2} GB/s; a path's gradient has "
            + $"{report.GradientFloats:N0} floats.")));
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(BenchmarkReport report)
    {
        StepReport step = report.Step;
        RankReport rank = report.Rank;
        string precision = report.Options.Precision.ToString().ToLowerInvariant();
        yield return
        [
            $"training step, ms ({precision})",
            Text(1000 * step.Seconds, "F1"), Text(1000 * step.LiteralSeconds, "F1"), Text(step.Ratio, "F2"),
        ];
        yield return ["peak memory, MB", Text(step.PeakMemoryMegabytes, "F0"), Text(step.LiteralPeakMemoryMegabytes, "F0"), ""];
        yield return
        [
            "ranking, images a second",
            Text(rank.ImagesPerSecond, "F0"), Text(rank.LiteralImagesPerSecond, "F0"), Text(rank.RatioWithoutDeduplication, "F2"),
        ];
        yield return ["ranking the whole space, equal live graphs once", "", "", Text(rank.Ratio, "F2")];
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
