using System.Text.Json.Serialization;

namespace PandaNas.Ranking;

/// <summary>
/// How much of a ranking is counting: one that only counts agrees with live parameters and says nothing among equals.
/// </summary>
/// <param name="ToLiveParams">Kendall's tau-b between the ranking and live parameters, in [−1, 1]; null where it is not defined.</param>
/// <param name="WithinBands">
/// Kendall's tau-b against the truth among architectures of equal live parameters: the mean over <paramref name="Bands"/>, weighted by
/// their pairs; null without a truth and where no band has one.
/// </param>
/// <param name="Bands">
/// How many sets of at least two architectures whose live parameters exceed the set's least by at most a hundredth have a tau.
/// </param>
internal sealed record CountingShare(
    [property: JsonPropertyName("kendall_tau_to_live_params")] double? ToLiveParams,
    [property: JsonPropertyName("kendall_tau_within_bands")] double? WithinBands,
    int Bands)
{
    private const double Equal = 1.01;

    internal static CountingShare Of(IReadOnlyList<double> predicted, IReadOnlyList<long> liveParams, IReadOnlyList<double>? truth)
    {
        double? toLiveParams = Measure.KendallTau.Of([.. predicted], [.. liveParams.Select(count => (double)count)]);
        if (truth is null) return new(toLiveParams, null, 0);
        (double sum, double pairs, int bands) = (0, 0, 0);
        int[] order = [.. Enumerable.Range(0, predicted.Count).OrderBy(one => liveParams[one])];
        for (int start = 0, end; start < order.Length; start = end)
        {
            end = start + 1;
            while (end < order.Length && liveParams[order[end]] <= liveParams[order[start]] * Equal) end++;
            int[] band = order[start..end];
            double[] predictions = [.. band.Select(one => predicted[one])], truths = [.. band.Select(one => truth[one])];
            if (Measure.KendallTau.Of(predictions, truths) is not { } tau) continue;
            double weight = band.Length * (band.Length - 1.0) / 2;
            (sum, pairs, bands) = (sum + weight * tau, pairs + weight, bands + 1);
        }
        return new(toLiveParams, bands == 0 ? null : sum / pairs, bands);
    }
}
