using System.Text;
using System.Text.RegularExpressions;
using PandaNas.Experiments.Options;

namespace PandaNas.Tests.Documentation;

/// <summary>docs/options.md is made from the declarations; after a change run this with PANDA_UPDATE_GOLDEN=1.</summary>
public sealed class OptionReferenceTests
{
    private static readonly (Type Type, string What)[] Sets =
    [
        (typeof(SupernetOptions), "`panda train`, `panda compare`: training a supernet"),
        (typeof(RetrainOptions), "`panda retrain`: training one architecture"),
        (typeof(AutoOptions), "`panda auto`: a model within a given time"),
        (typeof(RankOptions), "`panda rank`, `panda compare`, `panda stability`: ranking"),
        (typeof(SearchOptions), "`panda search`: searching"),
        (typeof(ComparisonOptions), "`panda compare`: comparing methods"),
        (typeof(VarianceOptions), "`panda variance`: measuring gradient variance"),
        (typeof(PredictOptions), "`panda predict`: classifying pictures"),
        (typeof(CostOptions), "`panda cost`: counting"),
        (typeof(LatencyOptions), "`panda latency`: measuring latency"),
    ];

    [Fact]
    public void Reference_IsWhatTheDeclarationsSay()
    {
        string path = Path.Combine(RepositoryFile.Path("docs"), "options.md"), text = Reference();
        if (Environment.GetEnvironmentVariable("PANDA_UPDATE_GOLDEN") == "1") File.WriteAllText(path, text);
        Assert.Equal(text, File.ReadAllText(path).ReplaceLineEndings("\n"));
    }

    // Flags and verbs are the command line's: messages mention them, and whoever shows them names them. A report's page shows commands
    // that make the run again and go on from it, so they are its content.
    [Fact]
    public void Library_DoesNotSpeakOfFlagsAndVerbs()
    {
        string[] verbs = Verbs();
        Assert.Contains("export", verbs);
        var ofCommandLine = new Regex($"\"[^\"]*(--[a-z]|'?panda ({string.Join('|', verbs)})\\b)");
        Assert.Empty(
            from file in Directory.EnumerateFiles(RepositoryFile.Path("src/PandaNas"), "*.cs", SearchOption.AllDirectories)
            where !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            where !file.Contains($"{Path.DirectorySeparatorChar}Reporting{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            from line in File.ReadLines(file)
            where !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && ofCommandLine.IsMatch(line)
            select $"{file}: {line.Trim()}");
    }

    private static string Reference()
    {
        var text = new StringBuilder(
            "# Options\n\nKey: the property of the options in code, the flag after two dashes, the key in YAML files. ");
        text.Append("Made from the declarations by a test.\n");
        foreach ((Type type, string what) in Sets)
        {
            var standard = (OptionSet)Activator.CreateInstance(type)!;
            text.Append($"\n## {type.Name}\n{what}\n\n| key | property | default | range | unit | meaning |\n|---|---|---|---|---|---|\n");
            foreach (OptionDescription option in OptionDescription.AllOf(type).OrderBy(option => option.Group))
                text.Append($"| `{option.Key}` | `{option.Name}` | {Cell(option.Standard(standard))} ")
                    .Append($"| {option.Range} | {option.Unit} | {Cell(option.Help)} |\n");
        }
        return text.ToString();

        static string Cell(string value) => value.Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string[] Verbs() =>
    [
        .. from file in Directory.EnumerateFiles(RepositoryFile.Path("src/PandaNas.Cli/Verbs"), "*Verb.cs")
           select Path.GetFileName(file)[..^"Verb.cs".Length].ToLowerInvariant(),
    ];
}
