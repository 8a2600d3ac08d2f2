using System.CommandLine;
using System.Globalization;
using PandaNas.Costs;
using PandaNas.Experiments;
using PandaNas.Ranking;
using PandaNas.Spaces;
using PandaNas.Supernets;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda cost</c>: counts parameters and multiply-adds.</summary>
internal static class CostVerb
{
    private const int DefaultImageSize = 32;

    private sealed record CostResult(string Architecture, long Params, long Macs, long LiveParams, long LiveMacs);

    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "cost",
            "Count parameters and multiply-adds of architectures as plain networks, without building them.",
            "params and macs count every operation that the architecture names, as the published tables do; live_params and\nlive_macs leave out those that do not reach the output, as the retrained network does.",
            "panda cost --architecture \"|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|\"",
            "panda cost --preset nasbench201-cpu --architectures mine.txt > costs.csv");
        var architecture = new Option<string?>("--architecture") { Description = "one, in the space's notation", HelpName = "TEXT" };
        var architectures = new Option<string?>("--architectures") { Description = "a file with one a line; prints architecture,params,macs as CSV", HelpName = "FILE" };
        var classes = new Option<int>("--classes") { Description = "outputs of the classifier", HelpName = "N", DefaultValueFactory = _ => 10 };
        var inputs = new Option<int>("--input-channels") { Description = "channels of the images", HelpName = "N", DefaultValueFactory = _ => 3 };
        foreach (Option option in (Option[])[architecture, architectures, classes, inputs]) command.Add(option);
        ExperimentFlags flags = ExperimentFlags.AddAll(command, OptionScope.Network, context.ForRetraining);
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed =>
        {
            ExperimentOptions options = flags.Apply(parsed, context.ForRetraining, OptionScope.Network, OptionScope.Network);
            SpaceFamily family = options.Space.Family;
            NetworkOptions sizes = NetworkSizes.Of(
                options, standalone: true, AtLeastOne(parsed.GetValue(inputs), "input-channels"), options.ImageSize == 0 ? DefaultImageSize : options.ImageSize,
                AtLeastOne(parsed.GetValue(classes), "classes"));
            family.Validate(sizes);
            return Run(context, family, sizes, parsed.GetValue(architecture), parsed.GetValue(architectures), parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(VerbContext context, SpaceFamily family, NetworkOptions sizes, string? text, string? file, bool json)
    {
        if ((text is null) == (file is null)) throw new BadOptionException("give either --architecture TEXT or --architectures FILE");
        if (text is not null)
        {
            CostResult result = Count(family, sizes, ArchitectureSelection.Parse(family.Space, text));
            return context.Print(json, result, output =>
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Architecture}: {result.Params:N0} parameters, {result.Macs:N0} multiply-adds"));
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"of which reach the output: {result.LiveParams:N0} parameters, {result.LiveMacs:N0} multiply-adds"));
            });
        }
        CostResult[] results = [.. ArchitectureSelection.ReadFile(family.Space, file!).Select(architecture => Count(family, sizes, architecture))];
        return context.Print(json, new { Architectures = results }, output =>
        {
            output.WriteLine("architecture,params,macs");
            foreach (CostResult result in results) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{CsvCell.Of(result.Architecture)},{result.Params},{result.Macs}"));
        });
    }

    private static CostResult Count(SpaceFamily family, NetworkOptions sizes, Architecture architecture)
    {
        Cost cost = family.Cost(sizes, architecture), live = family.LiveCost(sizes, architecture);
        return new CostResult(family.Space.Format(architecture), cost.Parameters, cost.MultiplyAdds, live.Parameters, live.MultiplyAdds);
    }

    private static int AtLeastOne(int value, string key) => value >= 1 ? value : throw new BadOptionException($"option --{key}: '{value}' is not a whole number of at least 1");
}
