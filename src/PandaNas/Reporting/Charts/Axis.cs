using System.Collections.Immutable;
using System.Globalization;

namespace PandaNas.Reporting.Charts;

/// <summary>How the numbers of an axis are written.</summary>
internal enum NumberKind
{
    /// <summary>As they are.</summary>
    Plain,

    /// <summary>Shares, as percent.</summary>
    Share,

    /// <summary>Large whole numbers, in thousands (k), millions (M) or billions (G).</summary>
    Count,
}

/// <summary>An axis.</summary>
/// <param name="Title">What is on it, with its unit.</param>
/// <param name="Kind">How its numbers are written.</param>
/// <param name="IsLogarithmic">Whether equal distances are equal factors; values must be above 0.</param>
/// <param name="From">A value from which it reaches; null for the least of the data.</param>
/// <param name="To">A value to which it reaches; null for the largest of the data.</param>
internal sealed record Axis(
    string Title, NumberKind Kind = NumberKind.Plain, bool IsLogarithmic = false, double? From = null, double? To = null)
{
    /// <summary>A number as tooltips write it.</summary>
    public string Text(double value) => Text(value, value);

    /// <summary>A number as it is written along the axis.</summary>
    /// <param name="value">The number.</param>
    /// <param name="largest">The largest along the axis, which decides the unit of all.</param>
    public string Text(double value, double largest) => Kind switch
    {
        NumberKind.Share => (value * 100).ToString("0.###", CultureInfo.InvariantCulture) + "%",
        NumberKind.Count when Math.Abs(largest) >= 1e9 => In(value, 1e9, "G"),
        NumberKind.Count when Math.Abs(largest) >= 1e6 => In(value, 1e6, "M"),
        NumberKind.Count when Math.Abs(largest) >= 1e4 => In(value, 1e3, "k"),
        _ when value != 0 && Math.Abs(value) is < 1e-3 or >= 1e6 => value.ToString("0.###E+0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.####", CultureInfo.InvariantCulture),
    };

    private static string In(double value, double unit, string name) =>
        value == 0 ? "0" : (value / unit).ToString("0.###", CultureInfo.InvariantCulture) + name;
}

/// <summary>An axis with its range, laid over pixels.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Low">The least value shown.</param>
/// <param name="High">The largest value shown.</param>
/// <param name="Start">The pixel of the least.</param>
/// <param name="End">The pixel of the largest.</param>
/// <param name="Step">How far two numbers along a linear axis are apart.</param>
internal readonly record struct Scale(Axis Axis, double Low, double High, double Start, double End, double Step)
{
    // About so many pixels between two numbers.
    private const double TickSpace = 60;

    /// <summary>A scale that shows all values, from round number to round number.</summary>
    public static Scale Over(Axis axis, IEnumerable<double> values, double start, double end)
    {
        double low = axis.From ?? double.PositiveInfinity, high = axis.To ?? double.NegativeInfinity;
        foreach (double value in values)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }
        if (low > high) (low, high) = (0, 1);
        if (axis.IsLogarithmic) return new Scale(axis, low / 1.1, high * 1.1, start, end, 0);
        if (low == high) (low, high) = (low - Math.Max(Math.Abs(low) * 0.1, 1e-9), high + Math.Max(Math.Abs(high) * 0.1, 1e-9));
        double step = StepOf(axis, (high - low) / Math.Max(2, Math.Abs(end - start) / TickSpace));
        return new Scale(
            axis, axis.From ?? Math.Floor(low / step) * step, axis.To ?? Math.Ceiling(high / step) * step, start, end, step);
    }

    /// <summary>Where a value is.</summary>
    public double At(double value)
    {
        double share = Axis.IsLogarithmic ? Math.Log(value / Low) / Math.Log(High / Low) : (value - Low) / (High - Low);
        return Start + share * (End - Start);
    }

    /// <summary>The values that are written along the axis.</summary>
    public ImmutableArray<double> Ticks()
    {
        if (Axis.IsLogarithmic) return LogarithmicTicks();
        double step = Step;
        int first = (int)Math.Ceiling(Low / step - 1e-9), last = (int)Math.Floor(High / step + 1e-9);
        return [.. Enumerable.Range(first, Math.Max(0, last - first + 1)).Select(tick => tick * step)];
    }

    private ImmutableArray<double> LogarithmicTicks()
    {
        var ticks = ImmutableArray.CreateBuilder<double>();
        double[] steps = High / Low > 100 ? [1] : High / Low > 8 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8];
        for (double decade = Math.Pow(10, Math.Floor(Math.Log10(Low))); decade <= High; decade *= 10)
            foreach (double step in steps)
                if (decade * step >= Low && decade * step <= High) ticks.Add(decade * step);
        return ticks.ToImmutable();
    }

    // The next of 1, 2, 5 times a power of ten, of shares also a quarter; of counts no fraction.
    private static double StepOf(Axis axis, double atLeast)
    {
        if (axis.Kind == NumberKind.Count && atLeast <= 1) return 1;
        double power = Math.Pow(10, Math.Floor(Math.Log10(atLeast)));
        double[] steps = axis.Kind == NumberKind.Share ? [1, 2, 2.5, 5] : [1, 2, 5];
        foreach (double step in steps)
            if (step * power >= atLeast * (1 - 1e-9)) return step * power;
        return 10 * power;
    }
}
