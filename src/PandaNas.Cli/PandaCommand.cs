using System.CommandLine;
using System.Runtime.InteropServices;
using PandaNas.Cli.Display;
using PandaNas.Cli.Verbs;
using PandaNas.Runtime.Torch;

namespace PandaNas.Cli;

/// <summary>The root of the command line: parses, runs a verb, turns every error into a message and an exit code.</summary>
internal static class PandaCommand
{
    /// <summary>Set to 1 to see the stack trace of an internal error.</summary>
    private const string DebugVariable = "PANDA_DEBUG";

    // In the order of the help.
    private static readonly (string Name, Func<VerbContext, Command> Make)[] s_verbs =
    [
        ("quickstart", QuickstartVerb.Make),
        ("train", TrainVerb.Make),
        ("compare", CompareVerb.Make),
        ("rank", RankVerb.Make),
        ("stability", StabilityVerb.Make),
        ("variance", VarianceVerb.Make),
        ("search", SearchVerb.Make),
        ("retrain", RetrainVerb.Make),
        ("export", ExportVerb.Make),
        ("report", ReportVerb.Make),
        ("cost", CostVerb.Make),
        ("latency", LatencyVerb.Make),
        ("spaces", SpacesVerb.Make),
        ("data", DataVerb.Make),
        ("check", CheckVerb.Make),
        ("bench", BenchVerb.Make),
        ("completion", CompletionVerb.Make),
    ];

    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="output">Receives results.</param>
    /// <param name="error">Receives everything else.</param>
    /// <param name="catalog">What options can name; what is built in unless given.</param>
    public static int Run(string[] arguments, TextWriter output, TextWriter error, Catalog? catalog = null)
    {
        TorchRuntime.TuneProcess();
        using var stop = new CancellationTokenSource();
        // The first signal saves and stops; a second one ends the process as usual. A closed terminal sends several at once.
        void RequestStop(PosixSignalContext signal)
        {
            if (stop.IsCancellationRequested && signal.Signal != PosixSignal.SIGHUP) return;
            signal.Cancel = true;
            stop.Cancel();
        }
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, RequestStop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, RequestStop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, RequestStop);
        return Run(arguments, output, error, stop.Token, catalog);
    }

    /// <summary>Runs one command line that a token can stop.</summary>
    public static int Run(string[] arguments, TextWriter output, TextWriter error, CancellationToken stop, Catalog? catalog = null)
    {
        using var results = new ResultWriter(output);
        using var messages = new MessageWriter(error);
        (output, error) = (results, messages);
        RootCommand root = Build(
            new VerbContext(output, error, stop) { Catalog = catalog ?? Catalog.Default }, arguments.FirstOrDefault());
        ParseResult parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        if (arguments.Length == 0)
        {
            error.WriteLine(
                "panda: say what to do. 'panda quickstart' shows the whole way in a few minutes; 'panda --help' lists all verbs.");
            return ExitCode.WrongUsage;
        }
        bool asksForHelp = parsed.Action is VerbCommand.ShowHelp;
        if (parsed.Errors.Count > 0 && !asksForHelp)
        {
            error.WriteLine($"panda: {Printable.Of(Explain(parsed))}");
            error.WriteLine($"Run '{HelpText.PathOf(parsed.CommandResult.Command)} --help' for usage.");
            return ExitCode.WrongUsage;
        }
        return Guard(() => parsed.Invoke(configuration), error);
    }

    // The flags of a verb are some hundred objects: only those of the one that is called are made, and all where none is.
    private static RootCommand Build(VerbContext context, string? called)
    {
        var root = new RootCommand(
            "One-shot neural architecture search: train a supernet with PA&DA, rank, search, retrain. Start with 'panda quickstart'.");
        bool isOne = s_verbs.Any(verb => verb.Name == called);
        foreach ((string name, Func<VerbContext, Command> make) in s_verbs)
            if (!isOne || name == called) root.Add(make(context));
        VerbCommand.ExtendHelp(root);
        return root;
    }

    private static int Guard(Func<int> run, TextWriter error)
    {
        try
        {
            return run();
        }
        catch (Exception problem) when (OpenFiles.AreExhausted(problem))
        {
            throw new OpenFiles.ExhaustedException(problem);
        }
        catch (PandaNasException problem)
        {
            error.WriteLine($"panda: {Printable.Of(FlagWords.Of(problem.Marked))}");
            return problem switch { BadOptionException => ExitCode.WrongUsage, BadDataException => ExitCode.BadData, _ => ExitCode.Failed };
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("panda: interrupted. Finished work is saved.");
            return ExitCode.Interrupted;
        }
        catch (Exception problem) when (IsOutOfMemory(problem))
        {
            error.WriteLine(
                "panda: there is not enough memory for this: choose a smaller network, batch-size or image-size, or fewer images. "
                + "Earlier results are intact.");
            return ExitCode.Failed;
        }
        catch (Exception problem)
        {
            Exception cause = problem.GetBaseException();
            string message = Printable.Of(cause.Message.Split('\n')[0]).Trim();
            error.WriteLine($"panda: internal error: {message} ({cause.GetType().Name}). Please report it; {DebugVariable}=1 shows more.");
            if (Environment.GetEnvironmentVariable(DebugVariable) == "1") error.WriteLine(problem);
            return ExitCode.Failed;
        }
    }

    // Torch's allocator says it in words alone.
    private static bool IsOutOfMemory(Exception problem) => problem.GetBaseException() is OutOfMemoryException
        || (problem.GetBaseException() is ExternalException torch
            && torch.Message.Contains("can't allocate memory", StringComparison.Ordinal));

    // The library says only that a token is unknown; the nearest valid one saves a look into the help.
    private static string Explain(ParseResult parsed)
    {
        string message = string.Join(' ', parsed.Errors.Select(problem => Plain(problem.Message)).Distinct());
        Command command = parsed.CommandResult.Command;
        string? unknown = parsed.UnmatchedTokens.FirstOrDefault();
        if (unknown is null) return message;
        if (SwitchBefore(parsed, unknown) is { } flag) return $"{flag} is '{unknown}': expected true or false";
        // Whatever comes after it is unknown too, and says nothing more.
        message = $"Unrecognized command or argument '{unknown}'.";
        IEnumerable<string> valid = unknown.StartsWith('-')
            ? command.Options.Select(option => option.Name).Append("--help")
            : command.Subcommands.Select(verb => verb.Name);
        return valid.Any() ? $"{message} Did you mean '{NearestName.Of(unknown, valid)}'?" : message;
    }

    private static string Plain(string message) => message
        .Replace("\n\t", " ", StringComparison.Ordinal)
        .Replace("\r", "", StringComparison.Ordinal);

    // A switch takes only true and false: what stands after it was perhaps meant for it.
    private static string? SwitchBefore(ParseResult parsed, string unknown)
    {
        IEnumerable<Option> switches = parsed.CommandResult.Command.Options.Where(flag => flag.ValueType == typeof(bool));
        for (int i = 1; i < parsed.Tokens.Count; i++)
            if (parsed.Tokens[i].Value == unknown && switches.Any(flag => flag.Name == parsed.Tokens[i - 1].Value))
                return parsed.Tokens[i - 1].Value;
        return null;
    }
}
