namespace PandaNas.Cli.Display;

/// <summary>
/// Results. That they cannot be written is an error that the caller must hear of: a script would take an empty file for the result.
/// </summary>
internal sealed class ResultWriter(TextWriter inner) : GuardedWriter(inner, steers: false)
{
    protected override void Failed(Exception error) => throw new RunFailedException(
        $"cannot write the result to standard output: {error.Message.Split(" : '")[0].TrimEnd('.')}. "
        + "What the command keeps in a folder is there; for the rest free space and run it again",
        error);
}
