using PandaNas.TorchCalls;

namespace PandaNas.Cli.Tests.TorchCalls;

public sealed class TorchCallCheckTests
{
    private static readonly string Here = AppContext.BaseDirectory;

    private static string TorchSharp => Path.Combine(Here, "TorchSharp.dll");

    [Fact]
    public void LibraryCommandLineBenchmarksAndSample_DependOnNoCollector()
    {
        using var check = new TorchCallCheck(
            [
                Path.Combine(Here, "PandaNas.dll"), Path.Combine(Here, "panda.dll"), Path.Combine(Here, "PandaNas.Benchmarks.dll"),
                Sibling("samples/CustomSpace", "CustomSpace.dll"),
            ], [TorchSharp]);
        TorchCallReport[] reports = [.. check.Reports()];

        Assert.Equal(
            ["PandaNas.dll", "panda.dll", "PandaNas.Benchmarks.dll", "CustomSpace.dll"], reports.Select(report => report.Assembly));
        Assert.True(reports[0].Methods > 3000 && reports[0].TorchSharpMembers > 100);
        IEnumerable<TorchCallFinding> findings = reports.SelectMany(report => report.Findings);
        Assert.Empty(findings.Select(finding => $"{finding.Method} at {finding.Offset} calls {finding.Calls}: {finding.Fault}"));

        (string Member, bool LosesNumber)[] called = [.. check.MembersCalled()];
        Assert.True(called.Length > 100);
        Assert.DoesNotContain(called, member => member.LosesNumber);
    }

    // Tests that lose what they read end the whole run: one ended CollectorTests with a segmentation fault.
    [Fact]
    public void Tests_DependOnNoCollector_ButForKnownFaults_WhichAreFound()
    {
        using var check = new TorchCallCheck(
            [Sibling("tests/PandaNas.Tests", "PandaNas.Tests.dll"), Path.Combine(Here, "PandaNas.Cli.Tests.dll")],
            [TorchSharp, Path.Combine(Here, "PandaNas.dll")]);
        TorchCallFinding[] findings = [.. check.Reports().SelectMany(report => report.Findings)];
        Assert.Empty(findings
            .Where(finding => !finding.Method.StartsWith(typeof(KnownBad).FullName!, StringComparison.Ordinal))
            .Select(finding => $"{finding.Method} at {finding.Offset} calls {finding.Calls}: {finding.Fault}"));

        // Were the check blind, all the rest would hold.
        string[] expected = [.. typeof(KnownBad).GetMethods().Where(method => method.IsStatic).Select(method => method.Name).Order()];
        Assert.Equal(14, expected.Length);
        Assert.Equal(expected, findings.Select(finding => finding.Method.Split('(')[0].Split('.')[^1]).Distinct().Order());

        string[] losing = ["add(Tensor)", "add_(Tensor)", "op_Addition(Tensor, Tensor)", "op_Multiply(Tensor, Int32)"];
        Assert.Equal(
            losing.Select(member => "TorchSharp.torch.Tensor." + member),
            check.MembersCalled().Where(called => called.LosesNumber).Select(called => called.Member).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Check_OfCleanCode_EndsWith0()
    {
        Outcome outcome = Panda.Run("check", Path.Combine(Here, "panda.dll"));
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Contains("panda.dll: ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains(" 0 calls that depend on the garbage collector", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OfFaults_EndsWith1_AndNamesThem()
    {
        Outcome outcome = Panda.Run("check", Path.Combine(Here, "PandaNas.Cli.Tests.dll"), "--json");
        Assert.Equal((1, ""), (outcome.Code, outcome.Error));
        Assert.Contains("KnownBad.NumberMadeInPlace", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("using Scalar", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OfWhatIsNoAssembly_EndsWith3()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = File.ReadAllBytes(Path.Combine(Here, "panda.dll"));
        string[] files = [folder["missing.dll"], folder["empty.dll"], folder["text.dll"], folder["half.dll"], folder["zeros.dll"]];
        File.WriteAllBytes(files[1], []);
        File.WriteAllText(files[2], "no assembly");
        File.WriteAllBytes(files[3], whole[..(whole.Length / 2)]);
        File.WriteAllBytes(files[4], [.. whole[..(whole.Length / 3)], .. new byte[whole.Length - (whole.Length / 3)]]);

        foreach (string file in files)
        {
            Outcome outcome = Panda.Run("check", file);
            Assert.Equal((3, ""), (outcome.Code, outcome.Output));
            Assert.StartsWith("panda: ", outcome.Error, StringComparison.Ordinal);
            Assert.Contains($"'{file}'", outcome.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        }
    }

    // .../PROJECT/bin/CONFIGURATION/FRAMEWORK, of another project.
    private static string Sibling(string project, string file)
    {
        string[] parts = Here.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);
        return Path.Combine([string.Join(Path.DirectorySeparatorChar, parts[..^5]), .. project.Split('/'), .. parts[^3..], file]);
    }
}
