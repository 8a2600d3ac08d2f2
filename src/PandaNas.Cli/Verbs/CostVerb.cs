using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Costs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Latency;
using PandaNas.Ranking;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Definitions;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda cost</c>: counts parameters and multiply-adds.</summary>
internal static class CostVerb
{
    private sealed record CostResult(string Architecture, long Params, long Macs, long LiveParams, long LiveMacs, double? LatencyMs)
    {
        /// <summary>With --max-params: the largest one that keeps it.</summary>
        public double? WidthMultiplier { get; init; }
    }

    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "cost",
            "Count parameters and multiply-adds of architectures as plain networks, without building them.",
            """
            params and macs count every operation that the architecture names, as the published tables do; live_params and
            live_macs leave out those that do not reach the output, as the retrained network does.
            With --max-params a network known to be good is made as wide as a limit allows, in spaces with widths of their own.
            """,
            "panda cost --architecture \"|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|\"",
            "panda cost --preset nasbench201-cpu --architectures mine.txt > costs.csv",
            "panda cost --space residual --max-params 250000 --architecture "
            + "skip-conv_3x3-conv_3x3-skip-skip-conv_3x3-skip-skip-conv_3x3-skip-skip",
            "panda cost --preset nasbench201-cpu --architectures mine.txt --latency-table nasbench201-cpu.latency.json");
        var architecture = new Option<string?>("--architecture") { Description = "one, in the space's notation", HelpName = "TEXT" };
        var architectures = new Option<string?>("--architectures")
        {
            Description = "a file with one a line; prints architecture,params,macs as CSV",
            HelpName = "FILE",
        };
        var most = new Option<long?>("--max-params")
        {
            Description = "with --architecture: take the largest width-multiplier, in hundredths, that keeps so many parameters",
            HelpName = "N",
        };
        foreach (Option option in (Option[])[architecture, architectures, most]) command.Add(option);
        OptionFlags<CostOptions> flags = OptionFlags<CostOptions>.Add(command);
        OptionFlags<LatencyOptions> latency = OptionFlags<LatencyOptions>.AddOnly(command, "latency-table", "allow-other-machine");
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed =>
        {
            CostOptions options = flags.Apply(parsed, new CostOptions { Catalog = context.Catalog });
            options.Validate();
            (SpaceFamily family, NetworkOptions sizes) = (options.Family, options.Sizes());
            LatencyOptions predicting = latency.Apply(parsed, new LatencyOptions());
            LatencyTable? table = predicting.LatencyTable is { } path
                ? LatencyTables.OpenFor(path, family, sizes, predicting.AllowOtherMachine)
                : null;
            CostResult Count(Architecture one) => parsed.GetValue(most) is { } limit
                ? CountWidest(family, sizes, table, one, limit)
                : CountOf(family, sizes, table, one);
            if (parsed.GetValue(most) is not null && parsed.GetValue(architectures) is not null)
                throw new BadOptionException("--max-params makes one architecture wider: give --architecture TEXT");
            return Run(
                context, family.Space, Count, table, parsed.GetValue(architecture), parsed.GetValue(architectures), flags.Given(parsed),
                parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(
        VerbContext context, SearchSpace space, Func<Architecture, CostResult> count, LatencyTable? table, string? text, string? file,
        IEnumerable<string> given, bool json)
    {
        if ((text is null) == (file is null)) throw new BadOptionException("give either --architecture TEXT or --architectures FILE");
        if (text is not null)
        {
            CostResult result = count(ArchitectureSelection.Parse(space, text));
            return context.Print(json, result, output =>
            {
                output.WriteLine(ArchitectureTable.Wrap(result.Architecture, 0));
                output.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"has {result.Params:N0} parameters, {result.Macs:N0} multiply-adds"));
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"of which reach the output: {result.LiveParams:N0} parameters, {result.LiveMacs:N0} multiply-adds"));
                if (table is not null)
                    output.WriteLine(PlainText.Wrap(string.Create(
                        CultureInfo.InvariantCulture,
                        $"predicted latency: {result.LatencyMs:F3} ms ({table.Conditions.Running}; "
                        + $"the table's median error is {table.MedianError:P1})")));
                IEnumerable<string> sizes = given;
                if (result.WidthMultiplier is { } multiplier)
                {
                    string factor = multiplier.ToString(CultureInfo.InvariantCulture);
                    output.WriteLine($"with --width-multiplier {factor}, the largest that keeps the limit");
                    sizes = [.. given, "--width-multiplier", factor];
                }
                CommandText.WriteNext(output, ["latency", result.Architecture, .. sizes]);
            });
        }
        CostResult[] results = [.. ArchitectureSelection.ReadFile(space, file!).Select(count)];
        return context.Print(json, new { Architectures = results }, output =>
        {
            output.WriteLine($"architecture,params,macs{(table is null ? "" : ",latency_ms")}");
            foreach (CostResult result in results)
            {
                string latency = result.LatencyMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $",{ms:R}") : "";
                output.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"{Csv.Cell(result.Architecture)},{result.Params},{result.Macs}{latency}"));
            }
        });
    }

    private static CostResult CountWidest(
        SpaceFamily family, NetworkOptions sizes, LatencyTable? table, Architecture architecture, long limit)
    {
        if (sizes.WidthMultiplier != 1)
            throw new BadOptionException("--max-params chooses the width-multiplier itself: leave one of them out");
        if (table is not null)
            throw new BadOptionException(
                "--max-params looks for a width, and a latency table is for one: ask for the latency with the width that this tells");
        double widest = WidthScaling.Largest(family, sizes, architecture, limit);
        return CountOf(family, sizes with { WidthMultiplier = widest }, table, architecture) with { WidthMultiplier = widest };
    }

    private static CostResult CountOf(SpaceFamily family, NetworkOptions sizes, LatencyTable? table, Architecture architecture)
    {
        Cost cost = family.Cost(sizes, architecture), live = family.LiveCost(sizes, architecture);
        double? latency = table is null ? null : LatencyTables.PredictMs(table, family, sizes, architecture);
        return new CostResult(
            family.Space.Format(architecture), cost.Parameters, cost.MultiplyAdds, live.Parameters, live.MultiplyAdds, latency);
    }
}
