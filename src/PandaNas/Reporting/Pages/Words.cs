using System.Globalization;
using PandaNas.Statistics;

namespace PandaNas.Reporting.Pages;

/// <summary>Numbers as people read them in sentences.</summary>
internal static class Words
{
    /// <summary>A share as percent with one digit, for example <c>61.3%</c>.</summary>
    public static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + "%";

    /// <summary>A whole number with commas.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number with so many digits after the point.</summary>
    public static string Number(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);

    /// <summary>A number with its sign.</summary>
    public static string Signed(double value, int digits) =>
        value.ToString($"+0.{new string('0', digits)};-0.{new string('0', digits)}", CultureInfo.InvariantCulture);

    /// <summary>An interval, for example <c>59.0% to 65.0%</c>.</summary>
    public static string Range(Interval interval, Func<double, string> text) => $"{text(interval.Lower)} to {text(interval.Upper)}";

    /// <summary>What a control of rankings counts.</summary>
    public static string Control(string name) => name switch
    {
        "params" => "parameters",
        "macs" => "multiply-adds",
        "live_params" => "live parameters",
        "live_macs" => "live multiply-adds",
        _ => name,
    };

    /// <summary>A PNG file as the address of its data.</summary>
    public static string Picture(byte[] png) => $"data:image/png;base64,{Convert.ToBase64String(png)}";

    /// <summary>A time, in the unit that fits.</summary>
    public static string Duration(double seconds) =>
        seconds < 120 ? Number(seconds, 0) + " s" : seconds < 7200 ? Number(seconds / 60, 0) + " min" : Number(seconds / 3600, 1) + " h";
}
