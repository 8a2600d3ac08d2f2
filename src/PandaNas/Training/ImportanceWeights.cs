namespace PandaNas.Training;

/// <summary>The factors that undo importance sampling of data.</summary>
internal static class ImportanceWeights
{
    /// <summary>1/(N·q) for every example of a mini-batch.</summary>
    /// <param name="examples">Their indices.</param>
    /// <param name="probabilities">q: the probability of each of the N examples; above 0 for those drawn.</param>
    public static float[] Of(ReadOnlySpan<int> examples, ReadOnlySpan<double> probabilities)
    {
        var weights = new float[examples.Length];
        for (int i = 0; i < weights.Length; i++) weights[i] = (float)(1 / (probabilities.Length * probabilities[examples[i]]));
        return weights;
    }
}
