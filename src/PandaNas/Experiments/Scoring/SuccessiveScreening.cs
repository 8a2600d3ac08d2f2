using System.Collections.Immutable;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Experiments.Scoring;

/// <summary>Scores of architectures that went through screening, one item an architecture.</summary>
/// <param name="Scores">
/// What orders, on as many images as the architecture came to, in [0, 1]: the accuracy unless a ranker says otherwise.
/// </param>
/// <param name="Images">How many those were.</param>
/// <param name="Standings">
/// What the architectures are ordered by: the stages passed plus the score, so one that went further stands before one that did not.
/// </param>
/// <param name="Effect">What screening did to the ranking; null without screening.</param>
internal sealed record ScreenedScores(
    ImmutableArray<double> Scores, ImmutableArray<int> Images, ImmutableArray<double> Standings, ScreeningEffect? Effect);

/// <summary>What screening did to the ranking, measured on random architectures that all images scored whatever their stage.</summary>
/// <param name="Stages">The stages.</param>
/// <param name="Scored">How many architectures each stage scored, and then all images.</param>
/// <param name="Audited">How many random architectures were scored on all images for this comparison.</param>
/// <param name="Agreement">tau-b between the order with and without screening among them; null where it is not defined.</param>
/// <param name="KendallTau">tau-b between the order with screening and the truth among them; null without a truth.</param>
/// <param name="KendallTauUnscreened">The same for the order without screening.</param>
internal sealed record ScreeningEffect(
    ImmutableArray<ScreeningStage> Stages, ImmutableArray<int> Scored, int Audited, double? Agreement, double? KendallTau,
    double? KendallTauUnscreened);

/// <summary>Scores all architectures on few images, and only the promising ones on more.</summary>
internal static class SuccessiveScreening
{
    /// <summary>The name of the work in progress reports.</summary>
    public const string Stage = "rank architectures";

    /// <summary>How many random architectures are scored on all images to measure what screening does.</summary>
    public const int AuditSize = 100;

    /// <summary>Scores.</summary>
    /// <param name="selection">The architectures, and their truths if there are any.</param>
    /// <param name="plan">The stages, all with fewer images than <paramref name="allImages"/>.</param>
    /// <param name="allImages">How many images score what is left.</param>
    /// <param name="score">
    /// What architectures are ordered by on so many images, in [0, 1]; calls its last argument after each of them.
    /// </param>
    /// <param name="seed">Decides which architectures are audited.</param>
    /// <param name="context">Progress and the wish to stop.</param>
    /// <exception cref="BadOptionException">A stage has as many images as score what is left.</exception>
    /// <exception cref="OperationCanceledException">Stopped when asked; scores so far are kept and reused.</exception>
    public static ScreenedScores Score(
        RankingSelection selection, ScreeningPlan plan, int allImages, Func<int, IReadOnlyList<Architecture>, Action, double[]> score,
        long seed, RunContext context)
    {
        plan.CheckFits(allImages);
        int count = selection.Architectures.Length;
        var (scores, images, standings) = (new double[count], new int[count], new double[count]);
        int[] left = [.. Enumerable.Range(0, count)];
        int[] audited = plan.Stages.IsEmpty ? [] : Audited(count, seed);
        int[] scored = Scored(plan, count);
        (int steps, int total) = (0, scored.Sum() + audited.Length);

        for (int stage = 0; stage <= plan.Stages.Length; stage++)
        {
            int stageImages = stage < plan.Stages.Length ? plan.Stages[stage].Images : allImages;
            foreach ((int i, double value) in left.Zip(Values(stageImages, left)))
            {
                (scores[i], images[i]) = (value, stageImages);
                standings[i] = stage + value;
            }
            if (stage < plan.Stages.Length) left = Best(left, scores, scored[stage + 1]);
        }
        double[] full = Values(allImages, audited);
        return new ScreenedScores(
            [.. scores], [.. images], [.. standings],
            plan.Stages.IsEmpty ? null : Effect(plan, scored, selection, audited, standings, full));

        double[] Values(int stageImages, int[] which) =>
            score(stageImages, [.. which.Select(i => selection.Architectures[i])], Report);

        void Report()
        {
            steps++;
            context.Report(Stage, (double)steps / total, $"{steps} of {total} scores");
        }
    }

    private static int[] Scored(ScreeningPlan plan, int architectures)
    {
        var scored = new int[plan.Stages.Length + 1];
        scored[0] = architectures;
        for (int stage = 0; stage < plan.Stages.Length; stage++) scored[stage + 1] = ScreeningPlan.Kept(plan.Stages[stage], scored[stage]);
        return scored;
    }

    // Of equal scores the earlier one goes on, as everywhere in the ranking.
    private static int[] Best(int[] left, double[] scores, int keep) =>
        [.. left.OrderByDescending(i => scores[i]).Take(keep).Order()];

    private static int[] Audited(int architectures, long seed)
    {
        int[] order = RandomStream.Derive(seed, "screening-audit").Permutation(architectures);
        return order[..Math.Min(AuditSize, architectures)];
    }

    private static ScreeningEffect Effect(
        ScreeningPlan plan, int[] scored, RankingSelection selection, int[] audited, double[] standings, double[] full)
    {
        double[] screened = [.. audited.Select(i => standings[i])];
        double[]? truths = selection.Truths is { } all ? [.. audited.Select(i => all[i])] : null;
        return new ScreeningEffect(
            plan.Stages, [.. scored], audited.Length, Tau(screened, full),
            truths is null ? null : Tau(screened, truths), truths is null ? null : Tau(full, truths));
    }

    private static double? Tau(double[] one, double[] other) => Measure.KendallTau.Of(one, other);
}
