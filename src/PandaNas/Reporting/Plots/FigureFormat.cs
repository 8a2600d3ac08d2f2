namespace PandaNas.Reporting.Plots;

/// <summary>What a file of a figure is.</summary>
internal enum FigureFormat
{
    /// <summary>Lines and texts, to be edited and printed.</summary>
    Svg,

    /// <summary>Pixels.</summary>
    Png,
}
