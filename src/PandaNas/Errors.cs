namespace PandaNas;

/// <summary>
/// An error that the user can act on: its message names the file or option, what was expected and what to do. Options are named by
/// their properties; the command line names its flags and prints the message without a stack trace.
/// </summary>
public abstract class PandaNasException : Exception
{
    private protected PandaNasException(string message, Exception? inner = null)
        : base(Mention.AsProperties(message), inner) => Marked = message;

    /// <summary>The message with a mark for every option and step that it mentions, see <see cref="Mention"/>.</summary>
    internal string Marked { get; }
}

/// <summary>Data (a file, a folder, a table, a checkpoint) is missing, damaged or not what it should be. Exit code 3.</summary>
public sealed class BadDataException(string message, Exception? inner = null) : PandaNasException(message, inner);

/// <summary>An option, key or argument is unknown or has an impossible value. Exit code 2.</summary>
public sealed class BadOptionException : PandaNasException
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="message">The problem and what to do about it.</param>
    /// <param name="inner">What led to it.</param>
    public BadOptionException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Says what is wrong with one option.</summary>
    /// <param name="key">The option's key.</param>
    /// <param name="message">The problem and what to do about it.</param>
    /// <param name="inner">What led to it.</param>
    public BadOptionException(string key, string message, Exception? inner = null)
        : base(message, inner) => Key = key;

    /// <summary>The key of the option that is wrong; null where it is none or not only one.</summary>
    public string? Key { get; }
}

/// <summary>Something else failed, for example a full disk. Exit code 1.</summary>
public sealed class RunFailedException(string message, Exception? inner = null) : PandaNasException(message, inner);
