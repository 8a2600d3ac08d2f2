using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Stages;
using PandaNas.Reporting.Charts;
using PandaNas.Reporting.Contents;
using PandaNas.Reporting.Markup;
using PandaNas.Training;

namespace PandaNas.Reporting.Pages;

/// <summary>The gradient variance of a supernet, as measured during its training and after.</summary>
internal static class VarianceFigures
{
    private const string What = "How much gradients differ from step to step";

    /// <summary>The figures; none where it was not measured.</summary>
    public static IEnumerable<Figure> Draw(RunContents run)
    {
        if (!run.Variances.IsEmpty) yield return OverEpochs(run.Variances);
        if (run.Variance is { } measured) yield return Of(measured);
    }

    private static Figure OverEpochs(ImmutableArray<VarianceRecord> records)
    {
        ImmutableArray<string> names = [.. records.SelectMany(record => record.GradientVariance).Select(pair => pair.Name).Distinct()];
        IEnumerable<ImmutableArray<string>> rows =
            from record in records
            from pair in record.GradientVariance
            select (ImmutableArray<string>)
                [record.Epoch.ToString(CultureInfo.InvariantCulture), pair.Name, .. Cells(pair.Raw.Total)];
        return new Figure(
            "gradient-variance-training", $"{What}, during training",
            $"The variance of gradients as sampled, by what is drawn by importance: lower is better. {Pairs}",
            new XyChart(
                new Axis("epoch", NumberKind.Count, From: 0), new Axis("gradient variance", From: 0),
                [
                    .. names.Select((name, i) => new Series(name,
                        [
                            .. from record in records
                               from pair in record.GradientVariance
                               where pair.Name == name
                               select new Mark(record.Epoch, pair.Raw.Total.Variance),
                        ],
                        Drawn.Line, i)),
                ]),
            new DataTable([">epoch", "pair", ">variance", ">95% interval"], [.. rows]));
    }

    private static Figure Of(VarianceResult measured)
    {
        IEnumerable<(string Name, VarianceEstimate Estimate, int Color)> rows =
            from pair in measured.GradientVariance
            from row in ((string Name, VarianceEstimate? Estimate, int Color)[])
            [
                ($"{pair.Name}, as sampled", pair.Raw.Total, 0),
                ($"{pair.Name}, corrected", pair.Corrected?.Total, 1),
            ]
            where row.Estimate is not null
            select (row.Name, row.Estimate, row.Color);
        return new Figure(
            "gradient-variance", $"{What}, after epoch {measured.Epoch}",
            $"{PlainText.Count(measured.Samples, "gradient")} a pair, with 95% intervals. "
            + $"Corrected are gradients weighted so that their mean is that of uniform drawing. {Pairs}",
            new IntervalChart(
                new Axis("gradient variance", From: 0),
                [.. rows.Select(row => new IntervalRow(row.Name, row.Estimate.Variance, row.Estimate.Ci95, row.Color))]),
            new DataTable(["pair", ">variance", ">95% interval"],
                [.. rows.Select(row => (ImmutableArray<string>)[row.Name, .. Cells(row.Estimate)])]));
    }

    private const string Pairs = "pa: paths, da: images, panda: both, uniform: neither.";

    private static string[] Cells(VarianceEstimate estimate) => [Text(estimate.Variance), Words.Range(estimate.Ci95, Text)];

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
