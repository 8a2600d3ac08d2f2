using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Ranking;

namespace PandaNas.Experiments.Options;

/// <summary>The K of BR@K and the like as users write them: numbers and shares, for example <c>1,10,5%</c>.</summary>
internal sealed class TopSizes
{
    private readonly ImmutableArray<(double Value, bool IsShare)> _sizes;

    private TopSizes(ImmutableArray<(double Value, bool IsShare)> sizes) => _sizes = sizes;

    /// <summary>Reads a list.</summary>
    /// <exception cref="BadOptionException">
    /// An item is neither a whole number of at least 1 nor a share above 0% and up to 100%.
    /// </exception>
    public static TopSizes Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new TopSizes([.. text.Split(',', StringSplitOptions.TrimEntries).Select(ParseItem)]);
    }

    /// <summary>The K for so many architectures, ascending, each once and none above their number.</summary>
    public ImmutableArray<int> Of(int architectures) =>
    [
        .. _sizes.Select(size => size.IsShare ? RankStatistics.TopCount(architectures, size.Value) : (int)size.Value)
            .Where(k => k <= architectures).Distinct().Order(),
    ];

    private static (double Value, bool IsShare) ParseItem(string item)
    {
        if (item.EndsWith('%')
            && double.TryParse(item[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent)
            && percent is > 0 and <= 100)
            return (percent / 100, true);
        if (int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= 1) return (count, false);
        throw new BadOptionException(
            $"'{item}' is neither a whole number of at least 1 nor a share such as 5%; give a list such as 1,10,5%");
    }
}
