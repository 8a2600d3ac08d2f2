namespace PandaNas.Supernets.Darts;

/// <summary>One cell of a DARTS network: its place and its widths.</summary>
/// <param name="Kind">Normal or reduction.</param>
/// <param name="AfterReduction">Whether its first input is twice as large as its second.</param>
/// <param name="FirstInput">Channels of the first input, the output of the cell before the last.</param>
/// <param name="SecondInput">Channels of the second input, the output of the last cell.</param>
/// <param name="Channels">Channels of every node; the output has four times as many.</param>
internal readonly record struct DartsCellPlan(DartsCellKind Kind, bool AfterReduction, int FirstInput, int SecondInput, int Channels)
{
    /// <summary>Channels of the output.</summary>
    public int Output => DartsSpace.Nodes * Channels;
}

/// <summary>
/// The order of cells in a DARTS network (Liu et al. 2019): N cells, of which those at a third and at two thirds halve the size and
/// double the channels.
/// </summary>
internal static class DartsMacro
{
    private const int StemMultiplier = 3;

    /// <summary>Channels of the stem's output: 3C for small images, C for large ones.</summary>
    public static int StemChannels(NetworkOptions options) => options.HasLargeStem ? options.Channels : StemMultiplier * options.Channels;

    /// <summary>The place of the cell whose output the auxiliary head classifies.</summary>
    public static int AuxiliaryPlace(NetworkOptions options) => 2 * options.Cells / 3;

    /// <summary>The cells in order.</summary>
    public static IEnumerable<DartsCellPlan> Cells(NetworkOptions options)
    {
        int first = StemChannels(options), second = first, channels = options.Channels;
        // The large stem hands over two sizes, as a reduction cell does.
        bool afterReduction = options.HasLargeStem;
        for (int place = 0; place < options.Cells; place++)
        {
            bool reduces = place == options.Cells / 3 || place == 2 * options.Cells / 3;
            if (reduces) channels *= 2;
            var plan = new DartsCellPlan(reduces ? DartsCellKind.Reduction : DartsCellKind.Normal, afterReduction, first, second, channels);
            yield return plan;
            (first, second, afterReduction) = (second, plan.Output, reduces);
        }
    }
}
