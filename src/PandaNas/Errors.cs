namespace PandaNas;

/// <summary>
/// An error that the user can act on: its message names the file, key or option, what was expected and what to do. The command
/// line prints the message without a stack trace.
/// </summary>
public abstract class PandaNasException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Data (a file, a folder, a table, a checkpoint) is missing, damaged or not what it should be. Exit code 3.</summary>
public sealed class BadDataException(string message, Exception? inner = null) : PandaNasException(message, inner);

/// <summary>An option, key or argument is unknown or has an impossible value. Exit code 2.</summary>
public sealed class BadOptionException(string message, Exception? inner = null) : PandaNasException(message, inner);

/// <summary>Something else failed, for example a full disk. Exit code 1.</summary>
public sealed class RunFailedException(string message, Exception? inner = null) : PandaNasException(message, inner);
