using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.SpaceFiles;

namespace PandaNas.Cli;

/// <summary>What every verb has: where results and messages go, and the wish to stop.</summary>
/// <param name="Output">Results: tables for people, or one JSON document.</param>
/// <param name="Error">Progress and messages.</param>
/// <param name="Stop">Asks to save and stop.</param>
internal sealed record VerbContext(TextWriter Output, TextWriter Error, CancellationToken Stop)
{
    /// <summary>Spaces that <c>--space</c> can name beside the built-in ones and those of files.</summary>
    public ImmutableArray<NamedSpace> KnownSpaces { get; init; } = [];

    /// <summary>The defaults of supernet training, with those spaces.</summary>
    public ExperimentOptions ForSupernet => ExperimentOptions.ForSupernet with { KnownSpaces = KnownSpaces };

    /// <summary>The defaults of retraining, with those spaces.</summary>
    public ExperimentOptions ForRetraining => ExperimentOptions.ForRetraining with { KnownSpaces = KnownSpaces };

    /// <summary>The flag that every verb has.</summary>
    public static Option<bool> JsonFlag() => new("--json") { Description = "print one JSON document on standard output, everything else on standard error" };

    /// <summary>Runs long work with progress on <see cref="Error"/>.</summary>
    public T WithProgress<T>(Func<RunContext, T> work) => ProgressDisplay.Run(
        Error, (progress, notes) => work(new RunContext(progress, TimeProvider.System, Stop) { Notes = notes, KnownSpaces = KnownSpaces }));

    /// <summary>Prints a result as JSON, or as text where people read.</summary>
    public int Print<T>(bool json, T result, Action<TextWriter> text)
    {
        if (json) Output.WriteLine(JsonSerializer.Serialize(result, RunJson.Options));
        else text(Output);
        return ExitCode.Done;
    }
}
