using System.Text;
using Microsoft.Win32.SafeHandles;
using PandaNas.Runtime.Files;

namespace PandaNas.Cli;

/// <summary>
/// Says so when a process may open too few files. Then the runtime cannot load assemblies either, and claims that they do not exist;
/// so nothing here uses more than the runtime's core and constants.
/// </summary>
internal static class OpenFiles
{
    /// <summary>The message on standard error.</summary>
    public const string Message = "panda: " + OpenFileLimit.Message;

    private const int StandardError = 2;

    // A training opens about 60 files beside those of its start, most of them assemblies. With fewer than that the runtime ends the
    // process in places that cannot be guarded, as when it starts a thread.
    private const int Least = 96;

    /// <summary>
    /// Runs a command line if enough files may be open; when they run out it ends with one message on the process's standard error.
    /// </summary>
    /// <returns>The exit code.</returns>
    public static int Guard(Func<int> run)
    {
        try
        {
            if (CanOpen(Least)) return run();
        }
        // The condition is evaluated where the error is, before anything is closed again.
        catch (Exception problem) when (AreExhausted(problem))
        {
        }
        Report();
        return ExitCode.Failed;
    }

    /// <summary>Whether an error comes from too few files that may be open.</summary>
    public static bool AreExhausted(Exception problem)
    {
        for (Exception? cause = problem; cause is not null; cause = cause.InnerException)
        {
            if (cause is ExhaustedException || IsTooManyOpen(cause) || IsOfAnAssemblyThatExists(cause)) return true;
        }
        return IsOfLoading(problem.GetBaseException()) && !CanOpen(1);
    }

    // Native libraries say it in words alone. (The error of those that are not found is one of this type, but of an assembly more.)
    private static bool IsTooManyOpen(Exception error) =>
        (error is IOException && error.HResult == OpenFileLimit.ErrorCode)
        || (error is TypeLoadException && error.Message.Contains("Too many open files", StringComparison.Ordinal));

    // Of this program or of the runtime. Looking for a file does not open it.
    private static bool IsOfAnAssemblyThatExists(Exception error)
    {
        string? name = error switch { FileNotFoundException missing => missing.FileName, FileLoadException bad => bad.FileName, _ => null };
        if (name?.IndexOf(", Version=", StringComparison.Ordinal) is not (> 0 and int end)) return false;
        string file = name[..end] + ".dll";
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location) ?? "";
        return File.Exists(Path.Combine(AppContext.BaseDirectory, file)) || File.Exists(Path.Combine(runtime, file));
    }

    private static bool IsOfLoading(Exception error) =>
        error is FileNotFoundException or FileLoadException or BadImageFormatException or TypeLoadException;

    private static bool CanOpen(int count)
    {
        if (Environment.ProcessPath is not { } program) return true;
        var opened = new SafeFileHandle?[count];
        try
        {
            for (int i = 0; i < count; i++) opened[i] = File.OpenHandle(program, share: FileShare.ReadWrite | FileShare.Delete);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return !IsTooManyOpen(error);
        }
        finally
        {
            foreach (SafeFileHandle? handle in opened) handle?.Dispose();
        }
    }

    // Not the console's writer, which takes assemblies and perhaps a file of its own.
    private static void Report()
    {
        try
        {
            using var handle = new SafeFileHandle(StandardError, ownsHandle: false);
            using var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0);
            stream.Write(Encoding.UTF8.GetBytes(Message + "\n"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // It is closed; the exit code says the rest.
        }
    }

    /// <summary>Carries the finding past what is closed on the way to <see cref="Guard"/>.</summary>
    internal sealed class ExhaustedException(Exception inner) : Exception(OpenFileLimit.Message, inner);
}
