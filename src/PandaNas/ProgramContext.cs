using PandaNas.Experiments.Runs;
using PandaNas.Reporting.Pages;

namespace PandaNas;

/// <summary>What work for a program needs from it.</summary>
internal static class ProgramContext
{
    /// <summary>What a program hands over; notes are reported as progress, and every stage leaves its report.</summary>
    public static RunContext For(IProgress<RunProgress>? progress, CancellationToken stop, Catalog? catalog) =>
        new(progress is null ? null : new TimedProgress(progress, TimeProvider.System), TimeProvider.System, stop)
        {
            Catalog = catalog ?? Catalog.Default,
            Notes = progress is null ? null : sentence => progress.Report(new RunProgress("note", 0, sentence)),
            AfterStage = RunReport.WriteInto,
        };
}
