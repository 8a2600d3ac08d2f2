namespace PandaNas.Optimization;

/// <summary>Schedules as pure functions of the progress of a training, 0 at its start and 1 at its end.</summary>
public static class Schedules
{
    /// <summary>The cosine that falls from 1 to 0 (Loshchilov and Hutter 2017): ½(1 + cos πp).</summary>
    public static double Cosine(double progress) => 0.5 * (1 + Math.Cos(Math.PI * progress));

    /// <summary>A ramp from 0 to 1: the confidence δ and τ that PA&amp;DA has in its estimates.</summary>
    public static double Linear(double progress) => progress;
}
