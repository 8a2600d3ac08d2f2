namespace PandaNas.Statistics;

/// <summary>A confidence interval, both ends included.</summary>
/// <param name="Lower">The lower end, in the statistic's unit.</param>
/// <param name="Upper">The upper end, in the statistic's unit, at least <paramref name="Lower"/>.</param>
public readonly record struct Interval(double Lower, double Upper);
