using System.Text;
using CsCheck;
using PandaNas.Costs;
using PandaNas.Ranking;
using PandaNas.Spaces;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Supernets.NasBench201;

namespace PandaNas.Tests.Ranking;

public sealed class TruthTableTests
{
    private const string First = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|";
    private const string Second = "|nor_conv_3x3~0|+|none~0|none~1|+|none~0|none~1|none~2|";
    private const string Header = "index,architecture,cifar10,note\n";

    [Fact]
    public void Table_GivesTheSelectedColumn()
    {
        TruthTable table = Read($"{Header}0,{First},10.5,free text\n\n1, {Second} ,9.1e1,\n");
        Assert.Equal(2, table.Count);
        Assert.Equal("cifar10", table.Column);
        Assert.True(table.TryGet(NasBench201Space.Instance.Parse(Second), out double truth));
        Assert.Equal(91, truth);
        Assert.False(table.TryGet(new Architecture([1, 1, 1, 1, 1, 1]), out _));
        Assert.Equal([First, Second], table.Architectures.Select(NasBench201Space.Instance.Format));
    }

    [Fact]
    public void QuotesCarriageReturnsByteOrderMarkAndCase_AreUnderstood()
    {
        TruthTable table = Read($"\uFEFF\"Architecture\",\"CIFAR10\",\"a \"\"b\"\", c\"\r\n\"{First}\",\"10\",x\r\n");
        Assert.True(table.TryGet(NasBench201Space.Instance.Parse(First), out double truth));
        Assert.Equal(10, truth);
        Assert.Equal(["CIFAR10", "a \"b\", c"], TruthTable.Columns(new StringReader("architecture,CIFAR10,\"a \"\"b\"\", c\""), "t.csv"));
    }

    [Theory]
    [InlineData("", "t.csv, line 1: expected a header line with a column 'architecture', found an empty table")]
    [InlineData("\n\n", "found an empty table")]
    [InlineData("arch,cifar10\n", "t.csv, line 1: expected a header line with a column 'architecture'")]
    [InlineData($"{First},10\n", "t.csv, line 1: expected a header line")]
    [InlineData("architecture,a,A,cifar10\n", "t.csv, line 1: expected columns with different names, found 'a' twice")]
    [InlineData("architecture,cifar100\n", "t.csv, line 1: expected a column 'cifar10', found the columns architecture, cifar100")]
    [InlineData(Header, "t.csv, line 1: expected at least one architecture")]
    [InlineData($"{Header}0,{First}\n", "t.csv, line 2: expected 4 cells as in the header, found 2")]
    [InlineData($"{Header}0,{First},1,2,3\n", "t.csv, line 2: expected 4 cells as in the header, found 5")]
    [InlineData($"{Header}0,{First},,x\n", "t.csv, line 2: the cell of column 'cifar10' is empty; expected a number")]
    [InlineData($"{Header}0,,1,x\n", "t.csv, line 2: the cell of column 'architecture' is empty")]
    [InlineData($"{Header}0,{First},high,x\n", "t.csv, line 2: expected a finite number in column 'cifar10', found 'high'")]
    [InlineData($"{Header}0,{First},NaN,x\n", "found 'NaN'")]
    [InlineData($"{Header}0,{First},Infinity,x\n", "found 'Infinity'")]
    [InlineData($"{Header}0,{First},1e999,x\n", "found '1e999'")]
    [InlineData($"{Header}0,{First},1;5,x\n", "found '1;5'")]
    [InlineData($"{Header}0,{First},1,x\n\n1,{First},2,x\n", $"t.csv, line 4: architecture {First} stands on line 2 already")]
    [InlineData($"{Header}0,0-1-2,1,x\n", "t.csv, line 2: '0-1-2' is not a NAS-Bench-201 architecture")]
    [InlineData($"{Header}0,\"{First},1,x\n", "t.csv, line 2: a quoted cell does not end")]
    public void BadTable_NamesFileLineAndExpectation(string text, string message)
    {
        var exception = Assert.Throws<BadDataException>(() => Read(text));
        Assert.StartsWith("t.csv, line ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void InvalidBytes_AreBadData()
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        using var reader = new StreamReader(new MemoryStream([0x61, 0xFF, 0xFE, 0x0A]), strict);
        Assert.Throws<BadDataException>(() => TruthTable.Read(reader, "t.csv", NasBench201Space.Instance, "cifar10"));
    }

    [Fact]
    public void RandomText_NeverGivesAnythingButBadData() => Gen.OneOf(
        Gen.String,
        Gen.String.Select(text => Header + text),
        Gen.String[Gen.Char["01,\"\n\r ~|+-e.N"], 0, 60].Select(text => $"{Header}0,{First},1,x\n{text}")).Sample(AssertReadsOrBadData);

    [Fact]
    public void RandomBytes_NeverGiveAnythingButBadData() => Gen.Byte.Array[0, 300].Sample(bytes =>
        AssertReadsOrBadData(Encoding.UTF8.GetString(bytes)));

    [Fact]
    public void DamagedTable_NeverGivesAnythingButBadData()
    {
        string good = $"{Header}0,{First},10.5,free\n1,{Second},91,\n";
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Int[0, 5], Gen.String[0, 3]).Sample((at, removed, put) =>
            AssertReadsOrBadData(good.Remove(at, Math.Min(removed, good.Length - at)).Insert(at, put)));
    }

    [Fact]
    public void PublishedTable_LoadsAndParameterCountsRankAsKnown()
    {
        string? path = TestData.Find("nasbench201.csv");
        Assert.SkipWhen(path is null, $"nasbench201.csv is not here: set {TestData.Variable} to the folder that holds it");
        using var reader = new StreamReader(path);
        TruthTable table = TruthTable.Read(reader, path, NasBench201Space.Instance, "cifar10");
        Assert.Equal(15_625, table.Count);
        double[] truth = [.. table.Architectures.Select(architecture => table.TryGet(architecture, out double value) ? value : double.NaN)];
        double[] parameters =
            [.. table.Architectures.Select(architecture => (double)CostCounter.Count(NasBench201Costs.Layers(architecture)).Parameters)];
        // docs: 0.577 on all architectures.
        Assert.InRange(RankStatistics.KendallTauB(parameters, truth), 0.57, 0.58);
    }

    private static TruthTable Read(string text) => TruthTable.Read(new StringReader(text), "t.csv", NasBench201Space.Instance, "cifar10");

    private static void AssertReadsOrBadData(string text)
    {
        try
        {
            Read(text);
        }
        catch (BadDataException exception)
        {
            Assert.StartsWith("t.csv, line ", exception.Message, StringComparison.Ordinal);
        }
    }
}
