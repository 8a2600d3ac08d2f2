using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Stages;
using PandaNas.OnnxRuntime;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda latency</c>: measures how long stand-alone networks take, and tables that predict it.</summary>
internal static class LatencyVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "latency",
            "Measure how long architectures take on this machine, or a table that predicts it.",
            """
            Measured is the network that 'panda retrain' builds, in evaluation mode on the CPU, with random weights and images: in every
            round warm-up runs, then the median of the repetitions; the fastest round counts. --out measures every layer of the space by
            """
            + """
             itself, fits how much longer each kind of layer
            takes inside a network to --networks random networks, and measures the table's error on --held-out others. --latency-table
            compares measurements with a table: of the architecture given, or of --held-out random ones. Leave the machine idle meanwhile.
            --runtime onnx measures in ONNX Runtime, where exported models run, what 'panda export' writes: batch norms folded, images
            normalised outside. A layer's time is then without what the call of a model takes.
            """,
            "panda latency --space nasbench201 --threads 1 --out nasbench201.latency.json",
            "panda latency --space nasbench201 --threads 1 --latency-table nasbench201.latency.json --seed 1",
            "panda latency --space nasbench201 --threads 1 --runtime onnx --out nasbench201.onnx-latency.json",
            "panda latency k3e6-k5e3-k5e3-k5e3-k3e6-k5e3-k5e3-k5e3-k5e6-k5e3-k5e3-k5e3-k5e6-k5e3-k5e3-k5e3-k5e6-k5e6-k5e3-k5e3-k5e6 "
            + "--space proxylessnas --image-size 224");
        var architecture = new Argument<string?>("ARCHITECTURE")
        {
            Description = "one to measure, in the space's notation",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var output = new Option<string?>("--out") { Description = "measure a table and write it to this file", HelpName = "FILE" };
        command.Add(architecture);
        command.Add(output);
        OptionFlags<LatencyOptions> flags = OptionFlags<LatencyOptions>.Add(command);
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed =>
        {
            LatencyOptions options = flags.Apply(parsed, new LatencyOptions { Catalog = context.Catalog });
            (string? text, string? file, string? path) = (parsed.GetValue(architecture), parsed.GetValue(output), options.LatencyTable);
            if ((text is null && file is null && path is null) || (file is not null && (text is not null || path is not null)))
                throw new BadOptionException(
                    "give an ARCHITECTURE to measure, --latency-table FILE to check a table, or both; or else --out FILE to make one");
            return file is not null
                ? MakeTable(context, options, file, Given(parsed), parsed.GetValue(json))
                : Measure(context, options, text, Given(parsed), parsed.GetValue(json));
        });
        return command;

        // What another measurement of the same networks on the same machine takes.
        IEnumerable<string> Given(ParseResult parsed) => flags.Given(
            parsed, "latency-table", "allow-other-machine", "warm-up", "repetitions", "rounds", "networks", "held-out", "seed");
    }

    private static int MakeTable(VerbContext context, LatencyOptions options, string file, IEnumerable<string> given, bool json)
    {
        LatencyTableSummary made = context.WithProgress(work => LatencyExperiment.MakeTable(options, file, work, Open));
        return context.Print(json, made, output =>
        {
            PrintConditions(output, made.Conditions);
            output.WriteLine(PlainText.Wrap(string.Create(
                CultureInfo.InvariantCulture,
                $"{made.Layers} layers; a network is {made.ConstantMs:F3} ms and its layers, each times its kind's factor:")));
            TextTable.Print(
                output, ["kind", ">factor"], made.Factors.Select(factor => (IReadOnlyList<string>)[factor.Key, Number(factor.Value)]));
            PrintErrors(output, made.MedianError, made.LargestError, made.HeldOut.Length);
            output.WriteLine($"Table: {made.Table}");
            CommandText.WriteNext(output, ["latency", "--latency-table", made.Table, "--seed", "1", .. given]);
        });
    }

    private static OnnxWork Open(byte[] model, IReadOnlyList<(float[] Values, long[] Shape)> inputs, int threads) =>
        new(model, inputs, threads);

    private static int Measure(VerbContext context, LatencyOptions options, string? text, IEnumerable<string> given, bool json)
    {
        LatencyComparison compared = context.WithProgress(work => LatencyExperiment.Measure(options, text, work, Open));
        return context.Print(json, compared, output =>
        {
            PrintConditions(output, compared.Conditions);
            ArchitectureTable.Print(
                output,
                [">measured ms", .. options.LatencyTable is null ? (string[])[] : [">predicted ms"]],
                [
                    .. compared.Networks.Select(one => (one.Architecture, (IReadOnlyList<string>)
                        [Number(one.MeasuredMs), .. one.PredictedMs is { } predicted ? (string[])[Number(predicted)] : []])),
                ]);
            if (compared is { MedianError: { } median, LargestError: { } largest })
                PrintErrors(output, median, largest, compared.Networks.Length);
            IEnumerable<string> next = text is null
                ? ["search", "--help"]
                : options.LatencyTable is { } path
                    ? ["latency", "--latency-table", Path.GetFullPath(path), .. given]
                    : ["latency", "--out", NewTable(compared), .. given];
            CommandText.WriteNext(output, next);
        });
    }

    // An absolute path that is free.
    private static string NewTable(LatencyComparison compared) =>
        RunFolderFlags.Unused(Path.GetFullPath(compared.Conditions["space"]), ".latency.json");

    private static void PrintConditions(TextWriter output, IReadOnlyDictionary<string, string> conditions) =>
        output.WriteLine(PlainText.Wrap(
            $"Latency of {conditions["space"]}: batch {conditions["batch"]}, {conditions["threads"]} thread(s), "
            + $"{conditions["precision"]}{(conditions["runtime"] == "onnx" ? ", ONNX Runtime" : "")}, "
            + $"images of {conditions["image-size"]} pixels, {conditions["machine"]}"));

    private static void PrintErrors(TextWriter output, double median, double largest, int networks) =>
        output.WriteLine(PlainText.Wrap(string.Create(
            CultureInfo.InvariantCulture,
            $"Relative error on {networks} network(s) that the table was not made of: median {median:P1}, largest {largest:P1}")));

    private static string Number(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
}
