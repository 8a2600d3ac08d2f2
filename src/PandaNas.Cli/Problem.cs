using System.Runtime.InteropServices;
using PandaNas.Messages;

namespace PandaNas.Cli;

/// <summary>What ends a command: the exit code and the message for people.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Message">What is wrong and what to do about it.</param>
/// <param name="Details">The stack trace of an internal error, where it was asked for; null otherwise.</param>
internal sealed record Problem(int Code, string Message, Exception? Details = null)
{
    // Set to 1 to see the stack trace of an internal error.
    private const string DebugVariable = "PANDA_DEBUG";

    /// <summary>What an error means to whoever ran the command.</summary>
    public static Problem Of(Exception error) => error switch
    {
        PandaNasException known => new Problem(
            known switch { BadOptionException => ExitCode.WrongUsage, BadDataException => ExitCode.BadData, _ => ExitCode.Failed },
            Printable.Of(FlagWords.Of(known.Marked))),
        OperationCanceledException => new Problem(ExitCode.Interrupted, "interrupted. Finished work is saved."),
        _ when IsOutOfMemory(error) => new Problem(
            ExitCode.Failed,
            "there is not enough memory for this: choose a smaller network, batch-size or image-size, or fewer images. "
            + "Earlier results are intact."),
        _ => Internal(error),
    };

    /// <summary>All that is to be said.</summary>
    public string Text => Details is null ? Message : $"{Message}\n{Details}";

    /// <summary>Says it.</summary>
    /// <returns>The exit code.</returns>
    public int WriteTo(TextWriter error)
    {
        error.WriteLine($"panda: {Text}");
        return Code;
    }

    private static Problem Internal(Exception error)
    {
        Exception cause = error.GetBaseException();
        string message = Printable.Of(cause.Message.Split('\n')[0]).Trim();
        return new Problem(
            ExitCode.Failed,
            $"internal error: {message} ({cause.GetType().Name}). Please report it; {DebugVariable}=1 shows more.",
            Environment.GetEnvironmentVariable(DebugVariable) == "1" ? error : null);
    }

    // Torch's allocator says it in words alone.
    private static bool IsOutOfMemory(Exception problem) => problem.GetBaseException() is OutOfMemoryException
        || (problem.GetBaseException() is ExternalException torch
            && torch.Message.Contains("can't allocate memory", StringComparison.Ordinal));
}
