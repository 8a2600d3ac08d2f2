namespace PandaNas.Statistics;

/// <summary>Student's t distribution for whole degrees of freedom, which is what differences over seeds have.</summary>
internal static class StudentT
{
    // Halvings after which the bracket is below the precision of a double.
    private const int Bisections = 200;

    /// <summary>The t that |T| does not exceed with the given probability, for example 12.706 for 0.95 and one degree.</summary>
    /// <param name="probability">In (0, 1).</param>
    /// <param name="degrees">Degrees of freedom, at least 1.</param>
    public static double TwoSided(double probability, int degrees)
    {
        double lower = 0, upper = 1;
        while (Within(upper, degrees) < probability) upper *= 2;
        for (int i = 0; i < Bisections; i++)
        {
            double middle = (lower + upper) / 2;
            if (Within(middle, degrees) < probability) lower = middle;
            else upper = middle;
        }
        return (lower + upper) / 2;
    }

    /// <summary>The probability of |T| ≤ t: the finite series of Abramowitz and Stegun 1964, 26.7.3 and 26.7.4.</summary>
    private static double Within(double t, int degrees)
    {
        double angle = Math.Atan(t / Math.Sqrt(degrees)), cosine = Math.Cos(angle), sine = Math.Sin(angle);
        bool odd = degrees % 2 == 1;
        double term = odd ? cosine : 1, sum = degrees == 1 ? 0 : term;
        for (int power = odd ? 3 : 2; power <= degrees - 2; power += 2)
        {
            term *= cosine * cosine * (power - 1) / power;
            sum += term;
        }
        return odd ? 2 / Math.PI * (angle + sine * sum) : sine * sum;
    }
}
