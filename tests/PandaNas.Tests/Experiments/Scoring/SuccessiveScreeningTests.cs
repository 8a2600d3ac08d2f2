using System.Collections.Immutable;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets.NasBench201;

namespace PandaNas.Tests.Experiments.Scoring;

public sealed class SuccessiveScreeningTests
{
    private const int AllImages = 1000;

    private static readonly ImmutableArray<Architecture> Architectures =
        [.. UniformArchitectures.DrawDistinct(NasBench201Space.Instance, 240, RandomStream.Derive(0, "screening-test"))];

    private readonly List<(int Images, Architecture Architecture)> _asked = [];

    [Fact]
    public void WithoutStages_EveryArchitectureIsScoredOnceOnAllImages()
    {
        ScreenedScores scores = Score(ScreeningPlan.None, noise: 0);
        Assert.Equal([.. Architectures.Select(True)], scores.Scores);
        Assert.Equal(scores.Scores, scores.Standings);
        Assert.All(scores.Images, images => Assert.Equal(AllImages, images));
        Assert.Equal(Architectures.Length, _asked.Count);
        Assert.Null(scores.Effect);
    }

    [Fact]
    public void EveryStageScoresTheBestOfTheStageBefore()
    {
        ScreenedScores scores = Score(ScreeningPlan.Parse("100:50%,300:25%"), noise: 0);
        Assert.Equal([240, 120, 30], scores.Effect!.Scored);
        int[] order = [.. Enumerable.Range(0, 240).OrderByDescending(i => True(Architectures[i]))];
        Assert.All(order[..30], i => Assert.Equal(AllImages, scores.Images[i]));
        Assert.All(order[30..120], i => Assert.Equal(300, scores.Images[i]));
        Assert.All(order[120..], i => Assert.Equal(100, scores.Images[i]));
    }

    [Fact]
    public void WhatWentFurtherStandsBeforeWhatDidNot()
    {
        // Few images mislead here: later accuracies are lower than those of the first stage.
        ScreenedScores scores = Score(ScreeningPlan.Parse("100:30%"), noise: 0.2, drop: 0.5);
        double lowestThatPassed = scores.Standings.Where((_, i) => scores.Images[i] == AllImages).Min();
        Assert.All(scores.Standings.Where((_, i) => scores.Images[i] == 100), standing => Assert.True(standing <= lowestThatPassed));
    }

    [Fact]
    public void ExactFewImages_ChangeNothing()
    {
        ScreenedScores scores = Score(ScreeningPlan.Parse("100:30%"), noise: 0);
        Assert.Equal((SuccessiveScreening.AuditSize, 1.0), (scores.Effect!.Audited, scores.Effect.Agreement));
        Assert.Equal(scores.Effect.KendallTauUnscreened, scores.Effect.KendallTau);
        Assert.Equal(1.0, scores.Effect.KendallTau);
    }

    [Fact]
    public void MisleadingFewImages_ShowInTheEffect()
    {
        ScreenedScores scores = Score(ScreeningPlan.Parse("100:30%"), noise: 1);
        Assert.True(scores.Effect!.Agreement < 0.6, $"agreement is {scores.Effect.Agreement}");
        Assert.True(scores.Effect.KendallTau < scores.Effect.KendallTauUnscreened);
        Assert.Equal(1.0, scores.Effect.KendallTauUnscreened);
    }

    [Fact]
    public void WithoutTruth_OnlyTheAgreementIsKnown()
    {
        ScreenedScores scores = Score(ScreeningPlan.Parse("100:30%"), noise: 0.1, truth: false);
        Assert.NotNull(scores.Effect!.Agreement);
        Assert.Null(scores.Effect.KendallTau);
        Assert.Null(scores.Effect.KendallTauUnscreened);
    }

    [Fact]
    public void Stopping_KeepsFromScoringOn()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => Score(ScreeningPlan.None, noise: 0, context: RunContext.Quiet with { Stop = stop.Token }));
        Assert.Empty(_asked);
    }

    [Theory]
    [InlineData("")]
    [InlineData("200")]
    [InlineData("200:25")]
    [InlineData("200:0%")]
    [InlineData("200:100%")]
    [InlineData("1:50%")]
    [InlineData("-5:50%")]
    [InlineData("200:NaN%")]
    [InlineData("200:50%,200:50%")]
    [InlineData("200:50%,100:50%")]
    [InlineData("200:50%,")]
    public void OtherPlans_AreRefusedByName(string text) =>
        Assert.Equal("screen", Assert.Throws<BadOptionException>(() => new RankOptions { Screen = text }).Key);

    [Fact]
    public void AStageWithAllImages_IsRefused()
    {
        ScreeningPlan plan = ScreeningPlan.Parse("200:50%");
        plan.CheckFits(201);
        Assert.Contains("200", Assert.Throws<BadOptionException>(() => plan.CheckFits(200)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AtLeastOneGoesOn() => Assert.Equal(1, ScreeningPlan.Kept(new ScreeningStage(10, 0.001), 5));

    // Another one for every architecture, so that orders are strict.
    private static double True(Architecture architecture) =>
        RandomStream.Derive(1, NasBench201Space.Instance.Format(architecture)).NextDouble();

    private ScreenedScores Score(ScreeningPlan plan, double noise, double drop = 0, bool truth = true, RunContext? context = null)
    {
        ImmutableArray<double>? truths = truth ? [.. Architectures.Select(architecture => 100 * True(architecture))] : null;
        var selection = new RankingSelection(Architectures, truths, truth ? "cifar10" : null);
        context ??= RunContext.Quiet;
        return SuccessiveScreening.Score(selection, plan, AllImages, Accuracies, 0, context);

        double[] Accuracies(int images, IReadOnlyList<Architecture> architectures, Action scored) =>
        [
            .. architectures.Select(architecture =>
            {
                context.Stop.ThrowIfCancellationRequested();
                double accuracy = Accuracy(images, architecture);
                scored();
                return accuracy;
            }),
        ];

        double Accuracy(int images, Architecture architecture)
        {
            _asked.Add((images, architecture));
            if (images == AllImages) return True(architecture) * (1 - drop);
            double random = RandomStream.Derive(images, NasBench201Space.Instance.Format(architecture)).NextDouble();
            return ((1 - noise) * True(architecture)) + (noise * random);
        }
    }
}
