namespace PandaNas.Cli.Tests.Verbs;

public sealed class HelpTests
{
    [Theory]
    [InlineData("panda", "")]
    [InlineData("quickstart", "quickstart")]
    [InlineData("auto", "auto")]
    [InlineData("train", "train")]
    [InlineData("compare", "compare")]
    [InlineData("rank", "rank")]
    [InlineData("variance", "variance")]
    [InlineData("stability", "stability")]
    [InlineData("search", "search")]
    [InlineData("retrain", "retrain")]
    [InlineData("predict", "predict")]
    [InlineData("export", "export")]
    [InlineData("report", "report")]
    [InlineData("plot", "plot")]
    [InlineData("runs", "runs")]
    [InlineData("runs-delete", "runs delete")]
    [InlineData("watch", "watch")]
    [InlineData("cost", "cost")]
    [InlineData("latency", "latency")]
    [InlineData("spaces", "spaces")]
    [InlineData("check", "check")]
    [InlineData("bench", "bench")]
    [InlineData("data", "data")]
    [InlineData("data-inspect", "data inspect")]
    [InlineData("completion", "completion")]
    public void HelpIsTheGoldenOne(string name, string verb)
    {
        Outcome outcome = Panda.Run([.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Contains(
            verb.Length > 0 ? $"Examples:\n  panda {verb}" : "Examples:\n  panda ", outcome.Output.ReplaceLineEndings("\n"),
            StringComparison.Ordinal);
        // The library names the program after the executable, which is the tests' here.
        Golden.Matches($"help/{name}", outcome.Output.Replace("PandaNas.Cli.Tests", "panda", StringComparison.Ordinal));
    }

    [Fact]
    public void HelpAll_ShowsEveryFlagInGroups()
    {
        Outcome outcome = Panda.Run("train", "--help-all");

        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        foreach (string flag in (string[])["--outer-weight-decay", "--color-jitter", "--checkpoint-every"])
        {
            Assert.Contains(flag, outcome.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(flag, Panda.Run("train", "--help").Output, StringComparison.Ordinal);
        }
        Golden.Matches("help/train-all", outcome.Output);
    }

    [Fact]
    public void Suggestions_CompleteFlagsAndNames()
    {
        Assert.Contains("--epochs", Panda.Run("[suggest:10]", "train --ep").Output, StringComparison.Ordinal);
        Assert.Contains("fairnas", Panda.Run("[suggest:15]", "train --method ").Output, StringComparison.Ordinal);
        foreach (string shell in (string[])["bash", "zsh", "fish", "pwsh"])
            Assert.Contains("[suggest:", Panda.Run("completion", shell).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void HelpOfTheRootNamesEveryVerbWithAGoldenHelp()
    {
        string help = Panda.Run("--help").Output;
        string[] verbs =
        [
            .. "quickstart auto train compare rank stability variance search retrain predict".Split(' '),
            .. "export report plot runs watch cost latency spaces data check bench".Split(' '),
        ];
        foreach (string verb in verbs)
            Assert.Contains($"\n  {verb} ", help.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void VersionIsOneLine()
    {
        Outcome outcome = Panda.Run("--version");
        Assert.Equal(0, outcome.Code);
        Assert.Single(outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
