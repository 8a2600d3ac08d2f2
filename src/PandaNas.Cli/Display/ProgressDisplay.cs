using System.Text;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Messages;
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
        if (error is not MessageWriter { IsTerminal: true } messages)
        {
            var plain = new PlainProgress(error, TimeProvider.System);
            return work(new TimedProgress(plain, TimeProvider.System), note => error.WriteLine(PlainText.Wrap(note)));
        }
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new Terminal(messages.Steering) });
        return console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(new LiveProgress(context), console.WriteLine));
    }

    // The library takes only the real standard error for a terminal.
    private sealed class Terminal(TextWriter error) : IAnsiConsoleOutput
    {
        private readonly AnsiConsoleOutput _real = new(System.Console.Error);

        public TextWriter Writer => error;

        public bool IsTerminal => true;

        public int Width => _real.Width;

        public int Height => _real.Height;

        public void SetEncoding(Encoding encoding) => _real.SetEncoding(encoding);
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
                _task = context.AddTask(Markup.Escape(Printable.Of(value.Stage)), maxValue: 100);
            }
            _task.Value = value.Fraction * 100;
            // That of the bar is its own, this one of what stages belong to.
            string left = value.TimeLeft is { } whole ? $"  {(int)whole.TotalMinutes}:{whole.Seconds:D2} left in all" : "";
            if (value.Detail.Length + left.Length > 0)
                _task.Description = Markup.Escape(Printable.Of($"{value.Stage}  {value.Detail}{left}"));
        }
    }
}
