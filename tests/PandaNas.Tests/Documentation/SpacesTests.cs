using System.Globalization;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Supernets.Operations;

namespace PandaNas.Tests.Documentation;

/// <summary>docs/spaces.md: its examples are files of the samples, and it names what the reader knows.</summary>
public sealed class SpacesTests
{
    private static readonly string Document = File.ReadAllText(RepositoryFile.Path("docs", "spaces.md")).ReplaceLineEndings("\n");

    [Theory]
    [InlineData("yaml", 0, "small-residual.yaml")]
    [InlineData("csharp", 0, "CustomSpace", "GatedSpace.cs")]
    [InlineData("csharp", 1, "CustomSpace", "GatedConvolution.cs")]
    public void Example_IsTheFile(string language, int index, params string[] file)
    {
        string block = Document.Split($"```{language}\n")[index + 1].Split("```")[0];
        Assert.Equal(File.ReadAllText(RepositoryFile.Path(["samples", .. file])).ReplaceLineEndings("\n"), block);
    }

    [Fact]
    public void ExampleInYaml_IsASpaceOfTheSizeThatIsStated()
    {
        string size = SpaceFile.Read(RepositoryFile.Path("samples", "small-residual.yaml")).Family.Space.Size.ToString(
            "N0", CultureInfo.InvariantCulture);
        Assert.Contains($"a space of {size} architectures", Document, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryType_IsDescribed() =>
        Assert.All(Operation.Types.Keys, type => Assert.Contains($"`{type}`", Document, StringComparison.Ordinal));
}
