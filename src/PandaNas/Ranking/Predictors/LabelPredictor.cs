using System.Collections.Immutable;
using MathNet.Numerics.Statistics;
using PandaNas.Statistics;

namespace PandaNas.Ranking.Predictors;

/// <summary>What is known of an architecture without training it.</summary>
/// <param name="Score">What a ranker orders by; above 0.</param>
/// <param name="Features">What else may tell; as many for every architecture.</param>
internal sealed record ArchitectureFacts(double Score, ImmutableArray<double> Features);

/// <summary>
/// Predicts how accurate architectures are when trained alone, from a few that were: a Gaussian process on the logarithm of a ranker's
/// score and on features, in units of a pool of architectures. The target is −ln(1.005 − accuracy), in which halving the error is
/// a step of the same length everywhere, but for the last half percent.
/// </summary>
internal sealed class LabelPredictor
{
    /// <summary>The fewest labels from which a predictor is made: half of them are chosen before anything was learnt.</summary>
    public const int FewestLabels = 8;

    // Accuracies are known no better, so that nearly perfect ones are not told from each other.
    private const double LeastError = 0.005;

    private readonly Units _units;
    private readonly GaussianProcess _process;
    private readonly double _centre, _scale;

    private LabelPredictor(Units units, ImmutableArray<ProcessPoint> points, double[] accuracies)
    {
        _units = units;
        double[] targets = [.. accuracies.Select(TargetOf)];
        _centre = targets.Mean();
        _scale = targets.PopulationStandardDeviation() is > 0 and var deviation ? deviation : 1;
        _process = GaussianProcess.Fit(points, [.. targets.Select(target => (target - _centre) / _scale)]);
        LeftOut = [.. _process.LeftOut.Select(AccuracyOf)];
    }

    /// <summary>What is predicted of every labelled architecture from the labels of all others.</summary>
    public ImmutableArray<double> LeftOut { get; }

    /// <summary>
    /// Chooses architectures of a pool, half of them spread over the score's quantiles and half those from which the predictor of these
    /// expects to learn most, and makes a predictor of their labels.
    /// </summary>
    /// <param name="pool">Architectures of which no two compute the same; at least as many as labels.</param>
    /// <param name="count">How many labels, at least <see cref="FewestLabels"/>.</param>
    /// <param name="label">The accuracies, in [0, 1], of those at some places of the pool when they are trained.</param>
    /// <returns>The predictor, and the places of the labelled ones in their order.</returns>
    public static (LabelPredictor Predictor, ImmutableArray<int> Labelled) Learn(
        IReadOnlyList<ArchitectureFacts> pool, int count, Func<IReadOnlyList<int>, IReadOnlyList<double>> label)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, FewestLabels);
        var units = new Units(pool);
        ProcessPoint[] points = [.. pool.Select(units.Of)];
        int[] spread = LabelChoice.Spread([.. pool.Select(one => one.Score)], (count + 1) / 2);
        double[] first = [.. label(spread)];
        ProcessKernel kernel = Make(spread, first)._process.Likeliest;
        int[] telling = LabelChoice.MostTelling(kernel, points, spread, count - spread.Length);
        int[] all = [.. spread, .. telling];
        return (Make(all, [.. first, .. label(telling)]), [.. all]);

        LabelPredictor Make(int[] places, double[] accuracies) => new(units, [.. places.Select(place => points[place])], accuracies);
    }

    /// <summary>The accuracy that an architecture would reach if it was trained as the labelled ones were, in [0, 1].</summary>
    public double Predict(ArchitectureFacts facts) => AccuracyOf(_process.Predict(_units.Of(facts)));

    /// <summary>The target of an accuracy in [0, 1].</summary>
    internal static double TargetOf(double accuracy) => -Math.Log(1 + LeastError - accuracy);

    private double AccuracyOf(double output) => Math.Clamp(1 + LeastError - Math.Exp(-(_centre + _scale * output)), 0, 1);

    // Numbers of a pool of which each has a mean of 0 and a deviation of 1; one that is the same for all is 0.
    private sealed class Units
    {
        private readonly (double Mean, double Deviation)[] _columns;

        public Units(IReadOnlyList<ArchitectureFacts> pool)
        {
            double[][] rows = [.. pool.Select(Row)];
            _columns = [.. Enumerable.Range(0, rows[0].Length).Select(column =>
            {
                double[] values = [.. rows.Select(row => row[column])];
                return (values.Mean(), values.PopulationStandardDeviation() is > 0 and var deviation ? deviation : double.PositiveInfinity);
            })];
        }

        public ProcessPoint Of(ArchitectureFacts facts)
        {
            double[] row = Row(facts);
            for (int column = 0; column < row.Length; column++)
                row[column] = (row[column] - _columns[column].Mean) / _columns[column].Deviation;
            return new ProcessPoint(row[0], [.. row[1..]]);
        }

        private static double[] Row(ArchitectureFacts facts) => [Math.Log(facts.Score), .. facts.Features];
    }
}
