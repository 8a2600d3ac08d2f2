using System.Collections.Immutable;

namespace PandaNas.Latency;

/// <summary>A network as the calibration sees it.</summary>
/// <param name="Measured">How long it takes, above 0.</param>
/// <param name="AloneByKind">By kind of layer, how long its layers take by themselves, summed; in the same order in all networks.</param>
internal sealed record CalibrationNetwork(double Measured, ImmutableArray<double> AloneByKind);

/// <summary>
/// Brings the times of layers that ran alone into context. A layer in a network finds other things in the caches and is called between
/// others; how much longer or shorter it takes is alike for layers of one kind. So measured ≈ constant + Σ factor of the kind × time
/// alone, fitted by least squares of the relative errors, constant and factors at least 0.
/// </summary>
internal static class Calibration
{
    // A factor that the networks say little about stays near 1: its prior weighs as much as so many networks.
    private const double PriorNetworks = 1;

    private const int MaxSweeps = 100_000;
    private const double Converged = 1e-12;

    /// <summary>The constant, in the unit of the times, and the factors of the kinds.</summary>
    public static (double Constant, ImmutableArray<double> Factors) Fit(IReadOnlyList<CalibrationNetwork> networks)
    {
        int kinds = networks[0].AloneByKind.Length;
        // Divided by what was measured, the target is 1 for every network; the last unknown is the constant, in units of the mean time.
        double unit = networks.Average(network => network.Measured);
        double[][] rows = [.. networks.Select(
            network => (double[])[.. network.AloneByKind.Select(alone => alone / network.Measured), unit / network.Measured])];
        var prior = new double[kinds + 1];
        for (int kind = 0; kind < kinds; kind++) prior[kind] = PriorNetworks * rows.Average(row => row[kind] * row[kind]);
        double[] solution = Solve(rows, prior);
        return (solution[kinds] * unit, [.. solution[..kinds]]);
    }

    // Minimises Σ (row·x − 1)² + Σ prior·(x − 1)² over x ≥ 0, one coordinate after the other: the problem is convex, so that this ends at
    // its minimum.
    private static double[] Solve(double[][] rows, double[] prior)
    {
        int unknowns = prior.Length;
        var x = new double[unknowns];
        for (int k = 0; k < unknowns - 1; k++) x[k] = 1;
        double[] missing = [.. rows.Select(row => 1 - Dot(row, x))];
        double[] curvature = [.. Enumerable.Range(0, unknowns).Select(k => prior[k] + rows.Sum(row => row[k] * row[k]))];
        for (int sweep = 0; sweep < MaxSweeps; sweep++)
        {
            double moved = 0;
            for (int k = 0; k < unknowns; k++)
            {
                if (curvature[k] == 0) continue;
                double slope = prior[k] * (1 - x[k]);
                for (int i = 0; i < rows.Length; i++) slope += rows[i][k] * missing[i];
                double step = Math.Max(x[k] + slope / curvature[k], 0) - x[k];
                x[k] += step;
                for (int i = 0; i < rows.Length; i++) missing[i] -= rows[i][k] * step;
                moved = Math.Max(moved, Math.Abs(step));
            }
            if (moved < Converged) break;
        }
        return x;
    }

    private static double Dot(double[] one, double[] other) => one.Zip(other, (left, right) => left * right).Sum();
}
