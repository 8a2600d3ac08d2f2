using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Stages;
using PandaNas.Training;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda variance</c>: measures the gradient variance of a supernet.</summary>
internal static class VarianceVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "variance",
            "Measure the gradient variance of a supernet's newest checkpoint under uniform sampling and under what it samples by.",
            """
            uniform draws paths and images uniformly; pa takes the checkpoint's path distribution, da its data distribution, panda both.
            Corrected values are of importance-weighted gradients, whose mean is that of uniform sampling; they are undefined where
            something is never drawn, as at the end of a training whose confidence grows to 1.
            """,
            "panda variance runs/panda",
            "panda variance runs/panda --distributions uniform,panda --samples 1000 --json")
        {
            RunsOnRanks = true,
        };
        var run = new Argument<string>("RUN") { Description = "folder of a supernet's training, finished or interrupted" };
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(run);
        OptionFlags<VarianceOptions> measuring = OptionFlags<VarianceOptions>.Add(command);
        OptionFlags<SupernetOptions> flags = OptionFlags<SupernetOptions>.AddOfEvaluation(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            if (context.IsWorker)
                return context.Serve(work => VarianceExperiment.Serve(
                    parsed.GetValue(run)!, measuring.Apply(parsed, new VarianceOptions()), stored => flags.Apply(parsed, stored), work));
            VarianceResult result = context.WithProgress(work => VarianceExperiment.Measure(
                parsed.GetValue(run)!, measuring.Apply(parsed, new VarianceOptions()),
                stored => flags.Apply(parsed, stored), work));
            return context.Print(parsed.GetValue(json), result, output => Print(output, result, flags.Given(parsed)));
        });
        return command;
    }

    private static void Print(TextWriter output, VarianceResult result, IEnumerable<string> given)
    {
        output.WriteLine(PlainText.Wrap(
            $"Gradient variance of a supernet of {result.Method} after epoch {result.Epoch}, "
            + $"{result.Samples} gradients of {result.BatchSize} images each:"));
        PairVariance first = result.GradientVariance[0];
        output.WriteLine("As sampled, relative to the first distribution:");
        Print(output, result.GradientVariance.SelectMany(pair => Rows(pair.Name, pair.Raw, first.Raw)));
        output.WriteLine("Corrected by importance weights:");
        Print(output, result.GradientVariance.SelectMany(pair => pair.Corrected is null
            ? [[pair.Name, "all", "undefined", "", ""]]
            : Rows(pair.Name, pair.Corrected, first.Corrected)));
        output.WriteLine($"Results: {Path.Combine(result.Run, "variance.json")}");
        CommandText.WriteNext(output, ["rank", result.Run, "--architectures", "200", .. given]);
    }

    private static void Print(TextWriter output, IEnumerable<IReadOnlyList<string>> rows) =>
        TextTable.Print(output, ["distribution", "of", ">variance", ">95% interval", ">relative"], rows);

    private static IEnumerable<IReadOnlyList<string>> Rows(string name, GradientVariance variance, GradientVariance? first)
    {
        yield return Row(name, "all", variance.Total, first?.Total);
        for (int group = 0; group < variance.Groups.Length; group++)
            yield return Row("", variance.Groups[group].Name, variance.Groups[group].Estimate, first?.Groups[group].Estimate);
    }

    private static IReadOnlyList<string> Row(string name, string group, VarianceEstimate estimate, VarianceEstimate? first) =>
    [
        name, group, Number(estimate.Variance), $"{Number(estimate.Ci95.Lower)} to {Number(estimate.Ci95.Upper)}",
        first is { Variance: > 0 } ? (estimate.Variance / first.Variance).ToString("F3", CultureInfo.InvariantCulture) : "",
    ];

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
