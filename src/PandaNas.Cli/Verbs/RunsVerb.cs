using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Reporting.Overviews;
using PandaNas.Training;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda runs</c>: lists runs, shows, compares and deletes them.</summary>
internal static class RunsVerb
{
    private const int MostNamed = 6;

    // Where no line is to be broken.
    private const char Stuck = '\u00a0';

    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "runs",
            "List the runs below a folder: what they are, how they stand, their best figure.",
            $"""
            States: running (a process is writing), interrupted (continue it with
            --resume), done, damaged (a file cannot be used). Links are not followed, and
            folders more than {RunFolders.Deepest} below the given one are not looked into.
            """,
            "panda runs",
            "panda runs experiments --json",
            "panda runs show runs/panda",
            "panda runs compare runs/panda runs/spos",
            "panda runs delete runs/panda");
        Argument<string> folder = FolderArgument();
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(folder);
        command.Add(json);
        command.SetAction(parsed => List(context, parsed.GetValue(folder)!, parsed.GetValue(json)));
        command.Add(MakeShow(context));
        command.Add(MakeCompare(context));
        command.Add(MakeDelete(context));
        return command;
    }

    /// <summary>The argument of verbs that look at all runs of a folder.</summary>
    public static Argument<string> FolderArgument() => new("FOLDER")
    {
        Description = $"where the runs lie [default: {RunFolderFlags.RunsFolder}]",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => RunFolderFlags.RunsFolder,
    };

    private static int List(VerbContext context, string folder, bool json)
    {
        string whole = Path.GetFullPath(folder);
        ImmutableArray<RunSummary> runs = [.. RunFolders.Below(folder).Select(Read)];
        return context.Print(json, new RunList(whole, runs), output =>
        {
            if (runs.IsEmpty)
            {
                output.WriteLine(PlainText.Wrap($"There is no run in or below {whole}."));
                return;
            }
            foreach (RunSummary run in runs)
            {
                // Names are of any length: they stand on lines of their own.
                output.WriteLine(Path.GetRelativePath(whole, run.Run));
                string best = run.Best is { } figure ? $"{figure.Text} {figure.Short}" : "";
                string columns = $"  {StateOf(run),-12} {run.KindText,-11} {DoneOf(run),-8} {SizeOf(run.Bytes),9}";
                output.WriteLine($"{columns}  {TimeOf(run.Changed),-16}  {best}".TrimEnd());
                if (run.Problem is not null) output.WriteLine(Indented(run.Problem));
            }
        });
    }

    private static VerbCommand MakeShow(VerbContext context)
    {
        var command = new VerbCommand(
            "show",
            "Show what a run is, how it stands and what it gave.",
            "",
            "panda runs show runs/panda",
            "panda runs show runs/panda --json");
        var folder = new Argument<string>("RUN") { Description = "the run's folder" };
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(folder);
        command.Add(json);
        command.SetAction(parsed =>
        {
            RunSummary run = ReadOne(parsed.GetValue(folder)!);
            var document = new RunDetails(run, run.Epochs, run.Options);
            return context.Print(parsed.GetValue(json), document, output => Show(output, run));
        });
        return command;
    }

    private static void Show(TextWriter output, RunSummary run)
    {
        (string Name, string? Value)[] facts =
        [
            ("run", run.Run), ("kind", run.KindText), ("state", StateOf(run)), ("problem", run.Problem), ("space", run.Space),
            ("method", run.Method), ("architecture", run.Architecture), ("data set", run.DataSet), ("seed", run.Seed),
            ("done", DoneOf(run)), ("trained", Duration(run.Seconds)),
            ("left", run.SecondsLeft is { } left ? $"about {Duration(left)}" : null),
            .. run.Figures.Select(figure => (figure.Label, (string?)figure.Text)),
            ("size", SizeOf(run.Bytes)), ("begun", TimeOf(run.Started)), ("changed", TimeOf(run.Changed)),
        ];
        facts = [.. facts.Where(fact => !string.IsNullOrEmpty(fact.Value))];
        int width = facts.Max(fact => fact.Name.Length) + 2;
        foreach ((string name, string? value) in facts)
            output.WriteLine(PlainText.Wrap($"{name.Replace(' ', Stuck).PadRight(width, Stuck)}{value}", width).Replace(Stuck, ' '));
        if (run.State == RunState.Interrupted && VerbOf(run) is { } verb) CommandText.WriteNext(output, verb, "--out", run.Run, "--resume");
        else if (run.State == RunState.Done) CommandText.WriteNext(output, "report", run.Run, "--open");
    }

    private static VerbCommand MakeCompare(VerbContext context)
    {
        var command = new VerbCommand(
            "compare",
            "Put runs side by side: their figures, and the options in which they differ.",
            "",
            "panda runs compare runs/panda runs/spos");
        var folders = new Argument<string[]>("RUN") { Description = "folders of two or more runs", Arity = ArgumentArity.OneOrMore };
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(folders);
        command.Add(json);
        command.SetAction(parsed =>
        {
            string[] paths = parsed.GetValue(folders)!;
            Report.RequireOnce(paths);
            if (paths.Length < 2) throw new BadOptionException($"'{paths[0]}' is one run: name two or more to compare");
            ImmutableArray<RunSummary> runs = [.. paths.Select(ReadOne)];
            var differing = Differing(runs);
            return context.Print(
                parsed.GetValue(json), new RunDifferences(runs, differing), output => Compare(output, runs, differing));
        });
        return command;
    }

    private static void Compare(
        TextWriter output, ImmutableArray<RunSummary> runs, ImmutableSortedDictionary<string, ImmutableArray<string>> differing)
    {
        foreach ((int i, RunSummary run) in runs.Index()) output.WriteLine($"  {i + 1}  {run.KindText}, {StateOf(run)}: {run.Run}");
        string[] labels = [.. runs.SelectMany(run => run.Figures).Select(figure => figure.Label).Distinct()];
        TextTable.Print(output, ["figure", .. runs.Select((_, i) => $">{i + 1}")],
        [
            ["done", .. runs.Select(DoneOf)],
            ["trained", .. runs.Select(run => Duration(run.Seconds))],
            ["last loss", .. runs.Select(LossOf)],
            .. labels.Select(label => (IReadOnlyList<string>)
                [label, .. runs.Select(run => run.Figures.FirstOrDefault(figure => figure.Label == label)?.Text ?? "")]),
        ]);
        output.WriteLine(differing.IsEmpty ? "The options that all have are the same." : "Options that all have and that differ:");
        foreach ((string key, ImmutableArray<string> values) in differing)
        {
            IEnumerable<string> parts =
                from one in values.Index()
                group one.Index + 1 by one.Item into same
                select $"{(same.Key.Length == 0 ? "empty" : same.Key)} in {string.Join(", ", same)}";
            output.WriteLine(Indented($"{key}: {string.Join("; ", parts)}"));
        }
    }

    private static ImmutableSortedDictionary<string, ImmutableArray<string>> Differing(ImmutableArray<RunSummary> runs) =>
        runs[0].Options.Keys.Where(key => runs.All(run => run.Options.ContainsKey(key)))
            .Select(key => KeyValuePair.Create(key, runs.Select(run => run.Options[key]).ToImmutableArray()))
            .Where(option => option.Value.Distinct().Count() > 1)
            .ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static VerbCommand MakeDelete(VerbContext context)
    {
        var command = new VerbCommand(
            "delete",
            "Delete runs, after a question.",
            """
            Deleted is what a run wrote, and of a comparison all its runs. Files of others
            in its folder stay, links are not followed, and a run that is being written is
            refused, as is a folder that is not that of a run.
            """,
            "panda runs delete runs/panda",
            "panda runs delete runs/spos-0 runs/spos-1 --yes");
        var folders = new Argument<string[]>("RUN") { Description = "folders of runs", Arity = ArgumentArity.OneOrMore };
        var yes = new Option<bool>("--yes") { Description = "do not ask" };
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(folders);
        command.Add(yes);
        command.Add(json);
        command.SetAction(parsed =>
        {
            string[] paths = parsed.GetValue(folders)!;
            Report.RequireOnce(paths);
            // All are looked at before the first goes.
            ImmutableArray<RunSummary> runs = [.. paths.Select(ReadOne)];
            foreach (RunSummary run in runs) RequireDeletable(run);
            var deleted = ImmutableArray.CreateBuilder<DeletedRun>();
            foreach (RunSummary run in runs)
                if (parsed.GetValue(yes) || Confirms(context, run)) deleted.Add(RunDeletion.Delete(run.Run));
            return context.Print(parsed.GetValue(json), new Deletions(deleted.ToImmutable()), output => Print(output, deleted));
        });
        return command;
    }

    private static void RequireDeletable(RunSummary run)
    {
        if (run.State == RunState.Running)
            throw new RunFailedException($"a process is writing into '{run.Run}', so it is not deleted: wait for it, or stop it");
        if (run.Kind.Length == 0)
            throw new BadDataException(
                $"'{run.Run}' cannot be told to be a run of ours, so nothing is deleted: {run.Problem!.TrimEnd('.')}. "
                + "Look into the folder, and delete it yourself");
    }

    private static bool Confirms(VerbContext context, RunSummary run)
    {
        context.Error.WriteLine(PlainText.Wrap(
            $"Delete the {run.KindText} in {run.Run}, {SizeOf(run.Bytes)}, {StateOf(run)} ({DoneOf(run)})? "
            + "Type y to delete, anything else to keep it:"));
        context.Error.Flush();
        if (context.Answers?.ReadLine() is not { } answer)
            throw new BadOptionException("nobody answered, so nothing more was deleted: add --yes to delete without a question");
        return answer.Trim() is "y" or "Y" or "yes";
    }

    private static void Print(TextWriter output, IReadOnlyCollection<DeletedRun> deleted)
    {
        if (deleted.Count == 0) output.WriteLine("Nothing was deleted.");
        foreach (DeletedRun run in deleted)
        {
            output.WriteLine($"Deleted {run.Run}: {PlainText.Count(run.Files, "file")}, {SizeOf(run.Bytes)}.");
            if (!run.Left.IsEmpty)
                output.WriteLine(Indented(
                    $"Left there, because no run wrote it or because it is a link: {string.Join(", ", run.Left.Take(MostNamed))}"
                    + $"{(run.Left.Length > MostNamed ? $" and {run.Left.Length - MostNamed} more" : "")}."));
        }
    }

    private static RunSummary ReadOne(string folder)
    {
        if (string.IsNullOrWhiteSpace(folder) || !RunSummary.IsRun(folder)) RunDirectory.RequireRun(folder);
        return Read(folder);
    }

    private static RunSummary Read(string folder) => RunSummary.Read(folder, TimeProvider.System.GetUtcNow());

    private static string? VerbOf(RunSummary run) => run.Kind switch
    {
        RunKind.Supernet => "train",
        RunKind.Standalone => "retrain",
        RunKind.Comparison => "compare",
        RunKind.Auto => "auto",
        _ => null,
    };

    private static string LossOf(RunSummary run) =>
        run.Epochs.IsEmpty ? "" : run.Epochs[^1].Loss.ToString("F3", CultureInfo.InvariantCulture);

    private static string Indented(string text) => PlainText.Wrap($"{Stuck}{Stuck}{text}", 2).Replace(Stuck, ' ');

    private static string StateOf(RunSummary run) => run.State.ToString().ToLowerInvariant();

    private static string DoneOf(RunSummary run) =>
        run.Planned == 0 ? "" : $"{run.Done}/{run.Planned}{(RunKind.HoldsRuns(run.Kind) ? " runs" : "")}";

    private static string Duration(double seconds) => seconds >= 3600
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)(seconds / 3600)}:{(int)(seconds / 60) % 60:D2}:{(int)seconds % 60:D2} h")
        : seconds >= 60 ? string.Create(CultureInfo.InvariantCulture, $"{(int)(seconds / 60)}:{(int)seconds % 60:D2} min")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s");

    private static string SizeOf(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):F1} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):F1} MiB");

    private static string TimeOf(DateTime utc) =>
        utc.Year < 1980 ? "" : utc.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private sealed record RunList(string Folder, ImmutableArray<RunSummary> Runs);

    private sealed record RunDetails(
        RunSummary Summary, ImmutableArray<EpochRecord> Epochs, ImmutableSortedDictionary<string, string> Options);

    private sealed record RunDifferences(
        ImmutableArray<RunSummary> Runs, ImmutableSortedDictionary<string, ImmutableArray<string>> DifferingOptions);

    private sealed record Deletions(ImmutableArray<DeletedRun> Deleted);
}
