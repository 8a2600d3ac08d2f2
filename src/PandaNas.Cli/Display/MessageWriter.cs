using PandaNas.Messages;

namespace PandaNas.Cli.Display;

/// <summary>
/// Progress and messages. What cannot be written, because the disk behind a log is full or the terminal is closed, is given up: work
/// of hours must not end for it.
/// </summary>
/// <param name="inner">Where to.</param>
/// <param name="steers">Whether texts steer a terminal and pass unchanged.</param>
internal sealed class MessageWriter(TextWriter inner, bool steers = false) : GuardedWriter(inner, steers)
{
    /// <summary>The same for what draws on the terminal; texts from elsewhere must be <see cref="Printable"/> before.</summary>
    public MessageWriter Steering => new(Inner, steers: true);

    /// <summary>Whether a person may be watching.</summary>
    public bool IsTerminal { get; } = ReferenceEquals(inner, System.Console.Error) && !System.Console.IsErrorRedirected;

    protected override void Failed(Exception error)
    {
    }
}
