namespace PandaNas.Sampling;

/// <summary>Distributions that mix importance with the uniform one.</summary>
internal static class Mixture
{
    /// <summary>c·w/Σw + (1 − c)/n, which sums to 1; uniform where the weights say nothing (their sum is 0 or not finite).</summary>
    /// <param name="weights">w: not negative.</param>
    /// <param name="confidence">c in [0, 1].</param>
    public static double[] WithUniform(ReadOnlySpan<double> weights, double confidence)
    {
        int count = weights.Length;
        double largest = 0;
        foreach (double weight in weights) largest = weight > largest ? weight : largest;
        var mixed = new double[count];
        // Divided by the largest first, so that neither huge nor tiny weights overflow or vanish in the sum.
        double total = 0;
        bool usable = largest > 0 && double.IsFinite(largest);
        for (int i = 0; i < count && usable; i++)
        {
            mixed[i] = weights[i] / largest;
            total += mixed[i];
            usable = weights[i] >= 0;
        }
        for (int i = 0; i < count; i++) mixed[i] = usable ? confidence * mixed[i] / total + (1 - confidence) / count : 1.0 / count;
        return mixed;
    }

    /// <summary>1/n for each of n.</summary>
    public static double[] Uniform(int count)
    {
        var probabilities = new double[count];
        Array.Fill(probabilities, 1.0 / count);
        return probabilities;
    }

    /// <summary>Shannon entropy in nats.</summary>
    public static double Entropy(ReadOnlySpan<double> probabilities)
    {
        double entropy = 0;
        foreach (double p in probabilities)
            if (p > 0) entropy -= p * Math.Log(p);
        return entropy;
    }

    /// <summary>Effective sample size 1/Σp²: how many equally likely outcomes would be as concentrated.</summary>
    public static double EffectiveSampleSize(ReadOnlySpan<double> probabilities)
    {
        double sum = 0;
        foreach (double p in probabilities) sum += p * p;
        return 1 / sum;
    }
}
