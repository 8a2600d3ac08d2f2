namespace PandaNas.Cli.Display;

/// <summary>
/// Progress and messages. What cannot be written, because the disk behind a log is full or the terminal is closed, is given up: work
/// of hours must not end for it.
/// </summary>
internal sealed class MessageWriter(TextWriter inner) : GuardedWriter(inner)
{
    /// <summary>Whether a person may be watching.</summary>
    public bool IsTerminal { get; } = ReferenceEquals(inner, System.Console.Error) && !System.Console.IsErrorRedirected;

    protected override void Failed(Exception error)
    {
    }
}
