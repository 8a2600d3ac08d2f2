using PandaNas.Optimization;
using PandaNas.Runtime.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>
/// Sum and sum of squares of gradient vectors, by group of parameters: one running vector in double precision and one number per group,
/// however many gradients are added.
/// </summary>
internal sealed class GradientMoments : IDisposable
{
    private readonly int[] _groups;
    private readonly Tensor[] _sums;
    private readonly double[] _squares;

    /// <summary>Nothing added yet.</summary>
    /// <param name="weights">The parameters.</param>
    /// <param name="groups">The group of each of them.</param>
    public GradientMoments(IReadOnlyList<Tensor> weights, ParameterGroups groups)
    {
        _groups = [.. groups.OfWeights];
        _squares = new double[groups.Names.Length];
        using var _ = no_grad();
        _sums = [.. weights.Select(weight => zeros(weight.shape, ScalarType.Float64, weight.device).DetachFromDisposeScope())];
    }

    /// <summary>Gradients added.</summary>
    public int Count { get; private set; }

    /// <summary>The sum of the gradients, weight by weight.</summary>
    public IReadOnlyList<Tensor> Sums => _sums;

    /// <summary>The mean of the squared norms, by group.</summary>
    public double[] MeanSquares => [.. _squares.Select(sum => sum / Count)];

    /// <summary>The squared norm of the mean gradient, by group.</summary>
    public double[] SquaredMeans
    {
        get
        {
            double[] norms = SumNorms();
            var squares = new double[_squares.Length];
            for (int i = 0; i < norms.Length; i++) squares[_groups[i]] += norms[i] * norms[i] / ((double)Count * Count);
            return squares;
        }
    }

    /// <summary>Mean of the squared norms less the squared norm of the mean, by group.</summary>
    public double[] Variances => [.. MeanSquares.Zip(SquaredMeans, (square, mean) => square - mean)];

    /// <summary>Adds one gradient, multiplied by a factor; a missing part is zero.</summary>
    public void Add(Tensor?[] gradients, double factor)
    {
        using var _ = no_grad();
        double[] norms = GradientNorms.Of(gradients);
        using Scalar scale = factor.ToScalar();
        for (int i = 0; i < norms.Length; i++)
        {
            if (gradients[i] is not { } gradient) continue;
            _squares[_groups[i]] += factor * factor * norms[i] * norms[i];
            _sums[i].add_(gradient, scale);
        }
        Count++;
    }

    /// <summary>Adds everything that another one has, and empties that.</summary>
    public void Take(GradientMoments other)
    {
        using var _ = no_grad();
        for (int i = 0; i < _sums.Length; i++)
        {
            _sums[i].AddInPlace(other._sums[i]);
            other._sums[i].zero_();
        }
        for (int group = 0; group < _squares.Length; group++) _squares[group] += other._squares[group];
        Array.Clear(other._squares);
        Count += other.Count;
        other.Count = 0;
    }

    /// <summary>Frees the vector.</summary>
    public void Dispose()
    {
        foreach (Tensor sum in _sums) sum.Dispose();
    }

    private double[] SumNorms()
    {
        using var scope = NewDisposeScope();
        return stack(_sums.Select(sum => sum.norm())).cpu().data<double>().ToArray();
    }
}
