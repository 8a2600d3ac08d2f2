using System.CommandLine;
using System.Runtime.InteropServices;
using PandaNas.Cli.Display;
using PandaNas.Cli.Verbs;
using PandaNas.Distributed;
using PandaNas.Messages;
using PandaNas.Runtime.Torch;

namespace PandaNas.Cli;

/// <summary>The root of the command line: parses, runs a verb, turns every error into a message and an exit code.</summary>
internal static class PandaCommand
{
    // By then a launcher has ended the job if rank 0 has failed.
    private static readonly TimeSpan PatienceWithRankZero = TimeSpan.FromSeconds(2);

    /// <summary>Runs the command line of this process.</summary>
    public static int RunAtConsole(string[] arguments, Catalog? catalog = null) => OpenFiles.Guard(() =>
    {
        // Open MPI gives its processes a terminal, to which .NET would send codes that end up in the results.
        if (Launch.Of(Environment.GetEnvironmentVariable) is not null) Environment.SetEnvironmentVariable("TERM", "dumb");
        return Run(arguments, Console.Out, Console.Error, catalog);
    });

    // In the order of the help.
    private static readonly (string Name, Func<VerbContext, Command> Make)[] s_verbs =
    [
        ("quickstart", QuickstartVerb.Make),
        ("auto", AutoVerb.Make),
        ("train", TrainVerb.Make),
        ("compare", CompareVerb.Make),
        ("rank", RankVerb.Make),
        ("stability", StabilityVerb.Make),
        ("variance", VarianceVerb.Make),
        ("search", SearchVerb.Make),
        ("retrain", RetrainVerb.Make),
        ("predict", PredictVerb.Make),
        ("export", ExportVerb.Make),
        ("report", ReportVerb.Make),
        ("plot", PlotVerb.Make),
        ("runs", RunsVerb.Make),
        ("watch", WatchVerb.Make),
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
        return Run(arguments, output, error, stop.Token, catalog, Console.In);
    }

    /// <summary>Runs one command line that a token can stop.</summary>
    public static int Run(
        string[] arguments, TextWriter output, TextWriter error, CancellationToken stop, Catalog? catalog = null,
        TextReader? answers = null)
    {
        Launch? launch = Launch.Of(Environment.GetEnvironmentVariable);
        using var messages = new MessageWriter(error);
        // All ranks have the same command line; rank 0 speaks for all.
        bool speaks = launch is not { Rank: > 0 };
        using var results = new ResultWriter(speaks ? output : TextWriter.Null);
        using var own = new MessageWriter(speaks ? error : TextWriter.Null);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var context = new VerbContext(results, own, ended.Token) { Catalog = catalog ?? Catalog.Default, Answers = answers };
        RootCommand root = Build(context, arguments.FirstOrDefault());
        ParseResult parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var configuration = new InvocationConfiguration
        {
            Output = results,
            Error = own,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        if (arguments.Length == 0)
        {
            own.WriteLine(
                "panda: say what to do. 'panda quickstart' shows the whole way in a few minutes; 'panda --help' lists all verbs.");
            return ExitCode.WrongUsage;
        }
        bool asksForHelp = parsed.Action is VerbCommand.ShowHelp;
        if (parsed.Errors.Count > 0 && !asksForHelp)
        {
            own.WriteLine($"panda: {Printable.Of(Explain(parsed))}");
            own.WriteLine($"Run '{HelpText.PathOf(parsed.CommandResult.Command)} --help' for usage.");
            return ExitCode.WrongUsage;
        }
        Func<int> run = () => parsed.Invoke(configuration);
        if (launch is null || asksForHelp) return Guard(run, problem => problem.WriteTo(own));
        return Guard(
            () => RunOnRanks(parsed.CommandResult.Command, run, launch, context, ended, messages), problem => problem.WriteTo(own));
    }

    private static int RunOnRanks(
        Command command, Func<int> run, Launch launch, VerbContext context, CancellationTokenSource stop, TextWriter messages)
    {
        if (command is not VerbCommand { RunsOnRanks: true })
            throw new BadOptionException(
                $"'{HelpText.PathOf(command)}' runs in one process, and {launch.Size} were started: start it without mpirun or srun");
        using var job = new RankJob(Join(launch, messages), stop, message => messages.WriteLine($"panda: {message}"), TimeProvider.System);
        context.Job = job;
        int code = Guard(run, problem =>
        {
            if (problem.Code != ExitCode.Interrupted) job.Fail(problem.Code, problem.Text);
            else if (!job.IsWorker) problem.WriteTo(messages);
            return problem.Code;
        });
        job.Finish(code);
        return code;
    }

    // What rank 0 meets too it says; what only this rank meets has to be said here.
    private static MpiCommunicator Join(Launch launch, TextWriter messages)
    {
        try
        {
            return new MpiCommunicator(launch, TimeProvider.System);
        }
        catch (RunFailedException error) when (launch.Rank > 0)
        {
            Thread.Sleep(PatienceWithRankZero);
            messages.WriteLine($"panda: rank {launch.Rank} of {launch.Size} on {Environment.MachineName}: {error.Message}");
            throw;
        }
    }

    // The flags of a verb are some hundred objects: only those of the one that is called are made, and all where none is but to tell the
    // version.
    private static RootCommand Build(VerbContext context, string? called)
    {
        var root = new RootCommand(
            "One-shot neural architecture search: train a supernet with PA&DA, rank, search, retrain. Start with 'panda quickstart'.");
        bool isOne = called == "--version" || s_verbs.Any(verb => verb.Name == called);
        foreach ((string name, Func<VerbContext, Command> make) in s_verbs)
            if (!isOne || name == called) root.Add(make(context));
        VerbCommand.ExtendHelp(root);
        return root;
    }

    private static int Guard(Func<int> run, Func<Problem, int> report)
    {
        try
        {
            return run();
        }
        catch (Exception problem) when (OpenFiles.AreExhausted(problem))
        {
            throw new OpenFiles.ExhaustedException(problem);
        }
        catch (Exception problem)
        {
            return report(Problem.Of(problem));
        }
    }

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
