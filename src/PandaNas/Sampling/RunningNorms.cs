namespace PandaNas.Sampling;

/// <summary>The running gradient norm of PA&amp;DA's released code.</summary>
internal static class RunningNorms
{
    /// <summary>m ← (m + n) / 2 wherever there is a norm; NaN says that there is none.</summary>
    public static void Add(Span<double> running, ReadOnlySpan<double> norms)
    {
        for (int i = 0; i < running.Length; i++)
            if (!double.IsNaN(norms[i])) running[i] = (running[i] + norms[i]) / 2;
    }
}
