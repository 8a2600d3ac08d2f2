using System.CommandLine;
using System.Text.Json;
using PandaNas.Cli.Display;
using PandaNas.Distributed;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Reporting.Pages;

namespace PandaNas.Cli;

/// <summary>What every verb has: where results and messages go, and the wish to stop.</summary>
/// <param name="Output">Results: tables for people, or one JSON document.</param>
/// <param name="Error">Progress and messages.</param>
/// <param name="Stop">Asks to save and stop.</param>
internal sealed record VerbContext(TextWriter Output, TextWriter Error, CancellationToken Stop)
{
    /// <summary>What options can name.</summary>
    public Catalog Catalog { get; init; } = Catalog.Default;

    /// <summary>Where people answer questions; null where nobody does.</summary>
    public TextReader? Answers { get; init; }

    /// <summary>The job of several processes of which this is one; null for one that works alone.</summary>
    public RankJob? Job { get; set; }

    /// <summary>Whether this process only does what rank 0 asks for.</summary>
    public bool IsWorker => Job is { IsWorker: true };

    /// <summary>The defaults of supernet training, with that catalog.</summary>
    public SupernetOptions ForSupernet => new() { Catalog = Catalog };

    /// <summary>The defaults of retraining, with that catalog.</summary>
    public RetrainOptions ForRetraining => new() { Catalog = Catalog };

    /// <summary>The flag that every verb has.</summary>
    public static Option<bool> JsonFlag() =>
        new("--json") { Description = "print one JSON document on standard output, everything else on standard error" };

    /// <summary>Runs long work with progress on <see cref="Error"/>.</summary>
    public T WithProgress<T>(Func<RunContext, T> work) => ProgressDisplay.Run(Error, (progress, notes) => work(
        new RunContext(progress, TimeProvider.System, Stop)
        {
            Notes = notes,
            Catalog = Catalog,
            Words = FlagWords.Of,
            AfterStage = RunReport.WriteInto,
            Ranks = Job?.Ranks,
        }));

    /// <summary>Does what rank 0 asks for.</summary>
    public int Serve(Action<RunContext> work) => WithProgress(context =>
    {
        work(context);
        return ExitCode.Done;
    });

    /// <summary>Prints a result as JSON, or as text where people read.</summary>
    public int Print<T>(bool json, T result, Action<TextWriter> text)
    {
        if (json) Output.WriteLine(JsonSerializer.Serialize(result, RunJson.Options));
        else text(Output);
        return ExitCode.Done;
    }
}
