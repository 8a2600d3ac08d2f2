using CsCheck;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Options;
using PandaNas.Tests.Data;

namespace PandaNas.Tests.Experiments.Comparisons;

public sealed class ComparisonPlanTests
{
    [Fact]
    public void EqualEpochs_AreTheSameForAll() =>
        Assert.Equal([60, 60], ComparisonPlan.EqualEpochs([("spos", 1), ("fairnas", 5)], 60).Methods.Select(method => method.Epochs));

    [Fact]
    public void EqualPasses_LowerTheEpochsOfDearMethods_WhateverTheirOrder()
    {
        Assert.Equal(
            [new MethodPlan("fairnas", 12, 5), new MethodPlan("spos", 60, 1), new MethodPlan("sumnas", 6, 10)],
            ComparisonPlan.EqualPasses([("fairnas", 5), ("spos", 1), ("sumnas", 10)], 60).Methods);
        Assert.Equal([60, 30], ComparisonPlan.EqualPasses([("fairnas", 5), ("sumnas", 10)], 60).Methods.Select(method => method.Epochs));
        Assert.Equal([3, 1], ComparisonPlan.EqualPasses([("spos", 1), ("sumnas", 10)], 3).Methods.Select(method => method.Epochs));
    }

    [Fact]
    public void EqualPasses_DifferByHalfAnEpochAtMost_UnlessOneEpochIsTooMuch() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[1, 12].Array[1, 6]).Sample((epochs, costs) =>
        {
            ComparisonPlan plan = ComparisonPlan.EqualPasses([.. costs.Select((cost, i) => ($"m{i}", cost))], epochs);
            double passes = (double)epochs * costs.Min();
            return plan.Methods.All(
                method => method.Epochs == 1 || Math.Abs(method.Epochs * method.PassesPerStep - passes) <= method.PassesPerStep / 2.0);
        });

    [Fact]
    public void EqualSeconds_GiveEachWhatTheFirstTakes()
    {
        ComparisonPlan plan = ComparisonPlan.EqualSeconds([("panda", 1, 2.0), ("spos", 1, 1.5), ("fairnas", 5, 10), ("slow", 1, 1e9)], 60);
        Assert.Equal([60, 80, 12, 1], plan.Methods.Select(method => method.Epochs));
        Assert.Equal(
            TrainingRunOptions.MostEpochs, ComparisonPlan.EqualSeconds([("panda", 1, 2.0), ("immediate", 1, 0)], 60).Methods[1].Epochs);
    }

    [Fact]
    public void Plan_IsReadBack_AndADamagedOneIsNamed()
    {
        using var folder = new TemporaryFolder();
        string path = folder["plan.json"];
        Assert.Null(ComparisonPlan.Read(path));
        ComparisonPlan plan = ComparisonPlan.EqualPasses([("fairnas", 5), ("spos", 1)], 60);
        plan.Write(path);
        Assert.Equal(plan.Methods.AsEnumerable(), ComparisonPlan.Read(path)!.Methods);
        string whole = File.ReadAllText(path);
        foreach (string damaged in (string[])[whole[..^10], "", "null", "{}", "[]", "{\"methods\":[]}"])
        {
            File.WriteAllText(path, damaged);
            Assert.Contains(path, Assert.Throws<BadDataException>(() => ComparisonPlan.Read(path)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void APlanOfAnotherComparison_IsRefused()
    {
        (string, int)[] methods = [("spos", 1), ("fairnas", 5)];
        ComparisonPlan.EqualEpochs(methods, 60).RequireFits(methods, Equality.Epochs, 60, "plan.json");
        ComparisonPlan.EqualPasses(methods, 60).RequireFits(methods, Equality.Passes, 60, "plan.json");
        ComparisonPlan measured = ComparisonPlan.EqualSeconds([("spos", 1, 1.0), ("fairnas", 5, 4.0)], 60);
        measured.RequireFits(methods, Equality.Seconds, 60, "plan.json");
        (ComparisonPlan Plan, Equality Equal)[] others =
        [
            (ComparisonPlan.EqualEpochs(methods, 61), Equality.Epochs),
            (ComparisonPlan.EqualEpochs(methods, 60), Equality.Passes),
            (ComparisonPlan.EqualEpochs(methods[..1], 60), Equality.Epochs),
            (ComparisonPlan.EqualEpochs([methods[1], methods[0]], 60), Equality.Epochs),
            (ComparisonPlan.EqualEpochs([("spos", 2), methods[1]], 60), Equality.Seconds),
            (ComparisonPlan.EqualSeconds([("spos", 1, 1.0), ("fairnas", 5, 4.0)], 61), Equality.Seconds),
            (new ComparisonPlan([measured.Methods[0], measured.Methods[1] with { Epochs = 0 }]), Equality.Seconds),
        ];
        foreach ((ComparisonPlan plan, Equality equal) in others)
            Assert.Contains(
                "plan.json", Assert.Throws<BadDataException>(() => plan.RequireFits(methods, equal, 60, "plan.json")).Message,
                StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("spos,panda", new[] { "spos", "panda" })]
    [InlineData(" panda , da ", new[] { "panda", "da" })]
    public void Methods_AreReadInOrder(string text, string[] expected) =>
        Assert.Equal(expected, new ComparisonOptions().With("methods", text).Methods);

    [Theory]
    [InlineData("methods", "")]
    [InlineData("methods", "spos,")]
    [InlineData("methods", "spos,spos")]
    [InlineData("methods", "spos,pandas")]
    [InlineData("seeds", "")]
    [InlineData("seeds", "0,1,0")]
    [InlineData("seeds", "1.5")]
    [InlineData("seeds", "0-2")]
    public void OtherLists_AreRefused(string key, string text)
    {
        var options = new ComparisonOptions { Methods = ["spos"] };
        Assert.Equal(key, Assert.Throws<BadOptionException>(() => options.With(key, text).Validate()).Key);
    }

    [Fact]
    public void OptionsOfAnotherComparison_AreRefusedByName_ButTheTruthMayHaveMoved()
    {
        var options = new ComparisonOptions { Methods = ["spos", "panda"], Ranking = new RankOptions { Truth = "a.csv" } };
        options.RequireContinues(
            options with { Methods = ["spos", "panda"], Ranking = options.Ranking with { Truth = "b.csv" } }, "folder");
        (string Key, ComparisonOptions Stored)[] others =
        [
            ("methods", options with { Methods = ["panda", "spos"] }),
            ("seeds", options with { Seeds = [0, 1] }),
            ("equal", options with { Equal = Equality.Passes }),
            ("architectures", options with { Ranking = options.Ranking with { Architectures = "all" } }),
            ("unique", options with { Ranking = options.Ranking with { Unique = true } }),
            ("images", options with { Ranking = options.Ranking with { Images = 5 } }),
            ("seed", options with { Ranking = options.Ranking with { Seed = 5 } }),
            ("truth", options with { Ranking = options.Ranking with { Truth = null } }),
            ("min-truth", options with { Ranking = options.Ranking with { MinTruth = 90 } }),
            ("top-k", options with { Ranking = options.Ranking with { TopK = "5" } }),
        ];
        foreach ((string key, ComparisonOptions stored) in others)
            Assert.Equal(key, Assert.Throws<BadOptionException>(() => options.RequireContinues(stored, "folder")).Key);
    }
}
