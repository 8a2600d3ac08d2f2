using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PandaNas.Cli.Tests;

/// <summary>What one command line gave.</summary>
internal sealed record Outcome(int Code, string Output, string Error)
{
    /// <summary>The one JSON document on standard output.</summary>
    public JsonObject Json
    {
        get
        {
            Assert.True(Code == 0, Error);
            return JsonNode.Parse(Output, null, new JsonDocumentOptions { AllowTrailingCommas = false }) as JsonObject
                ?? throw new InvalidDataException($"no JSON object: {Output}");
        }
    }

    /// <summary>Asserts an error that people can use: the code, the words, no stack trace, nothing on standard output.</summary>
    public void Refused(int code, params string[] words)
    {
        Assert.True(Code == code, $"exit code {Code}, expected {code}: {Error}");
        Assert.Empty(Output);
        Assert.Contains("panda: ", Error, StringComparison.Ordinal);
        foreach (string word in words) Assert.Contains(word, Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", Error, StringComparison.Ordinal);
    }
}

/// <summary>Runs panda, in this process or in one of its own.</summary>
internal static partial class Panda
{
    // Torch has one thread pool a process, whose size every command line sets.
    private static readonly Lock Turn = new();

    public const int HangUp = 1, Interrupt = 2, Kill = 9, Terminate = 15;

    /// <summary>Runs a command line in this process.</summary>
    public static Outcome Run(params string[] arguments)
    {
        lock (Turn) return RunBesideOthers(arguments);
    }

    /// <summary>Runs a command line that does not compute in this process, without waiting for its turn.</summary>
    public static Outcome RunBesideOthers(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = PandaCommand.Run(arguments, output, error, TestContext.Current.CancellationToken);
        return new Outcome(code, output.ToString(), error.ToString());
    }

    /// <summary>Runs a command line in this process whose output, error output and end are the test's own.</summary>
    public static int Run(string[] arguments, TextWriter output, TextWriter error, CancellationToken cancellation, TextReader? input = null)
    {
        lock (Turn) return PandaCommand.Run(arguments, output, error, cancellation, null, input);
    }

    /// <summary>The same, with results as JSON.</summary>
    public static Outcome Json(params string[] arguments) => Run([.. arguments, "--json"]);

    /// <summary>Starts a process.</summary>
    /// <remarks>
    /// A shell in the background ignores interrupts, one under <c>nohup</c> hang-ups, and so does all they start; <c>env</c> undoes that.
    /// </remarks>
    public static PandaProcess Start(params string[] arguments) =>
        OperatingSystem.IsLinux()
            ? PandaProcess.Start("env", ["--default-signal=INT,HUP", "dotnet", Dll, .. arguments])
            : PandaProcess.Start("dotnet", [Dll, .. arguments]);

    /// <summary>Starts a process that stands in a folder.</summary>
    public static PandaProcess StartIn(string folder, params string[] arguments) =>
        PandaProcess.Start("dotnet", [Dll, .. arguments], folder);

    /// <summary>Starts a process that cannot make files of more than so many blocks of 1,024 bytes, as on a full disk.</summary>
    public static PandaProcess StartWithFileLimit(int blocks, params string[] arguments) =>
        PandaProcess.Start("bash", ["-c", $"trap '' XFSZ; ulimit -f {blocks}; exec dotnet \"$@\"", "bash", Dll, .. arguments]);

    /// <summary>Starts a process that may have no more than so many files open.</summary>
    public static PandaProcess StartWithOpenFileLimit(int files, params string[] arguments) =>
        StartInShell($"ulimit -n {files}; exec dotnet \"$@\"", arguments);

    /// <summary>Starts a process by a script of the shell whose arguments are the program and those given.</summary>
    public static PandaProcess StartInShell(string script, params string[] arguments) =>
        PandaProcess.Start("bash", ["-c", script, "bash", Dll, .. arguments]);

    public static string Dll => Path.Combine(AppContext.BaseDirectory, "panda.dll");

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int SendSignal(int process, int signal);
}

/// <summary>A running panda whose output is collected.</summary>
internal sealed class PandaProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output, _error;
    private readonly TaskCompletionSource<string> _firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PandaProcess(Process process)
    {
        _process = process;
        _output = Collect(process.StandardOutput);
        _error = process.StandardError.ReadToEndAsync();
    }

    public static PandaProcess Start(string program, IEnumerable<string> arguments, string folder = "")
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        // The runtime's own double mapping of code is a large file in memory, which a file limit forbids.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return new PandaProcess(Process.Start(start)!);
    }

    public int Id => _process.Id;

    public bool IsRunning => !_process.HasExited;

    /// <summary>The first line of its output; empty when it ends without one.</summary>
    public Task<string> FirstLine() => _firstLine.Task;

    public void Signal(int signal)
    {
        if (IsRunning) Panda.SendSignal(_process.Id, signal);
    }

    public async Task<Outcome> Finish()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Outcome(_process.ExitCode, await _output, await _error);
    }

    private async Task<string> Collect(StreamReader output)
    {
        string first = await output.ReadLineAsync() ?? "";
        _firstLine.TrySetResult(first);
        string rest = await output.ReadToEndAsync();
        return first.Length + rest.Length == 0 ? "" : $"{first}\n{rest}";
    }

    public void Dispose()
    {
        if (IsRunning) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
