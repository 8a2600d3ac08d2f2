namespace PandaNas.Tests.Documentation;

/// <summary>The README's ten lines are the program that CI builds and runs.</summary>
public sealed class TenLinesTests
{
    [Fact]
    public void Readme_HasTheProgram()
    {
        string program = File.ReadAllText(RepositoryFile.Path("samples", "TenLines", "Program.cs")).ReplaceLineEndings("\n");
        string readme = File.ReadAllText(RepositoryFile.Path("README.md")).ReplaceLineEndings("\n");
        Assert.Contains($"```csharp\n{program}```", readme, StringComparison.Ordinal);
        Assert.True(program.TrimEnd().Split('\n').Length <= 10);
    }
}
