using System.Text;

namespace PandaNas.Cli.Tests;

[Collection(PandaCollection.Name)]
public sealed class QuickstartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AnInterruptedQuickstartContinuesAndKeepsItsSeed()
    {
        string folder = _folder["quick"];
        Assert.Equal(ExitCode.Interrupted, RunUntilTraining(out string first, "quickstart", "--out", folder, "--seed", "3", "--threads", "1"));
        Assert.Contains($"panda quickstart --out {folder} --resume", first, StringComparison.Ordinal);

        // Without --resume, or with another seed, nothing is touched.
        Assert.Equal(ExitCode.WrongUsage, RunUntilTraining(out _, "quickstart", "--out", folder, "--seed", "3", "--threads", "1"));
        Assert.Equal(ExitCode.WrongUsage, RunUntilTraining(out string seed, "quickstart", "--out", folder, "--seed", "4", "--threads", "1", "--resume"));
        Assert.Contains("started with 3", seed, StringComparison.Ordinal);

        string before = Newest(folder);
        Assert.Equal(ExitCode.Interrupted, RunUntilTraining(out _, "quickstart", "--out", folder, "--seed", "3", "--threads", "1", "--resume"));
        Assert.True(string.CompareOrdinal(Newest(folder), before) > 0, "the continued quickstart did not go on from its checkpoint");
    }

    private static string Newest(string folder) =>
        Directory.EnumerateDirectories(Path.Combine(folder, "supernet", "checkpoints")).Select(path => Path.GetFileName(path)!).Max(StringComparer.Ordinal)!;

    // Stops when the first step of training has been reported.
    private static int RunUntilTraining(out string error, params string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        using var writer = new StoppingWriter(stop);
        int code = PandaCommand.Run(arguments, TextWriter.Null, writer, stop.Token);
        error = writer.ToString();
        return code;
    }

    private sealed class StoppingWriter(CancellationTokenSource stop) : StringWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.StartsWith("train supernet", StringComparison.Ordinal) == true) stop.Cancel();
        }
    }
}
