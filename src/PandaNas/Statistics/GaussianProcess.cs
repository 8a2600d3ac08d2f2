using System.Collections.Immutable;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace PandaNas.Statistics;

/// <summary>What a Gaussian process knows of a point. Numbers should have a mean of about 0 and a deviation of about 1.</summary>
/// <param name="Prior">What is believed to decide the target; its weight is hardly restrained.</param>
/// <param name="Features">What may tell more; as many for every point.</param>
internal sealed record ProcessPoint(double Prior, ImmutableArray<double> Features);

/// <summary>
/// How much targets of two points resemble each other before any is known: 1 + p p' + a x·x'/D + f exp(−|x − x'|²/(2 s² D)), and n
/// more for a target and itself; p are the priors and x the D features. Units are the targets' variance.
/// </summary>
/// <param name="Linear">a: of what is linear in the features.</param>
/// <param name="Smooth">f: of what is any smooth function of them.</param>
/// <param name="Length">s: at which distance, in root mean squares of the features, that has changed.</param>
/// <param name="Noise">n: of what no point tells.</param>
internal readonly record struct ProcessKernel(double Linear, double Smooth, double Length, double Noise)
{
    /// <summary>The resemblance of two points, without noise.</summary>
    public double Of(ProcessPoint one, ProcessPoint other)
    {
        (double product, double distance) = Compare(one, other);
        return Of(one.Prior * other.Prior, product, distance);
    }

    /// <summary>The resemblance of points whose priors, features and distance in features are known.</summary>
    internal double Of(double priors, double product, double distance) =>
        1 + priors + Linear * product + Smooth * Math.Exp(-distance / (2 * Length * Length));

    /// <summary>x·x'/D and |x − x'|²/D; 0 without features.</summary>
    internal static (double Product, double Distance) Compare(ProcessPoint one, ProcessPoint other)
    {
        double product = 0, distance = 0;
        int count = one.Features.Length;
        for (int i = 0; i < count; i++)
        {
            (double x, double y) = (one.Features[i], other.Features[i]);
            product += x * y;
            distance += (x - y) * (x - y);
        }
        return count == 0 ? (0, 0) : (product / count, distance / count);
    }
}

/// <summary>
/// Gaussian-process regression (Rasmussen and Williams 2006, chapter 2) whose kernel is no single one: predictions are the mean of those by
/// a fixed set of kernels, each weighted by how probable it makes the targets (section 5.2), since few targets do not tell one kernel.
/// </summary>
internal sealed class GaussianProcess
{
    private static readonly double[] Linears = [0, 0.03, 0.1, 0.3, 1], Smooths = [0.03, 0.1, 0.3, 1], Noises = [0.01, 0.03, 0.1, 0.3];
    private static readonly double[] Lengths = [0.5, 1, 2];

    private readonly ImmutableArray<ProcessPoint> _points;
    // The sums over kernels of weight × coefficient of every point, for each part of the kernel.
    private readonly double[] _constant, _linear;
    private readonly double[][] _smooth;

    private GaussianProcess(ImmutableArray<ProcessPoint> points, IReadOnlyList<Fitted> all)
    {
        _points = points;
        double[] weights = Shares(all.Select(one => one.LogEvidence));
        _constant = Sum(one => 1);
        _linear = Sum(one => one.Kernel.Linear);
        _smooth = [.. Lengths.Select(length => Sum(one => one.Kernel.Length == length ? one.Kernel.Smooth : 0))];
        Likeliest = all[Array.IndexOf(weights, weights.Max())].Kernel;
        LeftOut = [.. Enumerable.Range(0, points.Length).Select(point =>
        {
            // How probable a kernel makes the others is what it makes of all, without what it makes of this one.
            double[] without = Shares(all.Select(one => one.LogEvidence - one.LogLeftOut[point]));
            return all.Select((one, kernel) => without[kernel] * one.LeftOut[point]).Sum();
        })];

        double[] Sum(Func<Fitted, double> factor) =>
            [.. points.Select((_, point) => all.Select((one, kernel) => weights[kernel] * factor(one) * one.Coefficients[point]).Sum())];
    }

    /// <summary>The kernels of which one process is made.</summary>
    public static ImmutableArray<ProcessKernel> Kernels { get; } =
    [
        .. from linear in Linears
           from smooth in Smooths
           from length in Lengths
           from noise in Noises
           select new ProcessKernel(linear, smooth, length, noise),
    ];

    /// <summary>The kernel that makes the targets most probable.</summary>
    public ProcessKernel Likeliest { get; }

    /// <summary>What is predicted of every point by a process of all others.</summary>
    public ImmutableArray<double> LeftOut { get; }

    /// <summary>Fits a process.</summary>
    /// <param name="points">At least two.</param>
    /// <param name="targets">One for every point, of mean 0 and deviation 1.</param>
    public static GaussianProcess Fit(ImmutableArray<ProcessPoint> points, IReadOnlyList<double> targets) => Fit(points, targets, Kernels);

    /// <summary>The same with other kernels, each of a length that <see cref="Kernels"/> have.</summary>
    internal static GaussianProcess Fit(
        ImmutableArray<ProcessPoint> points, IReadOnlyList<double> targets, ImmutableArray<ProcessKernel> kernels)
    {
        if (points.Length < 2 || targets.Count != points.Length)
            throw new ArgumentException($"as many targets as points, at least two: found {targets.Count} and {points.Length}");
        var compared = new (double Product, double Distance)[points.Length, points.Length];
        for (int i = 0; i < points.Length; i++)
            for (int j = 0; j < points.Length; j++) compared[i, j] = ProcessKernel.Compare(points[i], points[j]);
        Vector<double> wanted = DenseVector.OfEnumerable(targets);
        return new GaussianProcess(points, [.. kernels.Select(kernel => Fitted.Of(
            kernel,
            Matrix<double>.Build.Dense(points.Length, points.Length, (i, j) =>
                kernel.Of(points[i].Prior * points[j].Prior, compared[i, j].Product, compared[i, j].Distance)
                + (i == j ? kernel.Noise : 0)),
            wanted))]);
    }

    /// <summary>The mean of what the target of a point may be.</summary>
    public double Predict(ProcessPoint point)
    {
        double sum = 0;
        for (int i = 0; i < _points.Length; i++)
        {
            (double product, double distance) = ProcessKernel.Compare(point, _points[i]);
            sum += _constant[i] * (1 + point.Prior * _points[i].Prior) + _linear[i] * product;
            for (int length = 0; length < Lengths.Length; length++)
                sum += _smooth[length][i] * Math.Exp(-distance / (2 * Lengths[length] * Lengths[length]));
        }
        return sum;
    }

    /// <summary>
    /// The covariances that targets of some points have once those of others are known, with one kernel: what is left to learn.
    /// </summary>
    public static Matrix<double> Covariances(
        ProcessKernel kernel, IReadOnlyList<ProcessPoint> points, IReadOnlyList<ProcessPoint> known)
    {
        Matrix<double> Between(IReadOnlyList<ProcessPoint> rows, IReadOnlyList<ProcessPoint> columns) =>
            Matrix<double>.Build.Dense(rows.Count, columns.Count, (i, j) => kernel.Of(rows[i], columns[j]));
        Matrix<double> among = Between(points, points);
        if (known.Count == 0) return among;
        Matrix<double> across = Between(known, points);
        Matrix<double> of = Between(known, known) + kernel.Noise * Matrix<double>.Build.DenseIdentity(known.Count);
        return among - across.TransposeThisAndMultiply(of.Cholesky().Solve(across));
    }

    // e^x of each as a share of the sum of all.
    private static double[] Shares(IEnumerable<double> logarithms)
    {
        double[] values = [.. logarithms];
        double most = values.Max();
        for (int i = 0; i < values.Length; i++) values[i] = Math.Exp(values[i] - most);
        double sum = values.Sum();
        return Array.ConvertAll(values, value => value / sum);
    }

    // With one kernel. Coefficients are K⁻¹y; left out is the prediction of a point by the others (section 5.4.2), and how probable that
    // makes its target. Both logarithms leave out what all kernels have in common.
    private sealed record Fitted(
        ProcessKernel Kernel, double LogEvidence, Vector<double> Coefficients, double[] LeftOut, double[] LogLeftOut)
    {
        public static Fitted Of(ProcessKernel kernel, Matrix<double> covariances, Vector<double> targets)
        {
            int count = targets.Count;
            Cholesky<double> root = covariances.Cholesky();
            Vector<double> coefficients = root.Solve(targets);
            double[] precisions = [.. root.Solve(Matrix<double>.Build.DenseIdentity(count)).Diagonal()];
            double evidence = -targets.DotProduct(coefficients) / 2 - root.DeterminantLn / 2;
            double[] errors = [.. coefficients.Select((coefficient, i) => coefficient / precisions[i])];
            return new Fitted(
                kernel, evidence, coefficients, [.. errors.Select((error, i) => targets[i] - error)],
                [.. errors.Select((error, i) => Math.Log(precisions[i]) / 2 - error * error * precisions[i] / 2)]);
        }
    }
}
