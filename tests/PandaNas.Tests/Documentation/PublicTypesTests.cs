using System.Text.RegularExpressions;
using PandaNas.Supernets;

namespace PandaNas.Tests.Documentation;

/// <summary>The surface of the library is chosen: docs/api/index.md names every public type and who meets it.</summary>
public sealed partial class PublicTypesTests
{
    [Fact]
    public void PublicTypes_AreThoseOfTheReference()
    {
        string reference = File.ReadAllText(RepositoryFile.Path("docs", "api", "index.md"));
        string[] named = [.. TypeName().Matches(reference[reference.IndexOf("| who meets them", StringComparison.Ordinal)..])
            .Select(match => match.Groups[1].Value).Where(name => name != "PandaNas").Distinct().Order(StringComparer.Ordinal)];
        string[] present = [.. typeof(Network).Assembly.GetExportedTypes().Select(type => type.Name).Order(StringComparer.Ordinal)];
        Assert.Equal(present, named);
        Assert.Contains($"{present.Length} are public", reference, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex TypeName();
}
