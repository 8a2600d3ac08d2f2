namespace PandaNas.Optimization;

/// <summary>Schedules as pure functions of the progress of a training, 0 at its start and 1 at its end.</summary>
internal static class Schedules
{
    /// <summary>The cosine that falls from 1 to 0 (Loshchilov and Hutter 2017): ½(1 + cos πp).</summary>
    public static double Cosine(double progress) => 0.5 * (1 + Math.Cos(Math.PI * progress));

    /// <summary>A cosine after a warm-up: (e + 1)/(w + 1) in the first w epochs, then the cosine over those that are left.</summary>
    /// <param name="epoch">e, from 0.</param>
    /// <param name="warmUp">w, at least 0 and below the epochs.</param>
    /// <param name="epochs">All epochs.</param>
    public static double CosineAfterWarmUp(int epoch, int warmUp, int epochs) =>
        epoch < warmUp ? (epoch + 1.0) / (warmUp + 1) : Cosine((double)(epoch - warmUp) / (epochs - warmUp));

    /// <summary>A ramp from 0 to 1: the confidence δ and τ that PA&amp;DA has in its estimates.</summary>
    public static double Linear(double progress) => progress;

    /// <summary>A slow start that quickens: p².</summary>
    public static double Quadratic(double progress) => progress * progress;

    /// <summary>A slow start and a slow end, from 0 to 1: ½(1 − cos πp).</summary>
    public static double RisingCosine(double progress) => 1 - Cosine(progress);

    /// <summary>0 in the first half, 1 in the second.</summary>
    public static double Step(double progress) => progress < 0.5 ? 0 : 1;

    /// <summary>1 from the start.</summary>
    public static double Constant(double progress) => 1;
}
