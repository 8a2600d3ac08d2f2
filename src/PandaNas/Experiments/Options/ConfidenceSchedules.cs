using System.Collections.Immutable;
using PandaNas.Optimization;

namespace PandaNas.Experiments.Options;

/// <summary>The schedules of δ and τ that options can name: how the weight of what was observed grows against uniform sampling.</summary>
internal static class ConfidenceSchedules
{
    private static readonly ImmutableArray<(string Name, Func<double, double> Rise)> All =
    [
        ("linear", Schedules.Linear),
        ("constant", Schedules.Constant),
        ("cosine", Schedules.RisingCosine),
        ("step", Schedules.Step),
        ("quadratic", Schedules.Quadratic),
    ];

    /// <summary>Their names; the first is the paper's.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All.Select(schedule => schedule.Name)];

    /// <summary>The confidence as a function of progress, both in [0, 1].</summary>
    /// <param name="name">The schedule's name.</param>
    /// <param name="largest">What the schedule, which ends at 1, is multiplied by.</param>
    public static Func<double, double> Find(string name, double largest)
    {
        Func<double, double> rise = All.First(schedule => schedule.Name == name).Rise;
        return progress => largest * rise(progress);
    }
}
