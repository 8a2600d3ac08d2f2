using CsCheck;
using PandaNas.Experiments.Options;
using PandaNas.Tests.Data;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Experiments.Options;

public sealed class OptionFileTests : IDisposable
{
    private const string Good =
        "space: nasbench201\nepochs: 3\nlearning-rate: 0.05\nflip: true\nmethod: panda\ncolor-jitter: 0.4,0.4,0.4,0.1\n";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void AnyText_IsReadOrRefusedWithAClearError() => FuzzedText.Of(Good, "{}[]:,- \n0123abckfx*&!#'\"|>%@").Sample(text =>
    {
        string path = _folder[$"{Guid.NewGuid():N}.yaml"];
        File.WriteAllText(path, text);
        OptionSet options;
        try
        {
            options = OptionFile.Read(typeof(SupernetOptions), path);
        }
        catch (PandaNasException error)
        {
            Assert.NotEmpty(error.Message);
            return;
        }
        finally
        {
            File.Delete(path);
        }
        // What was accepted is written as a file that says the same.
        string written = OptionFile.Write(options);
        File.WriteAllText(path, written);
        Assert.Equal(written, OptionFile.Write(OptionFile.Read(typeof(SupernetOptions), path)));
        File.Delete(path);
    }, iter: 2_000);

    public void Dispose() => _folder.Dispose();
}
