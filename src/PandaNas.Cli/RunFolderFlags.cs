using System.CommandLine;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;

namespace PandaNas.Cli;

/// <summary>The flags <c>--out</c> and <c>--resume</c> of verbs that make a run.</summary>
internal sealed class RunFolderFlags
{
    /// <summary>Where runs lie unless the user says otherwise.</summary>
    public const string RunsFolder = "runs";

    private readonly Option<string?> _out =
        new("--out") { Description = "folder of the run [default: a new one under runs/]", HelpName = "FOLDER" };
    private readonly Option<bool> _resume =
        new("--resume") { Description = "continue the run in --out with its own options, or start it if there is none" };

    /// <summary>Adds both flags.</summary>
    public static RunFolderFlags Add(Command command)
    {
        var flags = new RunFolderFlags();
        command.Add(flags._out);
        command.Add(flags._resume);
        return flags;
    }

    /// <summary>The run's folder, and whether what is in it shall be continued.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="name">The name of a new folder under <c>runs/</c> when the user names none.</param>
    /// <param name="resumes">A flag that was given and has run folders continued as <c>--resume</c> has; null for none.</param>
    public (string Folder, bool Resume) Resolve(ParseResult parsed, string name, string? resumes = null)
    {
        string? folder = parsed.GetValue(_out);
        if (parsed.GetValue(_resume)) resumes ??= _resume.Name;
        bool resume = resumes is not null;
        if (folder is null && resume) throw new BadOptionException($"{resumes} needs --out: say which run to continue");
        if (string.IsNullOrWhiteSpace(folder) && folder is not null) throw new BadOptionException("--out is empty: name a folder");
        folder ??= Unused(Path.Combine(RunsFolder, name));
        // Before options and images are read, which can take long or complain about something else.
        if (!(resume && RunDirectory.Exists(folder))) RunDirectory.RequireNone(folder, resume);
        return (folder, resume);
    }

    /// <summary>Runs, and when interrupted says how to continue, if there is something to be continued.</summary>
    /// <param name="context">Where it is said.</param>
    /// <param name="verb">The verb.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="run">The work.</param>
    /// <param name="more">Arguments that a run does not store.</param>
    /// <param name="resumes">The flag that continues it.</param>
    /// <param name="begun">The folder in it that is there once options are stored; null for the run's own.</param>
    public static T SayHowToContinue<T>(
        VerbContext context, string verb, string folder, Func<T> run, string[]? more = null, string resumes = "--resume",
        string? begun = null)
    {
        try
        {
            return run();
        }
        catch (OperationCanceledException)
        {
            // Without stored options another training would begin, with the defaults.
            context.Error.WriteLine(RunDirectory.Exists(begun ?? folder)
                ? $"panda: to continue: {CommandText.Of([verb, "--out", Path.GetFullPath(folder), resumes, .. more ?? []])}"
                : "panda: nothing was begun that could be continued: give the same command again");
            throw;
        }
    }

    /// <summary>Arguments of a training that its run does not store.</summary>
    public static string[] NotStored(TrainingRunOptions options) =>
        options.TensorBoardFolder is { } curves ? ["--tensorboard", curves] : [];

    /// <summary>A path that is free, with a number where the plain one is taken.</summary>
    public static string Unused(string path, string extension = "")
    {
        string candidate = path + extension;
        for (int number = 2; Path.Exists(candidate); number++) candidate = $"{path}-{number}{extension}";
        return candidate;
    }
}
