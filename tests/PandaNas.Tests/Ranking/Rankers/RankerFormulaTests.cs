using PandaNas.Experiments.Options;
using PandaNas.Ranking.Rankers;

namespace PandaNas.Tests.Ranking.Rankers;

public sealed class RankerFormulaTests
{
    [Theory]
    [InlineData("accuracy", "accuracy")]
    [InlineData(" 2*accuracy ", "2*accuracy")]
    [InlineData("accuracy + live-params+0.50 * jacov", "accuracy+live-params+0.5*jacov")]
    [InlineData("0*loss+depth", "depth")]
    public void Parse_ReadsScoresAndWeights(string text, string expected)
    {
        RankerFormula formula = Parse(text);
        Assert.Equal(expected, formula.ToString());
        Assert.Equal(expected, Parse(formula.ToString()).ToString());
    }

    [Fact]
    public void TheAccuracyAlone_NeedsNoRanks_WhateverItsWeight()
    {
        Assert.True(Parse("3*accuracy").IsAccuracy);
        Assert.True(Parse("accuracy+0*jacov").IsAccuracy);
        Assert.False(Parse("loss").IsAccuracy);
    }

    [Theory]
    [InlineData("acuracy", "'acuracy' is no score. Did you mean 'accuracy'?")]
    [InlineData("accuracy+jacof", "Did you mean 'jacov'?")]
    [InlineData("accuracy+", "'' is no score")]
    [InlineData("", "'' is no score")]
    [InlineData("-1*jacov", "the weight of '-1*jacov' is -1: expected a number of at least 0")]
    [InlineData("NaN*jacov", "expected a number of at least 0")]
    [InlineData("Infinity*jacov", "expected a number of at least 0")]
    [InlineData("0*jacov+0*depth", "are all 0")]
    [InlineData("accuracy*2", "'accuracy*2' is neither a score nor WEIGHT*SCORE")]
    [InlineData("2*3*jacov", "is neither a score nor WEIGHT*SCORE")]
    [InlineData("depth+2*depth", "names depth twice")]
    public void WhatIsNone_IsRefused_ByTheOptionsToo(string text, string expected)
    {
        Assert.Contains(expected, Assert.Throws<BadOptionException>(() => Parse(text)).Message, StringComparison.Ordinal);
        BadOptionException ranking = Assert.Throws<BadOptionException>(() => new RankOptions { Ranker = text }.Validate());
        BadOptionException search = Assert.Throws<BadOptionException>(() => new SearchOptions { Ranker = text }.Validate());
        Assert.Equal(("ranker", "ranker"), (ranking.Key, search.Key));
        Assert.Contains(expected, ranking.Message, StringComparison.Ordinal);
    }

    private static RankerFormula Parse(string text) => RankerFormula.Parse(text, Catalog.Default.Scores);
}
