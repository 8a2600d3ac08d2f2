using System.Collections.Immutable;
using PandaNas.Sampling;
using PandaNas.Statistics;

namespace PandaNas.Tests.Statistics;

public sealed class GaussianProcessTests
{
    private static readonly ProcessKernel One = new(0.3, 1, 0.5, 0.1), Other = new(0, 0.3, 2, 0.3);

    // The equations of a kernel between two points, and of a process of two, written out.
    [Fact]
    public void OfTwoPointsAndOneKernel_ThePredictionIsTheClosedForm()
    {
        var one = new ProcessPoint(1, [0.5, -1]);
        var other = new ProcessPoint(-2, [0, 1]);
        var asked = new ProcessPoint(0.5, [1, 1]);
        double Resemblance(ProcessPoint a, ProcessPoint b)
        {
            (double x, double y) = (a.Features[0] - b.Features[0], a.Features[1] - b.Features[1]);
            double product = a.Features[0] * b.Features[0] + a.Features[1] * b.Features[1];
            return 1 + a.Prior * b.Prior + 0.3 * product / 2 + 1 * Math.Exp(-(x * x + y * y) / (2 * 0.5 * 0.5 * 2));
        }
        (double a, double b, double d) = (Resemblance(one, one) + 0.1, Resemblance(one, other), Resemblance(other, other) + 0.1);
        (double first, double second) = (0.7, -1.3);
        double determinant = a * d - b * b;
        double wanted = Resemblance(asked, one) * (d * first - b * second) / determinant
            + Resemblance(asked, other) * (a * second - b * first) / determinant;

        var process = GaussianProcess.Fit([one, other], [first, second], [One]);
        Assert.Equal(wanted, process.Predict(asked), 12);
        Assert.Equal(One, process.Likeliest);
        Assert.Equal(b / d * second, process.LeftOut[0], 12);
        Assert.Equal(b / a * first, process.LeftOut[1], 12);
    }

    // Evidence by the product of conditional densities: p(y1) p(y2 | y1) …, each of a process of those before.
    [Fact]
    public void OfSeveralKernels_EachCountsByHowProbableItMakesTheTargets()
    {
        (ImmutableArray<ProcessPoint> points, double[] targets) = Drawn(4, 3);
        ProcessPoint asked = Drawn(1, 3, seed: 9).Points[0];
        double Evidence(ProcessKernel kernel) => Enumerable.Range(0, points.Length).Aggregate(1.0, (all, i) =>
        {
            (double mean, double variance) = Conditional(kernel, points[i], points[..i], targets[..i]);
            double error = targets[i] - mean;
            return all * Math.Exp(-error * error / (2 * variance)) / Math.Sqrt(2 * Math.PI * variance);
        });
        double[] evidence = [Evidence(One), Evidence(Other)];
        double share = evidence[0] / evidence.Sum();
        double wanted = share * Conditional(One, asked, points, targets).Mean
            + (1 - share) * Conditional(Other, asked, points, targets).Mean;
        Assert.InRange(share, 0.001, 0.999);
        Assert.Equal(wanted, GaussianProcess.Fit(points, targets, [One, Other]).Predict(asked), 9);
    }

    [Fact]
    public void LeftOut_IsWhatAProcessOfAllOthersPredicts()
    {
        (ImmutableArray<ProcessPoint> points, double[] targets) = Drawn(12, 4);
        var process = GaussianProcess.Fit(points, targets);
        for (int i = 0; i < points.Length; i++)
        {
            var others = GaussianProcess.Fit(points.RemoveAt(i), [.. targets.Where((_, place) => place != i)]);
            Assert.Equal(others.Predict(points[i]), process.LeftOut[i], 8);
        }
    }

    [Fact]
    public void Covariances_AreThoseThatAreLeftOnceOthersAreKnown()
    {
        ImmutableArray<ProcessPoint> points = Drawn(6, 2).Points;
        var left = GaussianProcess.Covariances(One, points, [points[1], points[4]]);
        for (int i = 0; i < points.Length; i++)
        {
            double variance = Conditional(One, points[i], [points[1], points[4]], [0, 0]).Variance - One.Noise;
            Assert.Equal(variance, left[i, i], 10);
        }
        Assert.Equal(One.Of(points[0], points[2]), GaussianProcess.Covariances(One, points, [])[0, 2]);
    }

    // What a target may be given others, conditioning on one after the other.
    private static (double Mean, double Variance) Conditional(
        ProcessKernel kernel, ProcessPoint asked, IReadOnlyList<ProcessPoint> points, IReadOnlyList<double> targets)
    {
        ProcessPoint[] all = [.. points, asked];
        int count = all.Length;
        var left = new double[count, count];
        var means = new double[count];
        for (int i = 0; i < count; i++)
            for (int j = 0; j < count; j++) left[i, j] = kernel.Of(all[i], all[j]) + (i == j ? kernel.Noise : 0);
        for (int known = 0; known < points.Count; known++)
        {
            double[] gain = [.. Enumerable.Range(0, count).Select(i => left[i, known] / left[known, known])];
            double[] row = [.. Enumerable.Range(0, count).Select(j => left[known, j])];
            double surprise = targets[known] - means[known];
            for (int i = 0; i < count; i++)
            {
                means[i] += gain[i] * surprise;
                for (int j = 0; j < count; j++) left[i, j] -= gain[i] * row[j];
            }
        }
        return (means[^1], left[count - 1, count - 1]);
    }

    private static (ImmutableArray<ProcessPoint> Points, double[] Targets) Drawn(int count, int features, long seed = 1)
    {
        RandomStream stream = RandomStream.Derive(seed, "points");
        double Next() => 4 * stream.NextDouble() - 2;
        ImmutableArray<ProcessPoint> points =
            [.. Enumerable.Range(0, count).Select(_ => new ProcessPoint(Next(), [.. Enumerable.Range(0, features).Select(_ => Next())]))];
        return (points, [.. points.Select(point => 0.5 * point.Prior + Math.Sin(point.Features[0]) + 0.1 * Next())]);
    }
}
