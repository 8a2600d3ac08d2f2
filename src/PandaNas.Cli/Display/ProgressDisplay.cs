using PandaNas.Experiments;
using Spectre.Console;

namespace PandaNas.Cli.Display;

/// <summary>Shows progress with the time left: live bars on a terminal, a plain line now and then when redirected.</summary>
internal static class ProgressDisplay
{
    /// <summary>Runs work while showing its progress.</summary>
    /// <param name="error">Where to.</param>
    /// <param name="work">Takes where progress goes, and where sentences go that stay on the screen above it.</param>
    public static T Run<T>(TextWriter error, Func<IProgress<RunProgress>, Action<string>, T> work)
    {
        // Only the real standard error can be a terminal; tests pass writers of their own.
        bool interactive = ReferenceEquals(error, System.Console.Error) && !System.Console.IsErrorRedirected;
        if (!interactive) return work(new PlainProgress(error, TimeProvider.System), note => error.WriteLine(PlainText.Wrap(note)));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(new LiveProgress(context), console.WriteLine));
    }

    private sealed class LiveProgress(ProgressContext context) : IProgress<RunProgress>
    {
        private string _stage = "";
        private ProgressTask? _task;

        public void Report(RunProgress value)
        {
            if (_task is null || _stage != value.Stage || value.Fraction * 100 < _task.Value - 1)
            {
                if (_task is not null) _task.Value = 100;
                _stage = value.Stage;
                _task = context.AddTask(Markup.Escape(value.Stage), maxValue: 100);
            }
            _task.Value = value.Fraction * 100;
            if (value.Detail.Length > 0) _task.Description = Markup.Escape($"{value.Stage}  {value.Detail}");
        }
    }
}
