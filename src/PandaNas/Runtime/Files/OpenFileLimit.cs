namespace PandaNas.Runtime.Files;

/// <summary>The system's limit of files that one process may have open (<c>ulimit -n</c>).</summary>
internal static class OpenFileLimit
{
    /// <summary>What to tell the user.</summary>
    /// <remarks>A constant, so that a program can show it without opening this assembly's file.</remarks>
    public const string Message =
        "too many open files: this process may open too few. Raise the limit with 'ulimit -n 1024' in the same shell, "
        + "then run again. Earlier results are intact.";

    /// <summary>EMFILE of Linux and macOS, which an <see cref="IOException"/> has as its <see cref="Exception.HResult"/>.</summary>
    public const int ErrorCode = 24;
}
