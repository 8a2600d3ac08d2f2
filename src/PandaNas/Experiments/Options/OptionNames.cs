
namespace PandaNas.Experiments.Options;

/// <summary>The names that options can have.</summary>
internal static class OptionNames
{
    /// <summary>All of a kind, for help and for the nearest one.</summary>
    public static IReadOnlyList<string> Of(NameKind kind) => kind switch
    {
        NameKind.Space => Catalog.Default.SpaceNames,
        NameKind.Method => Catalog.Default.MethodNames,
        NameKind.Schedule => ConfidenceSchedules.Names,
        NameKind.Algorithm => Catalog.Default.SearchNames,
        NameKind.Score => Catalog.Default.ScoreNames,
        NameKind.Preset => OptionFile.PresetNames,
        NameKind.Format => [.. Catalog.Default.Formats.Select(format => format.Name)],
        NameKind.Distribution => VarianceOptions.AllDistributions,
        _ => [],
    };
}
