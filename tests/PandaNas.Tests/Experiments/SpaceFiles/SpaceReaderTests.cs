using CsCheck;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Supernets;
using PandaNas.Supernets.Definitions;
using PandaNas.Supernets.Operations;
using PandaNas.Tests.Data;
using PandaNas.Tests.Spaces;
using PandaNas.Tests.Supernets.Definitions;

namespace PandaNas.Tests.Experiments.SpaceFiles;

/// <summary>The reader of spaces in YAML: every wrong file gives file, line and what was expected.</summary>
public sealed class SpaceReaderTests
{
    private const string Good = SmallSpaces.Yaml;

    [Fact]
    public void GoodFile_IsWhatItSays()
    {
        SpaceDefinition definition = SmallSpaces.FromYaml().Definition;
        Assert.Equal(("small", "every type of operation", Activation.Relu6), (definition.Name, definition.Summary, definition.Activation));
        Assert.Equal(new StemLayer(4, Activate: true), definition.Stem);
        Assert.Equal(10, definition.HeadChannels);
        var reduction = Assert.IsType<FixedLayers>(definition.Body[1]);
        Assert.Equal(new FixedLayers(Operation.ResidualBlock("block"), 6, 2, 1, Activate: true), reduction);
        Assert.Equal(
            [Operation.InvertedConvolution("mobile", 3, 2)], Assert.IsType<SearchedLayers>(definition.Body[0]).Candidates.Slice(1, 1));
    }

    public static TheoryData<string, string, int, string[]> Wrong() => new()
    {
        // What is replaced, by what, the line of the error, what its message says.
        { "kernel: 3}", "kernl: 3}", 5, ["operation conv", "kernl", "Did you mean 'kernel'"] },
        { "type: convolution,", "type: convolutoin,", 5, ["'convolutoin'", "Did you mean 'convolution'"] },
        { "kernel: 5, dilation: 2", "kernel: 4, dilation: 2", 6, ["operation sep", "kernel is 4", "odd number from 3 to 15"] },
        { "kernel: 5, dilation: 2", "kernel: five", 6, ["'kernel' expects a whole number", "five"] },
        { "expansion: 2", "expansion: 99999999999999999999", 7, ["'expansion' expects a whole number"] },
        { "expansion: 2", "expansion: 17", 7, ["expected 1 to 16"] },
        { ", expansion: 2", "", 7, ["operation mobile has no 'expansion'"] },
        { "conv: {type: convolution, kernel: 3}", "con-v: {type: convolution, kernel: 3}", 5, ["con-v", "a letter, then letters"] },
        { "summary:", "sumary:", 2, ["unknown key 'sumary'", "Did you mean 'summary'"] },
        { "activation: relu6", "activation: gelu", 3, ["'gelu'", "relu, relu6"] },
        {
            "[conv, mobile, skip, none], residual", "[conv, mobil, skip, none], residual", 21,
            ["body 1", "'mobil'", "Did you mean 'mobile'"]
        },
        { "[conv, mobile, skip, none], residual", "[conv, mobile, conv], residual", 21, ["body 1 names a candidate twice"] },
        { "[conv, mobile, skip, none], residual: true", "[conv, none]", 21, ["body 1", "none", "not residual"] },
        { "[conv, mobile, skip, none], residual", "[], residual", 21, ["body 1 has no candidates"] },
        { "[conv, mobile, skip, none], residual", "conv, residual", 21, ["a list of names"] },
        { "residual: true}", "residual: maybe}", 21, ["true or false", "maybe"] },
        {
            "[sep, block, mobile, skip], channels: 8", "[skip, average], channels: 8", 24,
            ["body 4", "can make 8 of 6 channels with stride 2", "skip keeps channels and size"]
        },
        { "{fixed: block, channels: 6", "{fixed: average, channels: 6", 22, ["body 2", "average", "keeps the channels"] },
        { "{fixed: block, channels: 6", "{fixed: block, channels: 1", 22, ["body 2 has channels 1", "expected 2 to 4096"] },
        { "{fixed: block, channels: 6, stride: 2", "{fixed: block, channels: 6, stride: 3", 22, ["body 2 has stride 3"] },
        { "{fixed: block, channels: 6", "{fixed: none, channels: 6", 22, ["body 2", "carries nothing"] },
        { "{fixed: block, channels: 6", "{fixed: block, cell: middle, channels: 6", 22, ["both 'fixed' and 'cell'"] },
        { "{fixed: block, channels: 6", "{channels: 6", 22, ["body 2 says not what it is"] },
        { "cell: middle, count: 2", "cell: midle, count: 2", 23, ["'midle'", "Did you mean 'middle'"] },
        { "cell: middle, count: 2", "cell: middle, count: 1000000", 23, ["body 3 has count 1000000", "expected 1 to 100"] },
        { "{from: 0, to: 1,", "{from: 1, to: 0,", 14, ["cell middle", "1->0"] },
        { "{from: 0, to: 1,", "{from: 0, to: 2,", 14, ["cell middle has an edge twice"] },
        { "{from: 0, to: 1,", "{from: 0, to: 3,", 14, ["cell middle has no edge"] },
        { "{from: 0, to: 1,", "{from: 0, to: 2000000000,", 14, ["cell middle"] },
        { "stem: {channels: 4, activate: true}", "stem: {channels: 4, kernel: 1, stride: 2}", 19, ["stem", "kernel 1 and stride 2"] },
        { "stem: {channels: 4, activate: true}", "stem: 4", 19, ["'stem' expects lines"] },
        { "head: {channels: 10}", "head: {channels: -1}", 26, ["head has channels -1"] },
        { "head: {channels: 10}", "head: {channels: 10}\nhead: {channels: 10}", 27, ["uplicate"] },
        { "name: small", "name: a/../b", 1, ["name of the space"] },
        { "name: small", "name: &n small", 1, ["anchor"] },
        { "name: small", "name: !!binary small", 1, ["tag"] },
        { "summary: every type of operation", "summary: *n", 2, ["alias"] },
        { "head: {channels: 10}", "head: [[[[[[[[[[1]]]]]]]]]]", 26, ["nests deeper"] },
        { "head: {channels: 10}", "head: {channels: 10}\n---\nname: b", 1, ["one document"] },
        { "head: {channels: 10}", "head: {channels: 10", 27, [] },
        { "body:", "bodies:", 20, ["unknown key 'bodies'", "Did you mean 'body'"] },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void WrongFile_IsRefusedWithFileLineAndWhatWasExpected(string replaced, string by, int line, string[] words)
    {
        Assert.Contains(replaced, Good, StringComparison.Ordinal);
        int at = Good.IndexOf(replaced, StringComparison.Ordinal);
        var error = Assert.Throws<BadDataException>(() => SpaceReader.Read(Good.Remove(at, replaced.Length).Insert(at, by), "my.yaml"));
        Assert.StartsWith($"'my.yaml', line {line}: ", error.Message, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "expected one document")]
    [InlineData("just words", "expected one document")]
    [InlineData("- a\n- b", "expected one document")]
    [InlineData("name: x\noperations: {}\nstem: {channels: 4}\nbody: []", "body is empty")]
    [InlineData("name: x\noperations: {c: {type: convolution, kernel: 3}}\nstem: {channels: 4}\nbody: [{fixed: c}]", "nothing to search")]
    [InlineData(
        "name: x\noperations: {p: {type: average-pool}, s: {type: skip}}\nstem: {channels: 4}\nbody: [{candidates: [p, s]}]",
        "no candidate with weights")]
    [InlineData(
        "name: x\noperations: {c: {type: convolution, kernel: 15}}\nstem: {channels: 4096}\nbody: [{candidates: [c], count: 100}]",
        "at most 1073741824")]
    [InlineData("name: x\noperations: {c: {type: convolution, kernel: 3}}\nstem: {channels: 4}\nbody: [{fixed: d}]", "unknown name 'd'")]
    [InlineData("name: x\noperations: {}\nstem: {channels: 4}\nbody: [{candidates: [d]}]", "none is defined")]
    [InlineData(
        "name: x\noperations: {a.b: {type: convolution, kernel: 3}, a: {type: convolution, kernel: 5}}\nstem: {channels: 4}\n"
        + "body: [{candidates: [a.b]}, {candidates: [a]}]",
        "body 2 has operations a and a.b")]
    [InlineData("operations: {}", "has no 'name'")]
    public void WholeFileThatDefinesNoSpace_IsRefused(string text, string words)
    {
        var error = Assert.Throws<BadDataException>(() => SpaceReader.Read(text, "my.yaml"));
        Assert.StartsWith("'my.yaml', line ", error.Message, StringComparison.Ordinal);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MoreThanTheLimits_IsRefusedAtOnce()
    {
        string parts = string.Concat(Enumerable.Repeat("\n  - {candidates: [c, s], count: 100}", 6));
        string many = "name: x\noperations: {c: {type: convolution, kernel: 1}, s: {type: skip}}\nstem: {channels: 4}\nbody:" + parts;
        Assert.Contains(
            "beyond the 500 choices", Assert.Throws<BadDataException>(() => SpaceReader.Read(many, "my.yaml")).Message,
            StringComparison.Ordinal);
        string laughs = "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]";
        Assert.Contains(
            "anchor", Assert.Throws<BadDataException>(() => SpaceReader.Read(laughs, "my.yaml")).Message, StringComparison.Ordinal);
        string deep = "name: " + new string('[', 60_000);
        Assert.Contains(
            "nests deeper", Assert.Throws<BadDataException>(() => SpaceReader.Read(deep, "my.yaml")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnyText_GivesASpaceOrBadData() =>
        FuzzedText.Of(Good, "{}[]:,- \n0123abckfx*&!#'\"").Sample(text =>
        {
            try
            {
                ChainFamily family = SpaceReader.Read(text, "my.yaml");
                family.Space.Check(family.Space.Parse(family.Space.Format(family.Space.At(family.Space.Size - 1))));
            }
            catch (BadDataException error)
            {
                Assert.StartsWith("'my.yaml', line ", error.Message, StringComparison.Ordinal);
            }
        }, iter: 20_000);

    [Fact]
    public void FileThatIsMissingTooLargeOrNoText_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string large = folder["large.yaml"], binary = folder["binary.yml"];
        File.WriteAllText(large, new string('#', 70_000));
        File.WriteAllBytes(binary, [0xff, 0xfe, 0x00]);
        Assert.Contains(
            "does not exist", Assert.Throws<BadDataException>(() => SpaceFile.Read(folder["no.yaml"])).Message, StringComparison.Ordinal);
        Assert.Contains("70000 bytes", Assert.Throws<BadDataException>(() => SpaceFile.Read(large)).Message, StringComparison.Ordinal);
        Assert.Contains("not UTF-8", Assert.Throws<BadDataException>(() => SpaceFile.Read(binary)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_FindBuiltInKnownAndFileSpaces()
    {
        using var folder = new TemporaryFolder();
        string path = folder["small.yaml"];
        File.WriteAllText(path, Good);
        SpaceFamily own = SmallSpaces.WithModule(SmallSpaces.Normed(normalize: true));
        Catalog catalog = Catalog.Default.With(own);
        Assert.Equal("darts", catalog.FindSpace("darts").Family.Space.Name);
        Assert.Same(own, catalog.FindSpace("own").Family);
        NamedSpace file = catalog.FindSpace(path);
        Assert.Equal((path, "small", Good), (file.Text, file.Family.Space.Name, file.Definition));
        Assert.Contains(
            "Did you mean 'own'", Assert.Throws<BadOptionException>(() => catalog.FindSpace("onw")).Message, StringComparison.Ordinal);
    }
}
