using PandaNas.Experiments.Options;

namespace PandaNas.Tests.Experiments.Options;

public sealed class TopSizesTests
{
    [Theory]
    [InlineData("1,10,50", 600, new[] { 1, 10, 50 })]
    [InlineData("50, 1 ,10", 20, new[] { 1, 10 })]
    [InlineData("5%,30", 600, new[] { 30 })]
    [InlineData("0.5%,5%,100%", 600, new[] { 3, 30, 600 })]
    [InlineData("1%", 5, new[] { 1 })]
    [InlineData("7", 6, new int[0])]
    public void List_GivesTheKsThatFit(string text, int architectures, int[] expected) =>
        Assert.Equal(expected, TopSizes.Parse(text).Of(architectures));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1,,2")]
    [InlineData("0%")]
    [InlineData("101%")]
    [InlineData("NaN%")]
    [InlineData("ten")]
    [InlineData("99999999999")]
    public void OtherItems_AreRefusedByName(string text) =>
        Assert.Equal("top-k", Assert.Throws<BadOptionException>(() => new RankOptions { TopK = text }).Key);
}
